import { wipe } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { CallStep, OutgoingCall } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { type HttpClient, type HttpResult, UNKNOWN_LINE, writePages } from '../http/index.ts';
import type { Jobs } from './jobs.ts';
import { causeOfHttp, ended, isRunning, refused, verdict } from './outcome.ts';
import { askStatus, type JobStatus, readStatus, submit } from './wire.ts';

/** How long a fax is followed, ms: longer than any call and the carrier's own attempts take. */
const LONGEST = 4 * 3_600_000;
/** Answers in a row that the carrier does not know its own id, after which it is believed. */
const NOT_FOUND = 3;

/** Pixels of a row that the carrier asks for; what it would make of wider pages nobody says. */
const WIDTH = 1_728;

/** What sending and following need. */
export interface Sending {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly jobs: Jobs;
  /** ms between two looks at a fax. */
  readonly statusInterval: number;
  /** Aborted when the adapter stops. */
  readonly stopped: AbortSignal;
}

/**
 * Sends one fax. The whole file leaves at once: gate 2 (`answered`) and the start of the first page stand before it, the
 * confirmations follow when the carrier says how many pages were delivered.
 */
export async function* place(sending: Sending, call: OutgoingCall): AsyncGenerator<CallStep, CallResult> {
  const [first] = call.pages;
  if (first === undefined) return verdict('image_lost', 'a fax without pages');
  if (isOver(sending, call)) return notSent(sending, call);
  if (call.pages.some(({ width }) => width !== WIDTH)) {
    return verdict('paper_too_narrow', `etherFAX takes pages of ${WIDTH} pixels`);
  }
  yield { type: 'answered' };
  if (isOver(sending, call)) return notSent(sending, call);
  yield { type: 'page_started', page: first.number };
  if (isOver(sending, call)) return notSent(sending, call);
  const taken = await send(sending, call);
  if (typeof taken !== 'string') return taken;
  yield { type: 'taken', carrierId: taken };
  const result = await follow(sending, call, taken);
  yield* confirmations(call, result);
  return result;
}

/** The steps that a result stands for; the first page has been started. */
function* confirmations(
  { pages }: OutgoingCall,
  { pagesConfirmed, pageInFlight, line }: CallResult,
): Generator<CallStep> {
  const started = pagesConfirmed + (pageInFlight ? 1 : 0);
  for (const [index, { number }] of pages.slice(0, started).entries()) {
    if (index > 0) yield { type: 'page_started', page: number };
    if (index < pagesConfirmed) yield { type: 'page_confirmed', page: number, line: line ?? UNKNOWN_LINE };
  }
}

/** The carrier's id of the fax, or how the call ended without one. */
async function send(sending: Sending, call: OutgoingCall): Promise<string | CallResult> {
  let tiff: Uint8Array;
  try {
    tiff = await writePages(call.pages);
  } catch {
    return verdict('image_lost', 'a page cannot be read');
  }
  const { to, from, csid, reference: tag, pages } = call;
  const [request, image] = submit({ to, from, csid, tag, pages: pages.length }, tiff);
  wipe(tiff);
  try {
    if (isOver(sending, call)) return notSent(sending, call);
    const signal = AbortSignal.any([call.signal, sending.stopped]);
    const answer = await sending.client.exchange({ ...request, signal });
    return judge(sending, call, answer);
  } finally {
    wipe(image);
  }
}

function judge(sending: Sending, call: OutgoingCall, answer: HttpResult): string | CallResult {
  if (!answer.ok) return unanswered(sending, call, answer);
  const status = readStatus(answer);
  const taken = answer.status >= 200 && answer.status < 300;
  if (status !== undefined && !isRunning(status.result) && (taken ? status.jobId === null : answer.status < 500)) {
    return refused(status);
  }
  if (taken && status !== undefined && status.jobId !== null) {
    sending.jobs.keep(call.reference, { id: status.jobId, pages: call.pages.length });
    return status.jobId;
  }
  const cause = causeOfHttp(answer.status);
  return verdict(cause, `HTTP ${answer.status} without a job`, { inFlight: cause === 'uncertain' });
}

/** Never sent again from here: nothing at the carrier can be found by our reference. */
function unanswered(sending: Sending, call: OutgoingCall, answer: HttpResult & { readonly ok: false }): CallResult {
  const { failure, sent, detail } = answer;
  if (failure === 'stopped') return { ...notSent(sending, call), pageInFlight: sent };
  const words = `${failure} ${detail}`.trim();
  if (!sent) return verdict('carrier_unavailable', words);
  return verdict('uncertain', `the fax was handed over, and no answer came: ${words}`, { inFlight: true });
}

/** Asks until the status is final. A cancel comes too late here: the API has no request for it. */
async function follow(sending: Sending, call: OutgoingCall, id: string): Promise<CallResult> {
  const { clock, jobs, stopped, statusInterval } = sending;
  const until = clock.monotonic() + LONGEST;
  for (let missing = 0; clock.monotonic() < until; ) {
    await pause(clock, statusInterval, call.signal, stopped);
    if (call.signal.reason === 'fenced' || stopped.aborted) {
      return { ...notSent(sending, call), detail: 'the fax was left at etherFAX', pageInFlight: true };
    }
    const status = await statusOf(sending, id);
    missing = status === 'missing' ? missing + 1 : 0;
    if (missing === NOT_FOUND) break;
    if (typeof status === 'string' || isRunning(status.result)) continue;
    const result = ended(status, call.pages.length);
    jobs.keep(call.reference, { id, pages: call.pages.length, result });
    return call.signal.reason === 'canceled' && result.cause !== 'ok' ? { ...result, cause: 'canceled' } : result;
  }
  return verdict('uncertain', 'etherFAX took the fax and does not say what became of it', { inFlight: true });
}

/** The status of a fax; `missing`: the carrier does not know its id, `unreachable`: it does not say. */
export async function statusOf(
  { client, stopped }: Pick<Sending, 'client' | 'stopped'>,
  id: string,
): Promise<JobStatus | 'missing' | 'unreachable'> {
  const answer = await client.exchange({ ...askStatus(id), signal: stopped });
  if (!answer.ok) return 'unreachable';
  const status = readStatus(answer);
  const notFound = status !== undefined && 'known' in status.result && status.result.known === 'ItemNotFound';
  if (answer.status === 404 || notFound) return 'missing';
  return answer.status === 200 && status !== undefined ? status : 'unreachable';
}

function isOver({ stopped }: Sending, { signal }: OutgoingCall): boolean {
  return signal.aborted || stopped.aborted;
}

/** The end that the gateway itself made. */
function notSent({ stopped }: Sending, { signal }: OutgoingCall): CallResult {
  if (signal.aborted)
    return verdict(signal.reason === 'canceled' ? 'canceled' : 'gateway_stopped', 'ended by the gateway');
  return verdict(stopped.aborted ? 'line_lost' : 'gateway_stopped', 'the adapter was stopped');
}

/** `ms`, or until one of the signals is aborted for good; a cancel does not make the carrier faster. */
async function pause(clock: Clock, ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  const end = Promise.withResolvers<void>();
  const cancelTimer = clock.after(ms, end.resolve);
  const wake = () => {
    if (signals.some(({ aborted, reason }) => aborted && reason !== 'canceled')) end.resolve();
  };
  for (const signal of signals) signal.addEventListener('abort', wake, { once: true });
  wake();
  try {
    await end.promise;
  } finally {
    cancelTimer();
    for (const signal of signals) signal.removeEventListener('abort', wake);
  }
}
