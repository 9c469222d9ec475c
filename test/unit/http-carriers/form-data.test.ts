import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFormData } from '../../../carrier-adapters/http/index.ts';

const TYPE = 'multipart/form-data; boundary=b-1';
const FILE = Uint8Array.from({ length: 300 }, (_, at) => at & 255);

const part = (headers: string, content: Uint8Array | string) =>
  Buffer.concat([Buffer.from(`--b-1\r\n${headers}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]);
const FORM = Buffer.concat([
  part('Content-Disposition: form-data; name="event"', 'INCOMING_FAX'),
  part('content-type: application/pdf\r\ncontent-disposition: form-data; name="file"; filename="a;b.pdf"', FILE),
  part('Content-Disposition: form-data; name=empty', ''),
  Buffer.from('--b-1--\r\n'),
]);

describe('a form in a callback', () => {
  test('is read part by part, without a copy', () => {
    const body = new Uint8Array(FORM);
    const parts = readFormData(TYPE, body) ?? [];
    assert.deepEqual(
      parts.map(({ name, filename, contentType }) => [name, filename, contentType]),
      [
        ['event', undefined, undefined],
        ['file', 'a;b.pdf', 'application/pdf'],
        ['empty', undefined, undefined],
      ],
    );
    assert.deepEqual([...(parts[1]?.content ?? [])], [...FILE]);
    assert.equal(parts[2]?.content.length, 0);
    parts[1]?.content.fill(0);
    assert.equal(Buffer.from(body).indexOf(Buffer.from(FILE)), -1);
  });

  test('may have its boundary in quotes, octets before it and a line break behind it', () => {
    const body = Buffer.concat([Buffer.from('preamble\r\n'), FORM]);
    assert.equal(readFormData('Multipart/Form-Data;charset=utf-8; boundary="b-1"', body)?.length, 3);
  });

  test('is what the platform itself writes', async () => {
    const form = new FormData();
    form.append('fax', '{"id":"x"}');
    form.append('file', new Blob([FILE], { type: 'image/tiff' }), 'fax.tif');
    const request = new Request('http://localhost/', { method: 'POST', body: form });
    const type = request.headers.get('content-type') ?? '';
    const parts = readFormData(type, new Uint8Array(await request.arrayBuffer())) ?? [];
    assert.deepEqual(
      parts.map(({ name, filename }) => [name, filename]),
      [
        ['fax', undefined],
        ['file', 'fax.tif'],
      ],
    );
    assert.deepEqual([...(parts[1]?.content ?? [])], [...FILE]);
  });

  test('that is cut anywhere is none', () => {
    // Its very end may be missing: the last delimiter is there.
    for (let length = 0; length < FORM.length - 2; length++) {
      assert.equal(readFormData(TYPE, FORM.subarray(0, length)), undefined, `${length}`);
    }
  });

  for (const [what, type, body] of [
    ['of another type', 'application/json', FORM],
    ['without a boundary', 'multipart/form-data', FORM],
    ['of nobody’s type', undefined, FORM],
    ['with another boundary', 'multipart/form-data; boundary=b-2', FORM],
    ['whose delimiter begins within a line', TYPE, Buffer.concat([Buffer.from('x'), FORM])],
    ['with a part without a name', TYPE, Buffer.concat([part('Content-Disposition: form-data', 'x'), FORM])],
    ['with a part without headers', TYPE, Buffer.concat([Buffer.from('--b-1\r\nx\r\n'), FORM])],
    ['with endless headers', TYPE, Buffer.concat([part(`x: ${'x'.repeat(5_000)}`, 'x'), FORM])],
    [
      'of a hundred parts',
      TYPE,
      Buffer.concat([...Array<Buffer>(100).fill(part('Content-Disposition: form-data; name="x"', 'x')), FORM]),
    ],
  ] as const) {
    test(`${what} is none`, () => assert.equal(readFormData(type, body), undefined));
  }
});
