import { CAUSES, type Cause, causeFacts } from './cause.ts';
import type { Cdr } from './cdr.ts';
import { REVIEW } from './destination.ts';
import type { Fax } from './fax.ts';
import type { CallLadder, LadderStep } from './ladder.ts';
import { LEFT_OUT } from './route.ts';

/** One ended call of a fax in plain words. No sentence holds a number, a name or anything of a page. */
export interface CallStory {
  readonly cdr: Cdr;
  /** What the call met, in order: its way, its answer, what the machines said, its end. */
  readonly met: readonly string[];
}

/** Why a fax stands or ended as it did. */
export interface Explanation {
  /** The answer in one sentence. */
  readonly summary: string;
  /** What a person should do, in one sentence. */
  readonly action: string;
  /** Oldest first; a fax that ended without any call has none. */
  readonly calls: readonly CallStory[];
}

/** What an explanation is made of. */
export interface Evidence {
  readonly cdr: Cdr;
  /** Null where the carrier does not tell its steps. */
  readonly ladder: CallLadder | null;
}

/**
 * `about`: what happened, as the end of a sentence. `final`: what a person should do once the gateway has given up, where
 * the table of causes speaks of its next call.
 */
interface Story {
  readonly about: string;
  readonly final?: string;
}

const STORIES = {
  ok: { about: 'every page was confirmed' },
  busy: { about: 'the line was in use', final: 'Send it again at another time, or with more calls further apart.' },
  no_answer: { about: 'nobody answered' },
  no_fax: { about: 'the call was answered, but by no fax machine' },
  number_invalid: { about: 'the number does not exist' },
  number_refused: { about: 'the carrier does not call this number' },
  out_of_service: { about: 'the number is out of service' },
  rejected: {
    about: 'the far side refused the call',
    final: 'Ask the receiver whether calls from this number are let through, then send it again.',
  },
  training_failed: {
    about: 'the machines found no speed at which the line carried the test signal',
    final: 'Try another carrier; if the fax went as audio, ask the carrier for T.38.',
  },
  negotiation_failed: {
    about: 'the machines found no common mode',
    final: 'Ask the receiver what the machine can do; resolution standard or fine and width a4 suit nearly all.',
  },
  paper_too_narrow: { about: 'the paper of the far machine is narrower than the page' },
  page_rejected: {
    about: 'the far machine could not read a page',
    final: 'The line is poor: try another carrier, or a lower resolution.',
  },
  hung_up: {
    about: 'the far side ended the call in the middle',
    final: 'Ask the receiver about paper, memory and whether somebody stopped the machine; then send the rest.',
  },
  line_lost: {
    about: 'the connection broke',
    final: 'Send it again; if it breaks again, try another carrier.',
  },
  carrier_unavailable: {
    about: 'the carrier did not take the call',
    final: 'See the health of the carrier; send it again when it works, or add another route.',
  },
  carrier_refused: { about: 'the carrier refused the account or its settings' },
  carrier_unsuited: { about: 'the carrier cannot take this fax as it is' },
  uncertain: { about: 'a page left whole, and no answer to it came' },
  document_rejected: { about: 'the document cannot be rendered' },
  image_lost: { about: 'the encrypted pages or their key were gone' },
  canceled: { about: 'it was canceled on request' },
  deadline_passed: { about: 'its deadline passed' },
  destination_denied: { about: 'the rules do not let this number be called' },
  not_approved: { about: 'nobody allowed the account to call this country in time' },
  gateway_stopped: {
    about: 'the gateway stopped in the middle of the call',
    final: 'Send it again; if it happens again, see the log of the gateway.',
  },
  storage_full: { about: 'the gateway had no room for a page' },
  receiver_not_ready: { about: 'no customer was connected to take the fax' },
} as const satisfies Record<Cause, Story>;

/** How the end of a fax is told. */
const ENDS: Partial<Record<Fax['state'], string>> = {
  delivered: 'Delivered',
  partial: 'Delivered in part',
  failed: 'Failed',
  canceled: 'Canceled',
  uncertain: 'Not certain',
  received: 'Received',
  handed_over: 'Received and handed over',
  wiped: 'Received, handed over and wiped',
};

/**
 * Explains a fax from what its calls have left behind.
 *
 * @param calls its ended calls, oldest first, and the record of an end without a call
 */
export function explainFax(fax: Fax, calls: readonly Evidence[]): Explanation {
  const stories = calls.filter(({ cdr }) => cdr.call !== null).map((one) => ({ cdr: one.cdr, met: metBy(one) }));
  return { summary: summaryOf(fax, stories), action: actionOf(fax), calls: stories };
}

function summaryOf(fax: Fax, calls: readonly CallStory[]): string {
  const end = ENDS[fax.state];
  const tally = tallyOf(calls);
  if (end !== undefined) return `${end}${pagesOf(fax)}${afterCalls(fax, calls.length)}: ${reasonOf(fax, calls)}.`;
  const soFar = tally === '' ? '' : ` So far: ${tally}.`;
  return `${waitOf(fax)}${soFar}`;
}

function pagesOf({ direction, state, pages, pagesConfirmed }: Fax): string {
  if (direction === 'inbound' || pages === null || !['delivered', 'partial', 'uncertain'].includes(state)) return '';
  return `, ${pagesConfirmed} of ${plural(pages, 'page')} confirmed`;
}

function afterCalls({ direction }: Fax, calls: number): string {
  if (direction === 'inbound') return '';
  return calls === 0 ? ' without a call' : ` after ${plural(calls, 'call')}`;
}

/** Its own cause, and those of its calls where they differ from it. */
function reasonOf(fax: Fax, calls: readonly CallStory[]): string {
  const own = fax.cause === null ? 'no cause is known' : STORIES[fax.cause].about;
  const told = fax.detail ?? '';
  const detail = told === '' || told.endsWith(own) ? '' : ` (${told})`;
  const others = calls.some(({ cdr }) => cdr.cause !== fax.cause);
  return others && calls.length > 1 ? `${own}${detail}; the calls: ${tallyOf(calls)}` : `${own}${detail}`;
}

/** `the line was in use (2 calls), nobody answered`, the most frequent first. */
function tallyOf(calls: readonly CallStory[]): string {
  const counts = new Map<Cause, number>();
  for (const { cdr } of calls) counts.set(cdr.cause, (counts.get(cdr.cause) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([cause, count]) => `${STORIES[cause].about}${count === 1 ? '' : ` (${count} calls)`}`)
    .join(', ');
}

function waitOf(fax: Fax): string {
  switch (fax.state) {
    case 'accepted':
    case 'rendering':
      return 'It has not failed: its pages are being made.';
    case 'held':
      if (fax.held === REVIEW)
        return `It has not failed: it waits until its pages have been looked at${untilOf(fax.heldUntil)}.`;
      return `It has not failed: it waits until an administrator lets the account call ${fax.held ?? 'there'}${untilOf(fax.heldUntil)}.`;
    case 'queued':
      return `It has not failed: it waits for ${fax.attempts === 0 ? 'its first' : 'another'} call${fromOf(fax.nextCallAt)}.`;
    case 'dialing':
      return 'It has not failed: it is being called now.';
    case 'sending':
      return `It has not failed: it is being sent now, ${plural(fax.pagesConfirmed, 'page')} confirmed.`;
    default:
      return 'It has not failed: it is being received now.';
  }
}

const untilOf = (at: number | null) => (at === null ? '' : `, at the latest at ${utc(at)}`);
const fromOf = (at: number | null) => (at === null ? '' : `, not before ${utc(at)}`);

function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function actionOf(fax: Fax): string {
  if (fax.held === REVIEW && fax.state === 'held') return 'Look at its pages and release it, or cancel it.';
  if (fax.state === 'held') return 'Ask the operator to allow the country, or wait.';
  if (ENDS[fax.state] === undefined) return 'Nothing: the gateway goes on by itself.';
  if (fax.cause === null) return CAUSES.ok.action;
  const story: Story = STORIES[fax.cause];
  return story.final ?? causeFacts(fax.cause).action;
}

function metBy({ cdr, ladder }: Evidence): string[] {
  const steps = ladder?.steps ?? [];
  return [...wayOf(cdr), ...answerOf(cdr, steps), ...machinesOf(steps), ...lineOf(cdr), ...lastOf(cdr, steps)];
}

/** Which way the call went, where there was a choice. */
function wayOf({ carrier, route }: Cdr): string[] {
  if (carrier === null || route === null) return [];
  const rule = route.rule === null ? '' : ` by the rule ${route.rule}`;
  const others = route.leftOut.map((one) => `${one.carrier} ${LEFT_OUT[one.why].about}`);
  const left = others.length === 0 ? '' : `; before it, ${others.join(', and ')}`;
  return [`It went over ${carrier}${rule}${route.trial ? ', as a trial after failures' : ''}${left}.`];
}

function answerOf({ direction, startedAt, answeredAt }: Cdr, steps: readonly LadderStep[]): string[] {
  if (direction === 'inbound') return [];
  const rang = count(steps, 'heard', /^18[0-3] /) > 0;
  if (answeredAt !== null) return [`It was answered after ${seconds(answeredAt - startedAt)}.`];
  const refusal = steps.findLast(
    ({ layer, direction, signal }) => layer === 'sip' && direction === 'heard' && /^[3-6]\d\d\b/.test(signal),
  );
  const words = refusal === undefined ? '' : `; the last answer was ${refusal.signal}`;
  return [`It was not answered${rang ? ', although it rang' : ''}${words}.`];
}

/** What the two fax machines said to each other (T.30's signals). */
function machinesOf(steps: readonly LadderStep[]): string[] {
  const t30 = steps.filter(({ layer }) => layer === 't30');
  if (t30.length === 0) return [];
  const heard = (signal: RegExp) => count(t30, 'heard', signal);
  const tests = count(t30, 'sent', /^TCF$/);
  const said: string[] = [];
  if (heard(/^DIS$/) > 0) said.push('A fax machine answered (DIS).');
  if (heard(/^FTT$/) > 0) said.push(`It refused the test signal ${times(heard(/^FTT$/))} (FTT) of ${tests}.`);
  else if (tests > 1) said.push(`The test signal was sent ${times(tests)}.`);
  if (heard(/^CFR$/) > 0) said.push('It was ready for pages (CFR).');
  if (heard(/^PPR$/) > 0) said.push(`It asked for parts of a page again ${times(heard(/^PPR$/))} (PPR).`);
  if (heard(/^RTN$/) > 0) said.push(`It refused a page ${times(heard(/^RTN$/))} (RTN).`);
  if (heard(/^(MCF|RTP)$/) > 0) said.push(`It confirmed ${times(heard(/^(MCF|RTP)$/))} (MCF).`);
  return said;
}

/** The line at its end, as far as it explains anything. */
function lineOf({ line }: Cdr): string[] {
  if (line === null) return [];
  const how = `${line.modulation} at ${line.rate} bit/s ${line.ecm ? 'with' : 'without'} error correction`;
  const flaws = [
    ...(line.retrains > 0 ? [plural(line.retrains, 'retrain')] : []),
    ...(line.badRows > 0 ? [plural(line.badRows, 'bad row')] : []),
  ];
  const bad = flaws.length === 0 ? '' : `, ${flaws.join(' and ')}`;
  return [`The line: ${how}, ${line.t38 ? 'T.38' : 'no T.38'}${bad}.`];
}

function lastOf({ cause, detail, pagesSent, pages }: Cdr, steps: readonly LadderStep[]): string[] {
  const last = steps.findLast(({ direction, layer }) => direction === 'heard' && (layer === 't30' || layer === 'sip'));
  const heard =
    cause === 'ok' || last === undefined ? '' : ` The last that was heard was ${last.signal}, ${seconds(last.at)} in.`;
  const done = pages === null || pagesSent === 0 ? '' : ` ${pagesSent} of ${plural(pages, 'page')} got through.`;
  const words = detail === '' ? '' : ` (${detail})`;
  return [`The end: ${STORIES[cause].about}${words}.${done}${heard}`];
}

function count(steps: readonly LadderStep[], direction: LadderStep['direction'], signal: RegExp): number {
  return steps.filter((step) => step.direction === direction && signal.test(step.signal)).length;
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const plural = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
const times = (number: number) => (number === 1 ? 'once' : number === 2 ? 'twice' : `${number} times`);
