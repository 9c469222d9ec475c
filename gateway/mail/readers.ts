import type { AccountId, UserId } from '../fax/ids.ts';
import { ACCOUNT_TOPICS, type NoticeTopic } from '../fax/notice.ts';
import type { ScheduledReport } from '../fax/report-schedule.ts';
import type { MailRecords } from '../ports/mail-records.ts';

/** Where a mail goes, and whose reader that is: the account itself or one bound to it; null of all. */
export interface Recipient {
  readonly to: string;
  readonly account: AccountId | null;
}

/** The same for several addresses of one reader. */
export function recipientsOf(addresses: readonly string[], account: AccountId | null): Recipient[] {
  return addresses.map((to) => ({ to, account }));
}

/**
 * Addresses of those who subscribe to `topic`: administrators of all accounts; of what concerns an account, also those
 * bound to it and the account itself.
 */
export async function subscribers(
  records: Pick<MailRecords, 'readers' | 'settings'>,
  topic: NoticeTopic,
  account: AccountId | null,
): Promise<Recipient[]> {
  const readers = await records.readers({ topic });
  const mine = readers.filter(({ scope }) => scope === null || (account !== null && scope === account));
  const own = account === null || !ACCOUNT_TOPICS.includes(topic) ? undefined : await records.settings(account);
  const all = mine.flatMap(({ addresses, scope }) => recipientsOf(addresses, scope));
  return own?.topics.includes(topic) ? [...all, ...recipientsOf(own.addresses, account)] : all;
}

/** Addresses of an administrator; without any, of those who look after administrators. */
export async function ownOrOwners(
  records: Pick<MailRecords, 'readers' | 'settings'>,
  user: UserId,
  scope: AccountId | null,
): Promise<Recipient[]> {
  const { addresses } = await records.settings(user);
  return addresses.length > 0 ? recipientsOf(addresses, scope) : subscribers(records, 'administrators', scope);
}

/**
 * Who gets a scheduled report: administrators as their role sees numbers, now and not when the schedule was made; the
 * account itself sees all of its own.
 */
export async function readersOf(
  records: Pick<MailRecords, 'readers' | 'settings'>,
  { owner, recipients }: Pick<ScheduledReport, 'owner' | 'recipients'>,
): Promise<{ readonly whole: readonly Recipient[]; readonly masked: readonly Recipient[] }> {
  const readers = await records.readers({ users: recipients.administrators });
  const mine = readers.filter(({ scope }) => scope === null || scope === owner);
  const own = owner !== null && recipients.account ? (await records.settings(owner)).addresses : [];
  const those = (masked: boolean) =>
    mine
      .filter(({ role }) => (role === 'auditor') === masked)
      .flatMap(({ addresses, scope }) => recipientsOf(addresses, scope));
  return { whole: [...those(false), ...recipientsOf(own, owner)], masked: those(true) };
}
