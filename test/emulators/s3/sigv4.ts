import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request as it arrived. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What the service knows of the caller. */
export interface Secrets {
  readonly keyId: string;
  readonly secret: string;
  readonly region: string;
}

/**
 * Why the request is refused, or null: Signature Version 4 as the S3 reference describes it ("Authenticating Requests:
 * Using the Authorization Header"), written from that description and held against its examples; it shares no line with
 * what signs. Stricter than S3: the body must be signed, and the query and every header that matters with it.
 *
 * @param now ms since 1970
 */
export function refusalOf(request: SignedRequest, { keyId, secret, region }: Secrets, now: number): string | null {
  const { headers } = request;
  const given = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? '',
  );
  if (given === null) return 'AccessDenied';
  const [, credential = '', signedList = '', signature = ''] = given;
  const time = headers['x-amz-date'] ?? '';
  const day = time.slice(0, 8);
  if (credential !== `${keyId}/${day}/${region}/s3/aws4_request`) return 'InvalidAccessKeyId';
  if (Math.abs(timeOf(time) - now) > 15 * 60_000) return 'RequestTimeTooSkewed';
  const names = signedList.split(';');
  const must = ['host', 'x-amz-date', 'x-amz-content-sha256', ...['if-none-match'].filter((name) => name in headers)];
  if (must.some((name) => !names.includes(name))) return 'AccessDenied';
  if (headers['x-amz-content-sha256'] !== sha256(request.body)) return 'XAmzContentSHA256Mismatch';
  const text = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/s3/aws4_request\n${sha256(canonical(request, names))}`;
  const key = ['s3', 'aws4_request'].reduce(hmac, [day, region].reduce(hmac, Buffer.from(`AWS4${secret}`)));
  return timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex')) ? null : 'SignatureDoesNotMatch';
}

function canonical({ method, target, headers }: SignedRequest, names: readonly string[]): string {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  const pairs = query === '' ? [] : query.split('&').map((pair) => (pair.includes('=') ? pair : `${pair}=`));
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  const encoded = pairs.map((pair) => pair.replaceAll('+', '%20')).sort();
  return [method, path, encoded.join('&'), lines.join(''), names.join(';'), headers['x-amz-content-sha256']].join('\n');
}

function timeOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
