import { createHash, createHmac } from 'node:crypto';
import type { CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';

/** What a callback carries. */
export interface CallbackContent {
  readonly fields: Readonly<Record<string, string>>;
  readonly file?: { readonly name: string; readonly content: Uint8Array };
}

/** A callback as Phaxio sends it: multipart, with HMAC-SHA1 over URL, fields and the SHA-1 of its file. */
export function signedCallback(url: string, token: string, { fields, file }: CallbackContent): CarrierCallback {
  const boundary = '------------------------d74496d66958873e';
  const parts = Object.entries(fields).map(([name, value]) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  if (file !== undefined) {
    const disposition = `Content-Disposition: form-data; name="${file.name}"; filename="fax.pdf"`;
    parts.push(Buffer.from(`--${boundary}\r\n${disposition}\r\nContent-Type: application/pdf\r\n\r\n`));
    parts.push(Buffer.from(file.content), Buffer.from('\r\n'));
  }
  const { pathname, search } = new URL(url);
  return {
    method: 'POST',
    path: `${pathname}${search}`,
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'x-phaxio-signature': signatureOf(url, token, { fields, ...(file === undefined ? {} : { file }) }),
    },
    body: new Uint8Array(Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])),
    source: '52.200.0.1',
  };
}

/** The steps of Phaxio's page on callbacks, one by one. */
function signatureOf(url: string, token: string, { fields, file }: CallbackContent): string {
  let text = url;
  for (const name of Object.keys(fields).sort()) text += `${name}${fields[name]}`;
  if (file !== undefined) text += `${file.name}${createHash('sha1').update(file.content).digest('hex')}`;
  return createHmac('sha1', token).update(text).digest('hex');
}
