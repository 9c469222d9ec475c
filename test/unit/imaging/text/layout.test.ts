import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeText } from '../../../../gateway/imaging/text/decode.ts';
import { layoutText } from '../../../../gateway/imaging/text/layout.ts';

describe('plain text is set in lines and pages', () => {
  test('tabs go to the next multiple of eight', () => {
    assert.deepEqual(layoutText('a\tb\n1234567\t8\n\tx', 20, 9), [['a       b', '1234567 8', '        x']]);
  });

  test('long lines are wrapped at the last space, words longer than a line are broken', () => {
    assert.deepEqual(layoutText('one two three', 8, 9), [['one two', 'three']]);
    assert.deepEqual(layoutText('abcdefghijk', 4, 9), [['abcd', 'efgh', 'ijk']]);
  });

  test('every character of a wrapped text is printed', () => {
    const text = Array.from({ length: 300 }, (_, i) => 'x'.repeat(1 + (i % 13))).join(' ');
    const lines = layoutText(text, 11, 1000).flat();
    assert.ok(lines.every((line) => line.length <= 11));
    assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
  });

  test('form feeds and full pages start a new page, blank pages at the end are dropped', () => {
    assert.deepEqual(layoutText('a\n\fb\nc\nd\n\f\f', 9, 2), [['a'], ['b', 'c'], ['d']]);
    assert.deepEqual(layoutText('\n\n', 9, 9), []);
  });
});

describe('the bytes of a text file', () => {
  test('UTF-8, UTF-16 with a byte order mark and Windows-1252 are read', () => {
    assert.equal(decodeText(new TextEncoder().encode('Ä Ω Я')), 'Ä Ω Я');
    assert.equal(decodeText(Uint8Array.of(0xff, 0xfe, 0xc4, 0, 0xa9, 3)), 'ÄΩ');
    assert.equal(decodeText(Uint8Array.of(0xfe, 0xff, 0, 0xc4, 3, 0xa9)), 'ÄΩ');
    assert.equal(decodeText(Uint8Array.of(0x80, 0x20, 0xc4)), '€ Ä');
  });

  test('line ends of every system become one', () => {
    assert.equal(decodeText(new TextEncoder().encode('a\r\nb\rc\nd')), 'a\nb\nc\nd');
  });

  test('control characters make it no text', () => {
    assert.throws(() => decodeText(Uint8Array.of(0x41, 0x00)), { name: 'DocumentError', code: 'damaged' });
    assert.throws(() => decodeText(Uint8Array.of(0x1b, 0x5b)), { code: 'damaged' });
  });
});
