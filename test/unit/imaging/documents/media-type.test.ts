import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sniffMediaType } from '../../../../gateway/imaging/documents/media-type.ts';

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

for (const [start, type] of [
  ['%PDF-1.7\n', 'application/pdf'],
  ['junk before the header\n%PDF-1.4', 'application/pdf'],
  ['\x89PNG\r\n\x1a\n....', 'image/png'],
  ['\xff\xd8\xff\xe0', 'image/jpeg'],
  ['II*\0\x08\0\0\0', 'image/tiff'],
  ['MM\0*\0\0\0\x08', 'image/tiff'],
  ['GIF89a', 'image/gif'],
  ['RIFF\0\0\0\0WEBPVP8 ', 'image/webp'],
  ['BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0', 'image/bmp'],
  ['Plain text.\r\n\tTabbed\f', 'text/plain'],
  ['BM is how this text begins', 'text/plain'],
  ['\xff\xfeA\0', 'text/plain'],
  ['PK\x03\x04', undefined],
  ['\0\0\0\0', undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(start.slice(0, 12))} is ${type ?? 'nothing known'}`, () => {
    assert.equal(sniffMediaType(bytes(start)), type);
  });
}
