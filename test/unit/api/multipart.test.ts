import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readForm } from '../../../api/submit/multipart.ts';

const HEADERS = { 'content-type': 'multipart/form-data; boundary=b' };
const FILE = Buffer.from(Array.from({ length: 5_000 }, (_, at) => at & 255));
const FORM = Buffer.concat([
  Buffer.from('--b\r\ncontent-disposition: form-data; name="to"\r\n\r\n+49302222222\r\n'),
  Buffer.from(
    '--b\r\ncontent-disposition: form-data; name="document"; filename="ä.bin"\r\ncontent-type: image/png\r\n\r\n',
  ),
  FILE,
  Buffer.from('\r\n--b\r\ncontent-disposition: form-data; name="document"; filename="b"\r\n\r\nsecond\r\n--b--\r\n'),
]);

/** The form in pieces, each of which is zeroed when the next is asked for, as the seal does. */
async function* pieces(form: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < form.length; at += size) {
    const piece = Buffer.from(form.subarray(at, at + size));
    yield piece;
    piece.fill(0);
  }
}

async function read(form: Buffer, size: number) {
  const documents: { about: unknown; bytes: Buffer }[] = [];
  const fields = await readForm(HEADERS, pieces(form, size), async (about, source) => {
    const parts: Buffer[] = [];
    for await (const chunk of source) {
      parts.push(Buffer.from(chunk));
      chunk.fill(0);
    }
    documents.push({ about, bytes: Buffer.concat(parts) });
  });
  return { fields, documents };
}

describe('a multipart form', () => {
  test('gives its documents and fields, however it is cut into pieces', async () => {
    for (const size of [1, 7, 100, 4_096, FORM.length]) {
      const { fields, documents } = await read(FORM, size);
      assert.deepEqual(fields, { to: '+49302222222' });
      assert.deepEqual(documents[0]?.bytes, FILE, `pieces of ${size}`);
      assert.deepEqual(documents[0]?.about, { mediaType: 'image/png', fileName: 'ä.bin' });
      assert.equal(documents[1]?.bytes.toString(), 'second');
    }
  });

  test('that ends too early is refused, wherever it ends', async () => {
    const end = FORM.indexOf('--b--');
    for (let length = 0; length < end + 5; length += 97) {
      await assert.rejects(read(FORM.subarray(0, length), 50), { code: 'body_invalid' }, `${length} octets`);
    }
  });

  test('passes on what its taker throws, and what its source throws', async () => {
    const refuse = () => Promise.reject(new Error('refused'));
    await assert.rejects(readForm(HEADERS, pieces(FORM, 100), refuse), /refused/);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield FORM.subarray(0, 300);
      throw new Error('the line broke');
    }
    const takeAll = async (_about: unknown, source: AsyncIterable<Uint8Array>) => {
      for await (const chunk of source) chunk.fill(0);
    };
    await assert.rejects(readForm(HEADERS, broken(), takeAll), /the line broke/);
    await assert.rejects(readForm({ 'content-type': 'multipart/form-data' }, pieces(FORM, 100), takeAll), {
      code: 'body_invalid',
    });
  });
});
