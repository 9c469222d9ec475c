import { concat, isObject, jsonObject, readU32, u32, utf8 } from '../bytes.ts';
import { SealError } from '../errors.ts';
import { continued } from '../stream/prefix.ts';

/** Head of a request: what HTTP shows in clear, here inside the seal. */
export interface RequestHead {
  /** Method. */
  readonly m: string;
  /** Path with query, from the first slash. */
  readonly p: string;
  /** Header fields, names in lower case. */
  readonly h: Readonly<Record<string, string>>;
}

/** Head of a response. */
export interface ResponseHead {
  /** Status, 100 to 599. */
  readonly s: number;
  readonly h: Readonly<Record<string, string>>;
}

/** Largest head JSON (octets). It always lies within record 0. */
export const HEAD_LIMIT = 16_384;
const FIELDS_LIMIT = 64;
const LENGTH_SIZE = 4;

/** u32 length ‖ JSON. Throws `usage` for a head that the other side would refuse. */
export function encodeHead(head: RequestHead | ResponseHead): Uint8Array {
  const json = utf8(JSON.stringify(head));
  const parsed = jsonObject(json);
  if (parsed === null || json.length > HEAD_LIMIT) throw new SealError('usage', 'the head is larger than 16 KiB');
  const fits = 'm' in head ? requestHead(parsed) : responseHead(parsed);
  if (fits === null) throw new SealError('usage', 'the head is malformed');
  return concat(u32(json.length), json);
}

/** A request head, or null. Members that are not known are dropped. */
export function requestHead(value: Readonly<Record<string, unknown>>): RequestHead | null {
  const { m, p, h } = value;
  if (typeof m !== 'string' || !/^[A-Z]{1,16}$/.test(m)) return null;
  // Visible ASCII only: what else a path has is percent-encoded, and nothing can end a line.
  if (typeof p !== 'string' || !/^\/[\x21-\x7e]*$/.test(p)) return null;
  const fields = headerFields(h);
  return fields === null ? null : { m, p, h: fields };
}

/** A response head, or null. */
export function responseHead(value: Readonly<Record<string, unknown>>): ResponseHead | null {
  const { s, h } = value;
  if (typeof s !== 'number' || !Number.isInteger(s) || s < 100 || s > 599) return null;
  const fields = headerFields(h);
  return fields === null ? null : { s, h: fields };
}

/** RFC 9110 §5.5 field values without obsolete octets; names are lower-case tokens. */
function headerFields(value: unknown): Readonly<Record<string, string>> | null {
  if (!isObject(value)) return null;
  const fields: [string, string][] = [];
  for (const [name, text] of Object.entries(value)) {
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(name) || !isFieldText(text)) return null;
    fields.push([name, text]);
  }
  return fields.length > FIELDS_LIMIT ? null : Object.fromEntries(fields);
}

function isFieldText(value: unknown): value is string {
  return typeof value === 'string' && /^[\t\x20-\x7e\u0080-\u{10ffff}]*$/u.test(value);
}

/** A verified head and the body that follows it. */
export interface OpenedMessage<Head> {
  readonly head: Head;
  /**
   * Body in chunks of at most 64 KiB, each zeroed when the next is asked for. The message is whole only when this ends
   * by itself; close it (`return()`) to give a message up.
   */
  readonly body: AsyncGenerator<Uint8Array>;
}

/** Opens record 0 and takes the head from it. Throws `head`, `record` or `truncated`, with the source closed. */
export async function splitHead<Head>(
  plaintext: AsyncGenerator<Uint8Array>,
  parse: (value: Readonly<Record<string, unknown>>) => Head | null,
): Promise<OpenedMessage<Head>> {
  const first = await plaintext.next();
  const record = first.done === true ? new Uint8Array(0) : first.value;
  const length = record.length < LENGTH_SIZE ? HEAD_LIMIT + 1 : readU32(record, 0);
  const end = LENGTH_SIZE + length;
  const value = length > HEAD_LIMIT || end > record.length ? null : jsonObject(record.subarray(LENGTH_SIZE, end));
  const head = value === null ? null : parse(value);
  if (head === null) {
    await plaintext.return(undefined);
    throw new SealError('head');
  }
  return { head, body: await continued(record.subarray(end), plaintext) };
}
