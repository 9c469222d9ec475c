import { type AccountId, parseId } from '../fax/ids.ts';
import { draftsOf } from './draft.ts';
import type { MailParts } from './parts.ts';
import { subscribers } from './readers.ts';
import { type AlertName, alertLetter, alertName, topicOf } from './templates/alerts.ts';

/** The same alert is not mailed again before. Long enough that a breaker that opens all night fills no mailbox. */
const QUIET = 6 * 3_600_000;

/** Fields of an alert's log line that its mail shows, and that tell it from others of its name. */
const FACTS = [
  ['carrier', 'Carrier'],
  ['account', 'Account'],
  ['provider', 'Provider'],
  ['user', 'User'],
  ['place', 'Country'],
  ['span', 'Budget of the'],
  ['sweeper', 'Sweeper'],
  ['reason', 'Reason'],
] as const;
/** A reason in words changes while the alert is the same. */
const TELLING: readonly string[] = ['carrier', 'account', 'provider', 'user', 'place', 'span', 'sweeper'];

/** A log line with `alert`. */
export interface RaisedAlert {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** Writes the mails of an alert to those who subscribe to its topic, unless it has been told a short while ago. */
export async function tellAlert(parts: MailParts, { fields, at }: RaisedAlert): Promise<void> {
  const name = alertName(fields.alert);
  if (name === undefined) return;
  const account = typeof fields.account === 'string' ? parseId('acc', fields.account) : undefined;
  const to = await subscribers(parts.records, topicOf(name), account ?? null);
  if (to.length === 0) return;
  const facts = await factsOf(parts, fields, account);
  const letter = alertLetter({ host: parts.host, at, facts }, name);
  const now = parts.clock.now();
  const mails = await draftsOf({ sealKey: parts.sealKey, now }, letter, 'alert', to);
  await parts.records.tell(keyOf(name, fields), QUIET, mails, now);
}

function keyOf(name: AlertName, fields: RaisedAlert['fields']): string {
  return JSON.stringify([name, ...TELLING.map((field) => fields[field] ?? null)]);
}

/** Words of ours and names of the settings; accounts and users by their names. */
async function factsOf(
  { accounts }: Pick<MailParts, 'accounts'>,
  fields: RaisedAlert['fields'],
  account: AccountId | undefined,
): Promise<(readonly [string, string])[]> {
  const user = typeof fields.user === 'string' ? parseId('usr', fields.user) : undefined;
  const names: Readonly<Record<string, string | undefined>> = {
    account: account === undefined ? undefined : (await accounts.account(account))?.name,
    user: user === undefined ? undefined : (await accounts.accessById(user))?.user.name,
  };
  return FACTS.flatMap(([field, title]) => {
    const value = field in names ? names[field] : fields[field];
    return typeof value === 'string' && value !== '' ? [[title, plain(value)] as const] : [];
  });
}

/** One line, of bounded length; digits in a row could be a number of somebody. */
function plain(text: string): string {
  return text
    .replace(/\+?\d{7,15}/g, '…')
    .replace(/\s+/g, ' ')
    .slice(0, 120);
}
