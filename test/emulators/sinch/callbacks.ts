import { randomUUID } from 'node:crypto';
import type { CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';

/** What a callback says. */
export interface CallbackContent {
  readonly event: string;
  readonly eventTime: string;
  readonly fax: object;
  readonly file: Uint8Array | undefined;
}

/** One of the addresses that the carrier calls from. */
export const CARRIER_ADDRESS = '198.51.100.7';

/** A callback as Sinch sends it to `url`: a form or JSON, with the credentials of the URL in its head. */
export function callbackTo(url: string, content: CallbackContent, type: string): CarrierCallback {
  const { pathname, username, password } = new URL(url);
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === '' ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`;
  const { body, contentType } = type === 'application/json' ? jsonOf(content) : formOf(content);
  return {
    method: 'POST',
    path: pathname,
    headers: { 'content-type': contentType, authorization },
    body: new Uint8Array(body),
    source: CARRIER_ADDRESS,
  };
}

function jsonOf({ file, ...content }: CallbackContent): { body: Buffer; contentType: string } {
  const attached = file === undefined ? {} : { file: Buffer.from(file).toString('base64'), fileType: 'PDF' };
  return { body: Buffer.from(JSON.stringify({ ...content, ...attached })), contentType: 'application/json' };
}

function formOf({ event, eventTime, fax, file }: CallbackContent): { body: Buffer; contentType: string } {
  const boundary = `----sinch-${randomUUID()}`;
  const field = (name: string, text: string) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`);
  const head = `Content-Disposition: form-data; name="file"; filename="fax.pdf"\r\nContent-Type: application/pdf`;
  const attached =
    file === undefined ? [] : [Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), file, Buffer.from('\r\n')];
  return {
    body: Buffer.concat([
      field('event', event),
      field('eventTime', eventTime),
      field('fax', JSON.stringify(fax)),
      ...attached,
      Buffer.from(`--${boundary}--\r\n`),
    ]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}
