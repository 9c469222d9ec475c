/** Every path, parameter and field of etherFAX's REST API 3.0 that this adapter uses; nothing else here knows one. */
import { z } from 'zod';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';
import { base64Octets, type HttpAnswer, type HttpRequest, readAnswer } from '../http/index.ts';

/** North America, the only address that is published. */
export const BASE_URL = 'https://na.connect.etherfax.net/rest/3.0/api';

/** `FaxResult`: what has become of a fax. Whatever is not `InProgress` is final. */
export const FAX_RESULTS = {
  Success: 0,
  Error: 1,
  InProgress: 2,
  LineBusy: 3,
  LineDead: 4,
  LineFailure: 5,
  NoDialTone: 6,
  NoAnswer: 7,
  InvalidOrMissingNumber: 8,
  InvalidOrMissingFile: 9,
  InvalidChannel: 10,
  UnexpectedDisconnect: 11,
  NoChannelsAvailable: 12,
  ChannelUnavailable: 13,
  NothingToCancel: 14,
  DeviceTimeout: 15,
  DeviceBusy: 16,
  NotFaxMachine: 17,
  IncompatibleFaxMachine: 18,
  FileError: 19,
  FileNotFound: 20,
  FileUnsupported: 21,
  CallCollision: 22,
  Cancelled: 23,
  CallBlocked: 24,
  DestinationBlackListed: 25,
  Unauthorized: 100,
  InvalidParameter: 101,
  NotImplemented: 102,
  ItemNotFound: 103,
} as const;
export type FaxResult = keyof typeof FAX_RESULTS;

/** `known` by name, or the raw value of a result that this table does not have: letters or up to four digits. */
export type ReadResult = { readonly known: FaxResult } | { readonly raw: string };

/** What the carrier says of a fax; null is unsaid. */
export interface JobStatus {
  readonly result: ReadResult;
  readonly jobId: string | null;
  readonly pagesDelivered: number | null;
  /** Seconds; 0: the call was never up. */
  readonly connectTime: number | null;
  /** bit/s. */
  readonly connectSpeed: number | null;
  readonly remoteId: string | null;
}

/** A fax in the inbox, without its pages. */
export interface Arrival {
  readonly jobId: string;
  readonly result: ReadResult;
  readonly from: E164 | null;
  /** Null: not a number that anybody could own. */
  readonly to: E164 | null;
  readonly pages: number | null;
  readonly connectSpeed: number | null;
  readonly remoteId: string | null;
}

/** A fax to be sent. */
export interface Submission {
  readonly to: E164;
  readonly from: E164 | null;
  /** ≤ 20 characters of T.30; etherFAX takes 21. */
  readonly csid: string;
  /** Our reference. etherFAX gives it back, but does not search by it. */
  readonly tag: string;
  readonly pages: number;
}

/** Value of the Authorization header (RFC 6750 §2.1, RFC 7617 §2). */
export function authorization(account: {
  readonly token?: string | undefined;
  readonly account?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}): string {
  if (account.token !== undefined) return `Bearer ${account.token}`;
  const pair = `${account.account}/${account.user}:${account.password}`;
  return `Basic ${text.decode(base64Octets(octets.encode(pair)))}`;
}

/**
 * `POST /outbox`. The image goes into the JSON as octets that the caller wipes (`wipe` of the second value) once the
 * request is over.
 */
export function submit({ to, from, csid, tag, pages }: Submission, tiff: Uint8Array): [HttpRequest, Uint8Array] {
  const fields = {
    DialNumber: to,
    LocalId: csid.slice(0, 20),
    ...(from === null ? {} : { CallerId: from }),
    Tag: tag,
    TotalPages: pages,
  };
  const head = JSON.stringify(fields).slice(0, -1);
  const image = base64Octets(tiff);
  const pieces = [octets.encode(`${head},"FaxImage":"`), image, octets.encode('"}')];
  return [
    {
      method: 'POST',
      path: '/outbox',
      timeout: 180_000,
      body: { type: 'octets', contentType: 'application/json', pieces },
    },
    image,
  ];
}

/** `GET /status?id=`: the only way to ask for a fax is by the id that the carrier gave it. */
export function askStatus(jobId: string): HttpRequest {
  return { method: 'GET', path: '/status', query: [['id', jobId]] };
}

/** `GET /inbox?a=getnext`: the oldest unread fax, locked for five minutes against others; its pages are asked for later. */
export function nextUnread(): HttpRequest {
  return inbox(['a', 'getnext'], ['download', '0']);
}

/** `GET /inbox?a=get`: a fax with its pages. `limit` is the longest file, octets. */
export function download(jobId: string, limit: number): HttpRequest {
  return { ...inbox(['a', 'get'], ['id', jobId]), timeout: 180_000, limit: Math.ceil(limit / 3) * 4 + 65_536 };
}

/** `GET /inbox?a=received`: the fax is no longer unread. */
export function markReceived(jobId: string): HttpRequest {
  return inbox(['a', 'received'], ['id', jobId]);
}

/** `GET /accounts?a=status`. */
export function accountStatus(): HttpRequest {
  return { method: 'GET', path: '/accounts', query: [['a', 'status']] };
}

/** The status in an answer; undefined: there is none that can be read. */
export function readStatus(answer: Pick<HttpAnswer, 'body'>): JobStatus | undefined {
  const read = readAnswer(statusSchema, answer);
  if (read === undefined) return undefined;
  const { FaxResult, JobId, PagesDelivered, ConnectTime, ConnectSpeed, RemoteId } = read;
  return {
    result: FaxResult,
    jobId: JobId ?? null,
    pagesDelivered: PagesDelivered ?? null,
    connectTime: ConnectTime ?? null,
    connectSpeed: ConnectSpeed ?? null,
    remoteId: RemoteId ?? null,
  };
}

/** The fax that `nextUnread` found; `'none'` in an empty inbox, undefined for an answer that cannot be read. */
export function readArrival(answer: HttpAnswer, countryCode: string): Arrival | 'none' | undefined {
  if (answer.status === 204 || answer.status === 404) return 'none';
  if (answer.status !== 200) return undefined;
  const read = readAnswer(arrivalSchema, answer);
  if (read === null) return 'none';
  if (read === undefined) return readAnswer(notFoundSchema, answer) === undefined ? undefined : 'none';
  const { JobId, FaxResult, CallingNumber, CalledNumber, PagesReceived, ConnectSpeed, RemoteId } = read;
  return {
    jobId: JobId,
    result: FaxResult,
    from: readNumber(CallingNumber ?? '', countryCode),
    to: readNumber(CalledNumber ?? '', countryCode),
    pages: PagesReceived ?? null,
    connectSpeed: ConnectSpeed ?? null,
    remoteId: RemoteId ?? null,
  };
}

/** The file in an answer to `download`, to be wiped by the caller; undefined: there is none. */
export function readImage(answer: HttpAnswer): Uint8Array | undefined {
  const written = answer.status === 200 ? readAnswer(imageSchema, answer)?.FaxImage : undefined;
  if (written === undefined) return undefined;
  const image = Buffer.from(written, 'base64');
  const padding = written.endsWith('==') ? 2 : Number(written.endsWith('='));
  // Buffer leaves out what is no base64: then the file is shorter than its text says.
  return image.length === (written.length / 4) * 3 - padding ? image : undefined;
}

const text = new TextDecoder();
const octets = new TextEncoder();

function inbox(...query: readonly (readonly [string, string])[]): HttpRequest {
  return { method: 'GET', path: '/inbox', query };
}

const BY_CODE = new Map<number, FaxResult>(
  Object.entries(FAX_RESULTS).map(([name, code]) => [code, name as FaxResult]),
);

/** A number in JSON; the .NET client of the carrier writes names, and both are read. */
const resultSchema = z
  .union([z.int().min(0).max(9_999), z.string().regex(/^([A-Za-z]{1,40}|[0-9]{1,4})$/)])
  .transform((value): ReadResult => {
    const name = /^[0-9]+$/.test(String(value)) ? BY_CODE.get(Number(value)) : value;
    return typeof name === 'string' && Object.hasOwn(FAX_RESULTS, name)
      ? { known: name as FaxResult }
      : { raw: String(value) };
  });

/** A GUID, with or without its hyphens; it goes into a query and into logs. */
const jobIdSchema = z.string().regex(/^[0-9A-Za-z-]{1,64}$/);
// What only adds to the picture must not spoil it: such a field of another shape is as good as none.
const count = z.int().min(0).max(100_000).nullish().catch(null);
const seconds = z.number().min(0).max(1_000_000).nullish().catch(null);
const remoteId = z
  .string()
  .max(200)
  .transform(
    (id) =>
      id
        .replace(/[^\x20-\x7e]/g, '')
        .trim()
        .slice(0, 20) || null,
  )
  .nullish()
  .catch(null);

const statusSchema = z.object({
  FaxResult: resultSchema,
  JobId: jobIdSchema.nullish().catch(null),
  PagesDelivered: count,
  ConnectTime: seconds,
  ConnectSpeed: count,
  RemoteId: remoteId,
});

const arrivalSchema = z
  .object({
    JobId: jobIdSchema,
    FaxResult: resultSchema,
    CallingNumber: z.string().max(100).nullish().catch(null),
    CalledNumber: z.string().max(100).nullish().catch(null),
    PagesReceived: count,
    ConnectSpeed: count,
    RemoteId: remoteId,
  })
  .nullable();

const notFoundSchema = z.object({
  FaxResult: resultSchema.refine((result) => 'known' in result && result.known === 'ItemNotFound'),
});

const imageSchema = z.object({ FaxImage: z.string().min(4) });

/** North American numbers come with ten digits, others with their country code and perhaps a plus. */
function readNumber(written: string, countryCode: string): E164 | null {
  const digits = written.replace(/[\s\-.()]/g, '');
  const number = /^[0-9]{10}$/.test(digits) ? `${countryCode}${digits}` : digits.replace(/^(?=[1-9])/, '+');
  try {
    return parseE164(number);
  } catch {
    return null;
  }
}
