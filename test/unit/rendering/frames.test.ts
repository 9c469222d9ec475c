import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameSplitter } from '../../../gateway/rendering/frame-splitter.ts';
import { decodeJson, encodeJson, frameHeader, MAX_PAYLOAD, pieces } from '../../../gateway/rendering/frames.ts';
import { parseInspected, parsePage, parseRejection } from '../../../gateway/rendering/replies.ts';

const wire = Buffer.concat([
  frameHeader('ready', 0),
  frameHeader('inspected', 2),
  Buffer.from('{}'),
  frameHeader('chunk', 5),
  Buffer.from([1, 2, 3, 4, 5]),
]);

describe('frames', () => {
  test('come out whole however the pipe cuts them', () => {
    for (let size = 1; size <= wire.length; size++) {
      const splitter = new FrameSplitter();
      const frames = [...pieces(wire, size)].flatMap((piece) => [...splitter.push(piece)]);
      assert.deepEqual(
        frames.map(({ kind, payload }) => [kind, [...payload]]),
        [
          ['ready', []],
          ['inspected', [0x7b, 0x7d]],
          ['chunk', [1, 2, 3, 4, 5]],
        ],
      );
      assert.equal(splitter.partial, false);
    }
  });

  test('an unknown kind or a length above the limit is refused before anything is kept', () => {
    const refused = (bytes: number[]) => () => [...new FrameSplitter().push(Uint8Array.from(bytes))];
    assert.throws(refused([0, 0, 0, 0, 0]), { name: 'RenderingError', code: 'protocol' });
    assert.throws(refused([0, 0, 0, 0, 200]), { code: 'protocol' });
    assert.throws(refused([0xff, 0xff, 0xff, 0xff, 4]), { code: 'protocol' });
    assert.throws(() => frameHeader('chunk', MAX_PAYLOAD + 1), { code: 'protocol' });
  });

  test('a JSON payload is an object or refused', () => {
    assert.deepEqual(decodeJson(encodeJson({ a: 1 })), { a: 1 });
    for (const text of ['[]', 'null', '3', '{', '']) {
      assert.throws(() => decodeJson(new TextEncoder().encode(text)), { code: 'protocol' });
    }
  });
});

describe('what a child says is checked', () => {
  const page = { page: 1, width: 1728, rows: 10, xDpi: 204, yDpi: 196, bytes: 5, mark: 'a'.repeat(64), warnings: [] };

  test('a page in form is taken, with control characters cut out of its warnings', () => {
    const notice = parsePage(encodeJson({ ...page, warnings: ['a\u0000b', 3] }), 1);
    assert.equal(notice.object, 'page/1');
    assert.deepEqual(notice.warnings, ['a b', '']);
  });

  for (const [field, value] of Object.entries({
    page: 2,
    width: 0,
    rows: -1,
    xDpi: 1e9,
    yDpi: 1.5,
    bytes: '5',
    mark: 'A',
  })) {
    test(`a page with ${field} = ${value} is refused`, () => {
      assert.throws(() => parsePage(encodeJson({ ...page, [field]: value }), 1), { code: 'protocol' });
    });
  }

  test('more pages than were allowed are refused', () => {
    assert.throws(() => parseInspected(encodeJson({ pages: 21, mediaTypes: [] }), 20), { code: 'protocol' });
  });

  test('a rejection keeps a known cause and becomes a crash otherwise', () => {
    assert.equal(parseRejection(encodeJson({ cause: 'encrypted', message: 'm', document: 1 })).cause, 'encrypted');
    assert.equal(parseRejection(encodeJson({ cause: 'constructor' })).cause, 'crash');
  });
});
