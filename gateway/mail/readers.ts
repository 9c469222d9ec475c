import type { AccountId, UserId } from '../fax/ids.ts';
import { ACCOUNT_TOPICS, type NoticeTopic } from '../fax/notice.ts';
import type { ScheduledReport } from '../fax/report-schedule.ts';
import type { MailRecords } from '../ports/mail-records.ts';

/**
 * Addresses of those who subscribe to `topic`: administrators of all accounts; of what concerns an account, also those
 * bound to it and the account itself.
 */
export async function subscribers(
  records: Pick<MailRecords, 'readers' | 'settings'>,
  topic: NoticeTopic,
  account: AccountId | null,
): Promise<string[]> {
  const readers = await records.readers({ topic });
  const mine = readers.filter(({ scope }) => scope === null || (account !== null && scope === account));
  const own = account === null || !ACCOUNT_TOPICS.includes(topic) ? undefined : await records.settings(account);
  return [...mine.flatMap(({ addresses }) => addresses), ...(own?.topics.includes(topic) ? own.addresses : [])];
}

/** Addresses of an administrator; without any, of those who look after administrators. */
export async function ownOrOwners(
  records: Pick<MailRecords, 'readers' | 'settings'>,
  user: UserId,
  scope: AccountId | null,
): Promise<readonly string[]> {
  const { addresses } = await records.settings(user);
  return addresses.length > 0 ? addresses : subscribers(records, 'administrators', scope);
}

/**
 * Who gets a scheduled report: administrators as their role sees numbers, now and not when the schedule was made; the
 * account itself sees all of its own.
 */
export async function readersOf(
  records: Pick<MailRecords, 'readers' | 'settings'>,
  { owner, recipients }: Pick<ScheduledReport, 'owner' | 'recipients'>,
): Promise<{ readonly whole: readonly string[]; readonly masked: readonly string[] }> {
  const readers = await records.readers({ users: recipients.administrators });
  const mine = readers.filter(({ scope }) => scope === null || scope === owner);
  const own = owner !== null && recipients.account ? (await records.settings(owner)).addresses : [];
  return {
    whole: [...mine.filter(({ role }) => role !== 'auditor').flatMap(({ addresses }) => addresses), ...own],
    masked: mine.filter(({ role }) => role === 'auditor').flatMap(({ addresses }) => addresses),
  };
}
