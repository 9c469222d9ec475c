import { causeFacts } from '../fax/cause.ts';
import type { Cdr } from '../fax/cdr.ts';
import type { EventType } from '../fax/event.ts';
import type { Call } from '../fax/fax.ts';
import type { AccountId } from '../fax/ids.ts';
import type { FaxState } from '../fax/states.ts';
import type { RestoredFaxes, RestoreHold } from '../ports/restore-records.ts';
import { GATEWAY } from './audit.ts';
import { CALL_COLUMNS, type CallRow } from './call-row.ts';
import { writeCdr } from './cdr-row.ts';
import type { Transaction } from './database.ts';
import { FAX_COLUMNS, type FaxRow } from './fax-row.ts';
import type { Ledger, NewEvent } from './ledger.ts';
import { orderPurge } from './purges.ts';
import { writeHold } from './restore-hold.ts';

/**
 * By how much numbers that others have seen go ahead: sequences of ledgers, of the gateway's statements, of the audit
 * log, and of key epochs. The lost gateway has given out numbers after the backup, fewer than this in any case; a
 * cursor or a statement from then stays below everything that comes now.
 */
export const AHEAD = 1_000_000;

/** Which backup was restored, and when; ms since 1970. */
export interface RestoredBackup {
  readonly id: string;
  /** When it was taken. */
  readonly takenAt: number;
  /** The last moment at which the lost gateway may have dialled. */
  readonly lostAt: number;
}

/**
 * Settles restored records, in the transaction that has written them: the life in between is not known. Every image is
 * gone, so every fax under way ends now, and each one that may have been called since the backup ends as `uncertain`.
 * Leaves the hold that an operator has to confirm.
 */
export async function settleRestored(
  tx: Transaction,
  ledger: Ledger,
  backup: RestoredBackup,
  now: number,
): Promise<RestoreHold> {
  await goAhead(tx, now);
  const ended = await endLive(tx, ledger, backup, now);
  await forgetImages(tx, now);
  const hold = { backup: backup.id, takenAt: backup.takenAt, restoredAt: now, ended };
  await writeHold(tx, hold, GATEWAY);
  return hold;
}

/** No number that somebody may have seen is given out again. */
async function goAhead(tx: Transaction, now: number): Promise<void> {
  await tx.change('update ledgers set head = head + $1, unfinished = 0', [AHEAD]);
  await tx.change(
    `update settings set value = (value::bigint + $1)::text where name = 'statement_seq' and value ~ '^[0-9]{1,15}$'`,
    [AHEAD],
  );
  // RFC 6238 §5.2: a code is used once. Those of this moment may have been used on the lost gateway.
  await tx.change(
    'update users set totp_step = greatest(totp_step, $1::bigint / 30000) where totp_secret is not null',
    [now],
  );
  // A request that was running has had no answer: its client sends it again.
  await tx.change(`delete from idempotency_keys where state = 'running'`);
  await tx.change(`update deliveries set lease_until = null where lease_until is not null`);
}

/** A fax under way at the time of the backup, with its open call if it had one. */
interface LiveFax {
  readonly fax: FaxRow;
  readonly call: (CallRow & Call) | null;
}

/** Faxes settled with one read. */
const BATCH = 200;

async function endLive(tx: Transaction, ledger: Ledger, backup: RestoredBackup, now: number): Promise<RestoredFaxes> {
  const ended = { uncertain: 0, failed: 0, delivered: 0, receiving: 0 };
  for (;;) {
    const batch = await liveFaxes(tx);
    const events = new Map<AccountId, NewEvent[]>();
    for (const live of batch) {
      const verdict = verdictOn(live, backup);
      ended[verdict.counts]++;
      await endOne(tx, live, verdict, now);
      const { id, account } = live.fax;
      events.set(account, [
        ...(events.get(account) ?? []),
        { type: verdict.event, fax: id, data: eventData(live, verdict) },
      ]);
    }
    for (const [account, entries] of events) await ledger.append(tx, account, entries, now);
    if (batch.length < BATCH) return ended;
  }
}

async function liveFaxes(tx: Transaction): Promise<LiveFax[]> {
  const rows = await tx.rows<{ faxRow: FaxRow; callRow: (CallRow & Call) | null }>(
    `select (select to_jsonb(found) from (select ${FAX_COLUMNS}, f.fence) found) as "faxRow",
       (select to_jsonb(found) from (select ${CALL_COLUMNS}, c.remote_id as "remoteId", c.line) found where c.id is not null)
         as "callRow"
     from faxes f left join calls c on c.fax = f.id and c.state <> 'ended'
     where f.state in ('accepted', 'rendering', 'held', 'queued', 'dialing', 'sending', 'ringing', 'receiving')
     order by f.id limit $1`,
    [BATCH],
  );
  return rows.map(({ faxRow, callRow }) => ({ fax: faxRow, call: callRow }));
}

/** How a fax ends that was under way. */
interface Verdict {
  readonly counts: keyof RestoredFaxes;
  readonly state: Extract<FaxState, 'uncertain' | 'failed' | 'partial' | 'delivered'>;
  readonly result: Cdr['result'];
  readonly cause: 'uncertain' | 'image_lost' | 'ok';
  readonly detail: string;
  readonly event: EventType;
}

/** Pure: what the backup allows to say of the fax. */
function verdictOn({ fax, call }: LiveFax, { takenAt, lostAt }: RestoredBackup): Verdict {
  const since = new Date(takenAt).toISOString();
  if (fax.direction === 'inbound') {
    const detail = `restored from a backup of ${since}: the pages are lost`;
    return {
      counts: 'receiving',
      state: 'failed',
      result: 'failed',
      cause: 'image_lost',
      detail,
      event: 'fax.receive_failed',
    };
  }
  if (call?.state === 'in_call' && fax.pages !== null && fax.pagesConfirmed >= fax.pages) {
    const detail = 'finished from the journal of a restored backup';
    return { counts: 'delivered', state: 'delivered', result: 'ok', cause: 'ok', detail, event: 'fax.delivered' };
  }
  if (call === null && earliestCall(fax) > lostAt) {
    const state = fax.pagesConfirmed > 0 ? 'partial' : 'failed';
    const detail = `restored from a backup of ${since}: the image is lost, no call was due yet`;
    return { counts: 'failed', state, result: state, cause: 'image_lost', detail, event: `fax.${state}` };
  }
  const detail = `restored from a backup of ${since}: whether it was sent since is not known`;
  return {
    counts: 'uncertain',
    state: 'uncertain',
    result: 'uncertain',
    cause: 'uncertain',
    detail,
    event: 'fax.uncertain',
  };
}

/** Before this moment no gateway calls; 0 for a fax that may be called at once, or as soon as it is rendered. */
function earliestCall(fax: FaxRow): number {
  return Math.max(fax.notBefore ?? 0, fax.state === 'queued' ? (fax.nextCallAt ?? 0) : 0);
}

/**
 * No step of the table in fax/states.ts: those lead from one known moment to the next. The fence rises, so that a
 * worker of the lost gateway that comes back to life finds nothing of its own here.
 */
async function endOne(tx: Transaction, live: LiveFax, verdict: Verdict, now: number): Promise<void> {
  const { fax, call } = live;
  await tx.change(
    `update faxes set state = $2, cause = $3, detail = $4, fence = fence + 1, worker = null, lease_until = null,
       live_to = null, next_call_at = null, cancel_asked = false, leased_by = null, leased_until = null,
       held = null, held_until = null, finished_at = $5, updated_at = $5 where id = $1`,
    [fax.id, verdict.state, verdict.cause, verdict.detail, now],
  );
  if (call !== null) await endCallRow(tx, call, now);
  await writeCdr(tx, fax, cdrFacts(live, verdict, now));
}

/** A fax that the carrier keeps is taken again; of one that was being sent the carrier may keep what it was given. */
async function endCallRow(tx: Transaction, call: CallRow & Call, now: number): Promise<void> {
  const { id, direction, state, stored } = call;
  const again = direction === 'inbound' && stored;
  await tx.change(
    `update calls set state = 'ended', ended_at = $2, stored = stored and not $3::boolean where id = $1`,
    [id, now, again],
  );
  if (direction === 'outbound' && stored && state === 'in_call') await orderPurge(tx, call, now);
}

/** How long an open call lasted is not known, so its CDR has no answer time and no duration. */
function cdrFacts({ fax, call }: LiveFax, verdict: Verdict, now: number): Parameters<typeof writeCdr>[2] {
  return {
    call: call?.id ?? null,
    remoteId: call?.remoteId ?? null,
    carrier: call?.carrier ?? null,
    reference: call?.reference ?? null,
    attempt: fax.attempts,
    startedAt: call?.intendedAt ?? fax.createdAt,
    answeredAt: null,
    endedAt: now,
    pages: fax.pages,
    pagesSent: call === null ? 0 : Math.max(0, call.pagesConfirmed - call.firstPage + 1),
    result: verdict.result,
    cause: verdict.cause,
    detail: verdict.detail,
    billable: call?.state === 'in_call' && causeFacts(verdict.cause).billable,
    line: call?.line ?? null,
    faxState: verdict.state,
  };
}

function eventData({ fax, call }: LiveFax, { cause }: Verdict): Readonly<Record<string, unknown>> {
  const data = { cause, pages: fax.pages, pagesConfirmed: fax.pagesConfirmed, restored: true };
  return call === null ? data : { call: call.id, ...data };
}

/**
 * No key came along: every image is lost. The first start wipes what may still lie in its vault, and its receipts say
 * so. Epochs of the lost gateway are over; their second receipts are not for us to sign, we never held their keys. New
 * epochs are numbered far above them, so that a key of an old one, wherever it turns up, is taken for destroyed.
 */
async function forgetImages(tx: Transaction, now: number): Promise<void> {
  await tx.change(
    `insert into wipe_intents (fax, reason, since) select id, 'image_lost', $1 from faxes where image_exists
     on conflict (fax) do nothing`,
    [now],
  );
  await tx.change(`update epochs set state = 'destroyed', destroyed_at = $1 where state <> 'destroyed'`, [now]);
  await tx.change(
    `insert into epochs (number, state, opened_at, destroyed_at)
     select coalesce(max(number), 0) + $1, 'destroyed', $2, $2 from epochs`,
    [AHEAD, now],
  );
}
