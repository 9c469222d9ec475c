/** One part of a form that came in. `content` is a view of the body it came in: wiping it wipes that. */
export interface FormPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  readonly content: Uint8Array;
}

/** Parts of one form, and octets of the headers of one part: callbacks have a dozen parts with two short headers each. */
const PARTS = 64;
const HEADERS = 4_096;

/**
 * The parts of a `multipart/form-data` body (RFC 7578) that is whole in memory. Nothing is copied, so that a page among them
 * can be wiped. Undefined: it is no such body, is cut short, or has more parts than any callback.
 */
export function readFormData(contentType: string | undefined, body: Uint8Array): FormPart[] | undefined {
  const boundary = boundaryOf(contentType ?? '');
  if (boundary === undefined) return undefined;
  const octets = Buffer.from(body.buffer, body.byteOffset, body.length);
  const parts: FormPart[] = [];
  // RFC 2046 §5.1.1: what stands before the first delimiter and after the last is nobody's.
  let at = octets.indexOf(`--${boundary}`);
  if (at > 0 && octets.toString('latin1', at - 2, at) !== '\r\n') return undefined;
  while (at >= 0 && parts.length <= PARTS) {
    at += boundary.length + 2;
    if (octets.toString('latin1', at, at + 2) === '--') return parts;
    const next = octets.indexOf(`\r\n--${boundary}`, at);
    const part = next < 0 ? undefined : readPart(octets.subarray(at, next));
    if (part === undefined) return undefined;
    parts.push(part);
    at = next + 2;
  }
  return undefined;
}

/** RFC 2046 §5.1.1: up to 70 characters, quoted or not. */
function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s";,]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/** One part from behind its delimiter to before the next one. */
function readPart(octets: Buffer): FormPart | undefined {
  const end = octets.subarray(0, HEADERS).indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const headers = octets.toString('utf8', 0, end).split('\r\n');
  const disposition = headerOf(headers, 'content-disposition') ?? '';
  const name = parameterOf(disposition, 'name');
  if (name === undefined || !/^form-data\s*;/i.test(disposition)) return undefined;
  const content = octets.subarray(end + 4);
  return {
    name,
    filename: parameterOf(disposition, 'filename'),
    contentType: headerOf(headers, 'content-type'),
    content: new Uint8Array(content.buffer, content.byteOffset, content.length),
  };
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  const line = headers.find((header) => header.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function parameterOf(header: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s";]+))`, 'i').exec(header) ?? [];
  return quoted ?? plain;
}
