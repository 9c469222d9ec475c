import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Cause } from '../../gateway/fax/cause.ts';
import { UNKNOWN_LINE } from '../http/index.ts';
import type { FaxResult, JobStatus, ReadResult } from './wire.ts';

/** What a final result means before the far machine was on the line, and once it was. */
interface Meaning {
  readonly before: Cause;
  readonly during: Cause;
}

const always = (cause: Cause): Meaning => ({ before: cause, during: cause });

/** Every final result; `Cancelled` is never our doing, so it is the carrier that did not want to go on. */
const MEANINGS: Readonly<Record<Exclude<FaxResult, 'InProgress'>, Meaning>> = {
  Success: always('ok'),
  Error: { before: 'carrier_unavailable', during: 'line_lost' },
  LineBusy: always('busy'),
  LineDead: { before: 'carrier_unavailable', during: 'line_lost' },
  LineFailure: { before: 'carrier_unavailable', during: 'line_lost' },
  NoDialTone: always('carrier_unavailable'),
  NoAnswer: always('no_answer'),
  InvalidOrMissingNumber: always('number_invalid'),
  InvalidOrMissingFile: always('document_rejected'),
  InvalidChannel: always('carrier_refused'),
  UnexpectedDisconnect: { before: 'rejected', during: 'line_lost' },
  NoChannelsAvailable: always('carrier_unavailable'),
  ChannelUnavailable: always('carrier_unavailable'),
  NothingToCancel: always('uncertain'),
  DeviceTimeout: { before: 'carrier_unavailable', during: 'line_lost' },
  DeviceBusy: always('carrier_unavailable'),
  NotFaxMachine: always('no_fax'),
  IncompatibleFaxMachine: always('negotiation_failed'),
  FileError: always('document_rejected'),
  FileNotFound: always('document_rejected'),
  FileUnsupported: always('document_rejected'),
  CallCollision: always('carrier_unavailable'),
  Cancelled: { before: 'carrier_unavailable', during: 'line_lost' },
  CallBlocked: always('number_refused'),
  DestinationBlackListed: always('number_refused'),
  Unauthorized: always('carrier_refused'),
  InvalidParameter: always('carrier_refused'),
  NotImplemented: always('carrier_refused'),
  ItemNotFound: always('uncertain'),
};

/** Whether the carrier is still at it. */
export function isRunning(result: ReadResult): boolean {
  return 'known' in result && result.known === 'InProgress';
}

/** What the carrier refused at once means: it has not taken the fax, so nothing can have been sent. */
export function refused(status: JobStatus): CallResult {
  const { result } = status;
  const cause =
    'known' in result && result.known !== 'InProgress' ? MEANINGS[result.known].before : 'carrier_unavailable';
  return verdict(cause === 'ok' ? 'uncertain' : cause, `not taken: ${wordsOf(result)}`, { inFlight: cause === 'ok' });
}

/** The end of a fax of `total` pages, as its final status says it. */
export function ended(status: JobStatus, total: number): CallResult {
  const { result, pagesDelivered, connectTime } = status;
  const meaning = 'known' in result && result.known !== 'InProgress' ? MEANINGS[result.known] : always('uncertain');
  const delivered = Math.min(pagesDelivered ?? 0, total);
  const cause = connectTime === 0 && delivered === 0 ? meaning.before : meaning.during;
  if (cause === 'ok') return whole(status, total, delivered);
  const inFlight = delivered < total && (cause === 'line_lost' || cause === 'uncertain');
  return verdict(cause, wordsOf(result), { status, confirmed: delivered, inFlight });
}

/** `Success` speaks for every page; a count of some but not all of them contradicts it. */
function whole(status: JobStatus, total: number, delivered: number): CallResult {
  if (delivered === 0 || delivered === total) return verdict('ok', 'etherFAX: Success', { status, confirmed: total });
  const detail = `etherFAX: Success, but ${delivered} of ${total} pages delivered`;
  return verdict('uncertain', detail, { status, confirmed: delivered, inFlight: true });
}

/** A result in words; an unknown one says so and keeps the raw value. */
export function wordsOf(result: ReadResult): string {
  return 'known' in result
    ? `etherFAX: ${result.known}`
    : `etherFAX gave a result that is not known here: ${result.raw}`;
}

/** The cause that an HTTP status without a readable body stands for. `uncertain`: the request may have been carried out. */
export function causeOfHttp(status: number): Cause {
  // RFC 9110 §15.5.9 and §15.6.4, RFC 6585 §4: the request was not taken, and may be later.
  if (status === 408 || status === 429 || status === 503) return 'carrier_unavailable';
  return status >= 300 && status < 500 ? 'carrier_refused' : 'uncertain';
}

/** A result in the gateway's words. */
export function verdict(
  cause: Cause,
  detail: string,
  known: { readonly status?: JobStatus; readonly confirmed?: number; readonly inFlight?: boolean } = {},
): CallResult {
  const { status, confirmed = 0, inFlight = false } = known;
  const rate = status?.connectSpeed ?? null;
  const seconds = status?.connectTime ?? null;
  return {
    cause,
    detail,
    pagesConfirmed: confirmed,
    pageInFlight: inFlight,
    remoteId: status?.remoteId ?? null,
    line: rate === null || rate === 0 ? null : { ...UNKNOWN_LINE, rate },
    ...(seconds === null ? {} : { lineSeconds: seconds }),
  };
}
