import { parseCSeq } from './cseq.ts';
import { type HeaderLine, Headers, headerKey, usualHeader } from './headers.ts';
import { DATAGRAM_LIMIT, HEADER_LIMIT, LINE_LIMIT } from './limits.ts';
import type { Essentials, ReceivedMessage, ReceivedRequest, SipResponse } from './message.ts';
import { isUriText, parseNameAddr } from './name-addr.ts';
import { responseTo } from './response.ts';
import { decimal, isToken } from './scanner.ts';
import { parseTopVia } from './via.ts';

/** Why octets are no message that can be used. */
export type ParseErrorCode =
  /** Longer than the limit of its transport. */
  | 'too_long'
  /** No empty line ends the header; or nothing is there at all. */
  | 'no_end'
  /** A control character, or a line end other than CRLF, in the header. */
  | 'control_character'
  | 'line_too_long'
  | 'too_many_headers'
  | 'bad_start_line'
  /** SIP, but not version 2.0. */
  | 'bad_version'
  /** A line without a name. */
  | 'bad_header'
  /** Via, From, To, Call-ID or CSeq is not there, there twice, or malformed. */
  | 'bad_essential'
  /** The method of CSeq is not that of the request line. */
  | 'method_mismatch'
  /** Content-Length is malformed, contradicts itself, or is more than there is. */
  | 'bad_length';

/** What octets turn out to be. `answer`: what to say to a request that could be read so far (RFC 3261 §8.2, §21.4.1). */
export type Parsed =
  | { readonly message: ReceivedMessage }
  | { readonly error: ParseErrorCode; readonly answer: SipResponse | null };

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads one message: a datagram, or what a framer has cut out of a stream. Octets of a datagram behind Content-Length
 * are dropped (RFC 3261 §18.3); without Content-Length the body is all that is left. Header text that is no UTF-8 is read with
 * replacement characters. Time and memory are linear in the length; nothing throws. The body is a view of `bytes`.
 *
 * @param limit most octets taken
 */
export function parseMessage(bytes: Uint8Array, limit = DATAGRAM_LIMIT): Parsed {
  if (bytes.length > limit) return refused('too_long');
  const start = afterEmptyLines(bytes);
  const end = headerEnd(bytes, start);
  if (typeof end === 'string') return refused(end);
  const text = decoder.decode(bytes.subarray(start, end));
  const startEnd = text.indexOf('\r\n');
  const lines = readLines(text, startEnd + 2);
  if (typeof lines === 'string') return refused(lines);
  const headers = Headers.ofLines(lines);
  const startLine = readStartLine(text.slice(0, startEnd));
  const essentials = readEssentials(lines);
  return assemble(startLine, headers, essentials, bytes.subarray(end));
}

/** What the first line says; `error` with whatever of a request could be told apart. */
type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly error?: ParseErrorCode }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }
  | { readonly kind: 'neither' };

function assemble(start: StartLine, headers: Headers, essentials: Essentials | undefined, rest: Uint8Array): Parsed {
  if (start.kind === 'neither') return refused('bad_start_line');
  if (essentials === undefined) return refused('bad_essential');
  const length = contentLength(headers, rest.length);
  const body = rest.subarray(0, length ?? 0);
  if (start.kind === 'response') {
    if (length === undefined) return refused('bad_length');
    const { status, reason } = start;
    return { message: { kind: 'response', status, reason, headers, body, ...essentials } };
  }
  const { method, uri } = start;
  const request: ReceivedRequest = { kind: 'request', method, uri, headers, body, ...essentials };
  const error = start.error ?? requestError(request, length);
  return error === undefined ? { message: request } : answered(error, request);
}

function requestError(request: ReceivedRequest, length: number | undefined): ParseErrorCode | undefined {
  if (length === undefined) return 'bad_length';
  return request.cseq.method === request.method ? undefined : 'method_mismatch';
}

function refused(error: ParseErrorCode): Parsed {
  return { error, answer: null };
}

/** ACK is never answered (RFC 3261 §17). */
function answered(error: ParseErrorCode, request: ReceivedRequest): Parsed {
  if (request.method === 'ACK') return refused(error);
  return { error, answer: responseTo(request, error === 'bad_version' ? 505 : 400) };
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const BACKSLASH = 92;

/** Line ends before a message are no part of it (RFC 3261 §7.5). */
function afterEmptyLines(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  return at;
}

/**
 * Where the body begins. Lines end by CRLF alone and controls stand only behind a backslash (`quoted-pair` of RFC 3261
 * §25.1): what one reader takes for a line, another must not take for two.
 */
function headerEnd(bytes: Uint8Array, start: number): number | ParseErrorCode {
  let lineStart = start;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= SPACE && byte !== 127) continue;
    if (byte === CR && bytes[at + 1] === LF) {
      if (at === lineStart) return at + 2;
      at++;
      lineStart = at + 1;
    } else if (byte === CR || byte === LF || (byte !== TAB && bytes[at - 1] !== BACKSLASH)) {
      return 'control_character';
    }
  }
  return 'no_end';
}

/** The header lines from `from` on, folding undone (§7.3.1); `text` ends with an empty line. */
function readLines(text: string, from: number): HeaderLine[] | ParseErrorCode {
  if (from - 2 > LINE_LIMIT) return 'line_too_long';
  const lines: HeaderLine[] = [];
  let at = from;
  while (at < text.length - 2) {
    const end = fieldEnd(text, at);
    if (lines.length >= HEADER_LIMIT) return 'too_many_headers';
    const line = readLine(text, at, end);
    if (line === undefined) return 'bad_header';
    if (line.value.length > LINE_LIMIT) return 'line_too_long';
    lines.push(line);
    at = end + 2;
  }
  return lines;
}

/** The end of the field that begins at `at`: the first line end without white space behind it. */
function fieldEnd(text: string, at: number): number {
  let end = text.indexOf('\r\n', at);
  while (isSpace(text.charCodeAt(end + 2))) end = text.indexOf('\r\n', end + 2);
  return end;
}

function readLine(text: string, from: number, end: number): HeaderLine | undefined {
  const colon = text.indexOf(':', from);
  if (colon < 0 || colon >= end) return undefined;
  let nameEnd = colon;
  while (isSpace(text.charCodeAt(nameEnd - 1)) && nameEnd > from) nameEnd--;
  const usual = usualHeader(text, from, nameEnd);
  const name = usual?.name ?? text.slice(from, nameEnd);
  if (usual === undefined && !isToken(name)) return undefined;
  return { name, key: usual?.key ?? headerKey(name), value: readValue(text, colon + 1, end) };
}

/** The value from `from` on, without white space around it and with its folding undone. */
function readValue(text: string, from: number, end: number): string {
  let at = from;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  let last = end;
  while (last > at && isBlank(text.charCodeAt(last - 1))) last--;
  const value = text.slice(at, last);
  return value.includes('\n') ? unfolded(value) : value;
}

/** Each line end with the white space around it is one space (§7.3.1). */
function unfolded(value: string): string {
  return value
    .split('\r\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === CR || code === LF;
}

/** RFC 3261 §7.1 and §7.2: single spaces between the parts, and none behind them. */
function readStartLine(line: string): StartLine {
  if (line.slice(0, 4).toUpperCase() === 'SIP/') return readStatusLine(line);
  const text = line.trimEnd();
  const first = text.indexOf(' ');
  const last = text.lastIndexOf(' ');
  const method = text.slice(0, Math.max(first, 0));
  const version = text.slice(last + 1).toUpperCase();
  if (last <= first || !isToken(method) || !version.startsWith('SIP/')) return { kind: 'neither' };
  const uri = text.slice(first + 1, last);
  if (version !== 'SIP/2.0') return { kind: 'request', method, uri, error: 'bad_version' };
  if (text.length !== line.length || !isUriText(uri)) return { kind: 'request', method, uri, error: 'bad_start_line' };
  return { kind: 'request', method, uri };
}

/** An empty reason phrase is allowed; the space before it is missing from some. */
function readStatusLine(line: string): StartLine {
  const status = decimal(line.slice(8, 11), 699);
  const gap = line.charCodeAt(11);
  const known = line.slice(0, 8).toUpperCase() === 'SIP/2.0 ' && (line.length === 11 || gap === SPACE);
  if (!known || status === undefined || status < 100) return { kind: 'neither' };
  return { kind: 'response', status, reason: line.slice(12) };
}

/** The essential headers as they are written; '' for one that is not there, or (but for Via) there twice. */
function readEssentials(lines: readonly HeaderLine[]): Essentials | undefined {
  let [via, from, to, callId, cseq] = ['', '', '', '', ''];
  for (const { key, value } of lines) {
    if (key === 'via') via ||= value;
    else if (key === 'from') from = from === '' ? value : TWICE;
    else if (key === 'to') to = to === '' ? value : TWICE;
    else if (key === 'call-id') callId = callId === '' ? value : TWICE;
    else if (key === 'cseq') cseq = cseq === '' ? value : TWICE;
  }
  return parseEssentials(via, from, to, callId, cseq);
}

/** What none of the essential headers may be. */
const TWICE = '" ';

function parseEssentials(
  viaLine: string,
  fromLine: string,
  toLine: string,
  callId: string,
  cseqLine: string,
): Essentials | undefined {
  // `callid` is one or two words (RFC 3261 §25.1); all that matters here is that it cannot be two fields.
  if (callId === '' || callId.includes(' ')) return undefined;
  const via = parseTopVia(viaLine)?.via;
  const from = parseNameAddr(fromLine);
  const to = parseNameAddr(toLine);
  const cseq = parseCSeq(cseqLine);
  if (via === undefined || from === undefined || to === undefined || cseq === undefined) return undefined;
  return { via, from, fromTag: from.params.get('tag') ?? null, to, toTag: to.params.get('tag') ?? null, callId, cseq };
}

/** Octets of the body out of `available`; undefined when Content-Length lies (§20.14, RFC 4475 §3.1.2.2, §3.1.2.3). */
function contentLength(headers: Headers, available: number): number | undefined {
  const values = headers.all('content-length');
  if (values.length === 0) return available;
  const length = decimal(values[0] ?? '', available);
  return values.some((value) => decimal(value) !== length) ? undefined : length;
}

/**
 * The Content-Length of a header, which ends with its empty line; undefined when it is missing, stands there with two
 * values, or cannot be found because the header is malformed.
 */
export function declaredLength(header: Uint8Array): number | undefined {
  const text = decoder.decode(header);
  const lines = readLines(text, text.indexOf('\r\n') + 2);
  if (typeof lines === 'string') return undefined;
  const values = lines.filter(({ key }) => key === 'content-length').map(({ value }) => decimal(value));
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}
