import { type CallResult, inDoubt } from '../fax/call-result.ts';
import type { Fax } from '../fax/fax.ts';
import type { CallId, FaxId } from '../fax/ids.ts';
import { mayChangeCarrier } from '../fax/policy.ts';
import { LEFT_OUT } from '../fax/route.ts';
import type { AfterCall } from '../ports/fax-records.ts';
import { planAccount } from '../routing/plan.ts';
import type { DispatchParts } from './parts.ts';
import { settle, type Ways } from './settle.ts';

/** A call that is over and not yet written off. */
export interface OpenEnd {
  readonly call: CallId;
  readonly fence: number;
  readonly firstPage: number;
  readonly carrier: string;
  readonly result: CallResult;
}

/** W5 in one transaction, then W6 and the bell. False: someone else has claimed the fax; nothing was written. */
export async function finishCall(parts: DispatchParts, faxId: FaxId, end: OpenEnd): Promise<boolean> {
  const { records, clock, log, metrics } = parts;
  const fax = await records.fax(faxId);
  if (fax === undefined) return false;
  const { after: settled, resendAll } = settle({
    fax,
    firstPage: end.firstPage,
    result: end.result,
    attempts: fax.attempts,
    carrier: end.carrier,
    ways: await waysOf(parts, fax, end),
    now: clock.now(),
  });
  const after = await atQuietTime(parts, fax, end, settled);
  if (!(await records.endCall(end.call, end.fence, end.result, after, clock.now()))) return false;
  parts.purgeSoon?.();
  metrics.count('calls_total', { carrier: end.carrier, cause: end.result.cause, direction: 'outbound' });
  log.info({ fax: faxId, call: end.call, cause: end.result.cause, next: after.state }, 'a call has ended');
  if (after.state === 'queued' && after.line.spared > fax.line.spared) {
    metrics.count('carrier_failovers_total', { carrier: end.carrier, cause: end.result.cause });
  }
  await parts.health.ended(end.carrier, end.result.cause);
  await parts.learned.heard(fax, end.result);
  if (after.state === 'queued') await ringAt(parts, fax, after.at);
  else if (resendAll) await resend(parts, fax);
  else if (after.state !== 'uncertain' || isWipedAtOnce(fax)) await wiped(parts, faxId);
  return true;
}

/** A line that was busy, or where nobody answered, is best called again when others have been answered. */
async function atQuietTime(parts: DispatchParts, fax: Fax, { result }: OpenEnd, after: AfterCall): Promise<AfterCall> {
  if (after.state !== 'queued' || (result.cause !== 'busy' && result.cause !== 'no_answer')) return after;
  return { ...after, at: await parts.learned.quieter(fax, after.at) };
}

/** Whether nobody may wait for a decision about an uncertain page. */
function isWipedAtOnce({ policy }: Fax): boolean {
  return policy.imageLife === 'call' || policy.uncertainHold === 0;
}

/** Carriers that may carry the fax, where the end of this call is a reason to look for another one. */
async function waysOf(parts: DispatchParts, { account, from, to, line }: Fax, { result }: OpenEnd): Promise<Ways> {
  const { planner, accounts, conditions, clock } = parts;
  const asking = mayChangeCarrier(result.cause) || inDoubt(result) ? await accounts.account(account) : undefined;
  if (asking === undefined) return { now: [], ever: [] };
  const request = { account: planAccount(asking), from, to, line };
  const plan = planner.plan(request, await conditions(clock.now()));
  const later = plan.leftOut.filter(({ why }) => LEFT_OUT[why].passing).map(({ name }) => name);
  const now = plan.carriers.map(({ name }) => name);
  return { now, ever: [...new Set([...now, ...later])] };
}

/** Rings for the next call: whoever hears it looks for the best fax. A bell that is not heard costs a poll. */
export async function ringAt({ queue, clock }: DispatchParts, fax: Fax, at: number): Promise<void> {
  await queue.ring('dial', fax.id, { delay: Math.max(0, at - clock.now()) });
}

/** W6. The wipe intent is durable: what fails here, the sweeper does. */
export async function wiped({ wipe, log }: DispatchParts, fax: FaxId): Promise<void> {
  try {
    await wipe(fax);
  } catch (error) {
    log.warn({ fax, error: String(error) }, 'an image could not be wiped at once; the sweeper will');
  }
}

async function resend(parts: DispatchParts, fax: Fax): Promise<void> {
  const answer = await parts.records.resend(fax.id, fax.account, 'all', parts.clock.now());
  if (answer === 'queued') await ringAt(parts, fax, parts.clock.now());
}
