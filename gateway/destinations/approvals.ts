import { type Place, REVIEW } from '../fax/destination.ts';
import type { Fax } from '../fax/fax.ts';
import type { AccountId, FaxId } from '../fax/ids.ts';
import type { Approvals, PlaceState } from '../gateway.ts';
import type { AccountRecords, Actor } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { DestinationGuard } from '../ports/destination-guard.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import type { GuardRecords } from '../ports/guard-records.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Log } from '../ports/log.ts';
import { type DestinationSettings, homesOf } from './guard.ts';
import { lookAt } from './look.ts';
import { isKnownPlace } from './numbering.ts';

/** What approvals are given with. */
export interface ApprovalParts {
  readonly records: GuardRecords;
  readonly accounts: Pick<AccountRecords, 'numbers' | 'account'>;
  readonly guard: Pick<DestinationGuard, 'admit'>;
  readonly faxes: Pick<FaxRecords, 'endUncalled'>;
  readonly settings: DestinationSettings;
  readonly queue: Pick<JobQueue, 'ring'>;
  readonly wipe: (fax: FaxId) => Promise<unknown>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** Approvals, and the look after faxes that wait for one. */
export interface ApprovalStage extends Approvals {
  /** Lets go what has been approved and ends what nobody approved in time, in one look each. */
  sweep(): Promise<void>;
}

/** Faxes that one look takes up. */
const BATCH = 500;

/** Who may call where: what administrators decide, and what becomes of the faxes that wait for it. */
export function createApprovals(parts: ApprovalParts): ApprovalStage {
  const { records, accounts, settings, clock, log } = parts;
  const sweep = async (): Promise<void> => {
    await letGo(parts);
    await endRefused(parts);
  };
  return {
    async list(account) {
      const [own, decisions, waiting] = await Promise.all([
        accounts.numbers(account),
        records.decisions(account),
        records.waiting(account),
      ]);
      const homes = homesOf(
        settings,
        own.map(({ number }) => number),
      );
      const places = new Set([...homes, ...decisions.map(({ place }) => place), ...waiting.map(({ place }) => place)]);
      return [...places].sort().map((place): PlaceState => {
        const decided = decisions.find((one) => one.place === place);
        const held = waiting.find((one) => one.place === place);
        return {
          place,
          state: decided?.decision ?? (homes.has(place) ? 'home' : 'waiting'),
          waiting: held?.faxes ?? 0,
          until: held?.until ?? null,
          decided: decided === undefined ? null : { at: decided.at, by: decided.by },
        };
      });
    },
    waiting: () => records.waiting(),
    look: (number, account) => lookAt(parts, number, account),
    async decide(account: AccountId, place: Place, decision, actor) {
      if (!isKnownPlace(place)) return false;
      await records.decide(account, place, decision, actor, clock.now());
      // The decision stands. What this look does not do, the next one does.
      await sweep().catch((error: unknown) => log.warn({ error }, 'held faxes wait for the next look'));
      return true;
    },
    release: (fax, actor) => releaseReviewed(parts, fax, actor),
    sweep,
  };
}

/** What was said of the country when the fax was accepted may have changed while somebody looked at its pages. */
async function releaseReviewed(
  { records, accounts, guard, queue, clock }: ApprovalParts,
  { id, account, to }: Fax,
  actor: Actor,
): ReturnType<Approvals['release']> {
  const [owner, own] = await Promise.all([accounts.account(account), accounts.numbers(account)]);
  if (owner === undefined) return 'state_conflict';
  const numbers = own.map(({ number }) => number);
  const [admission] = await guard.admit(owner, numbers, [to], clock.now());
  const hold = admission?.hold ?? null;
  if (!(await records.endReview(id, hold, actor, clock.now()))) return 'state_conflict';
  if (hold === null) await queue.ring('dial', id);
  return hold === null ? 'queued' : 'held';
}

async function letGo({ records, queue, clock }: ApprovalParts): Promise<void> {
  for (let full = true; full; ) {
    const freed = await records.release(BATCH, clock.now());
    for (const fax of freed) await queue.ring('dial', fax);
    full = freed.length >= BATCH;
  }
}

async function endRefused(parts: ApprovalParts): Promise<void> {
  const { records, faxes, wipe, clock, log } = parts;
  for (const { fax, place, denied } of await records.refused(clock.now(), BATCH)) {
    if (place === REVIEW) {
      await cancelUnseen(parts, fax);
      continue;
    }
    const detail = denied ? `an administrator has denied ${place}` : `nobody approved ${place} in time`;
    if (!(await faxes.endUncalled(fax, null, 'failed', 'not_approved', detail, clock.now()))) continue;
    log.info({ fax, place, denied }, 'a held fax was not approved');
    await wipe(fax).catch(() => log.warn({ fax }, 'an image could not be wiped at once; the sweeper will'));
  }
}

/** Nobody looked at its pages, or whoever did went away. */
async function cancelUnseen({ faxes, wipe, clock, log }: ApprovalParts, fax: FaxId): Promise<void> {
  const detail = 'its pages were not released in time';
  if (!(await faxes.endUncalled(fax, null, 'canceled', 'canceled', detail, clock.now()))) return;
  await wipe(fax).catch(() => log.warn({ fax }, 'an image could not be wiped at once; the sweeper will'));
}
