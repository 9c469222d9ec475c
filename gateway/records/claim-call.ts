import type { FaxId } from '../fax/ids.ts';
import type { ClaimRefusal, FaxRecords } from '../ports/fax-records.ts';
import type { Transaction } from './database.ts';
import { violated } from './errors.ts';
import { changeFax, type FaxRow, faxOf, isHeld, lockFax } from './fax-row.ts';
import type { Store } from './store.ts';

type Answer = Awaited<ReturnType<FaxRecords['claimCall']>>;

const refuse = (refused: ClaimRefusal, retryAt: number | null = null): Answer => ({ refused, retryAt });

/**
 * W1. The account's row is held while its channels are counted, so that two claims cannot both take the last one; the
 * unique index on the live destination decides between two claims of different accounts.
 */
export async function claimCall(
  store: Store,
  ...[fax, worker, lease, now]: Parameters<FaxRecords['claimCall']>
): Promise<Answer> {
  try {
    return await store.database.transaction((tx) => claim(tx, fax, worker, lease, now));
  } catch (error) {
    if (violated(error) === 'faxes_live') return refuse('destination_busy');
    throw error;
  }
}

async function claim(tx: Transaction, fax: FaxId, worker: string, lease: number, now: number): Promise<Answer> {
  const account = await lockAccount(tx, fax);
  const row = await lockFax(tx, fax);
  if (account === undefined || row === undefined) return refuse('gone');
  const refusal = (await fitness(tx, row, now)) ?? (await roomFor(tx, row, account));
  if (refusal !== undefined) return refusal;
  const fence = row.fence + 1;
  await changeFax(tx, row, { fence, worker, lease_until: now + lease, live_to: row.to }, now);
  return { claim: { fax: { ...faxOf(row), updatedAt: now }, fence } };
}

/** Whether the fax wants a call now. */
async function fitness(tx: Transaction, row: FaxRow, now: number): Promise<Answer | undefined> {
  if (row.direction !== 'outbound' || row.state !== 'queued') return refuse('gone');
  if (row.deadline !== null && row.deadline <= now) return refuse('gone');
  if (isHeld(row, now)) return refuse('claimed', row.leaseUntil);
  if (row.nextCallAt !== null && row.nextCallAt > now) return refuse('not_due', row.nextCallAt);
  const busy = await tx.row('select 1 from faxes where live_to = $1 and id <> $2', [row.to, row.id]);
  return busy === undefined ? undefined : refuse('destination_busy');
}

interface AccountLimits {
  readonly stopped: boolean;
  readonly channels: number;
}

function lockAccount(tx: Transaction, fax: FaxId): Promise<AccountLimits | undefined> {
  return tx.row<AccountLimits>(
    `select disabled or paused as stopped, (policy ->> 'channels')::int as channels from accounts
     where id = (select account from faxes where id = $1) for no key update`,
    [fax],
  );
}

async function roomFor(tx: Transaction, row: FaxRow, account: AccountLimits): Promise<Answer | undefined> {
  if (account.stopped) return refuse('paused');
  const live = await tx.row<{ count: number }>(
    'select count(*) as count from faxes where account = $1 and live_to is not null and id <> $2',
    [row.account, row.id],
  );
  return (live?.count ?? 0) >= account.channels ? refuse('no_channel') : undefined;
}
