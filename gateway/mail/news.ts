import { constantTimeEqual, hmacSha256 } from '../../crypto/index.ts';
import { type AccountId, parseId, type UserId } from '../fax/ids.ts';
import type { MailKind } from '../fax/notice.ts';
import type { AccessRow, AuditEntry } from '../ports/account-records.ts';
import type { NetworkSeen, NewMail } from '../ports/mail-records.ts';
import type { Letter } from '../ports/mailer.ts';
import { NEWS_ACTIONS, type News, newsOf } from './audit-notices.ts';
import { draftsOf } from './draft.ts';
import type { MailParts } from './parts.ts';
import { ownOrOwners, type Recipient, recipientsOf, subscribers } from './readers.ts';
import { closedLetter, reopenedLetter } from './templates/accounts.ts';
import { afterFailuresLetter, interceptedLetter, newPlaceLetter, type Place } from './templates/log-ins.ts';
import type { Scene } from './templates/scene.ts';
import {
  credentialLetter,
  newAdministratorLetter,
  newUserLetter,
  type Standing,
  standingLetter,
} from './templates/users.ts';

const DAY = 86_400_000;
/** Places of the chain looked through at once. */
const BATCH = 1_000;
/** Refused log-ins before a right one that are news. One or two are a slip of the finger. */
const FAILURES = 3;

/** What one reading works with. */
interface Reading {
  readonly parts: MailParts;
  readonly now: number;
  readonly mails: NewMail[];
  readonly seen: NetworkSeen[];
}

/** Reads the audit log where the last reading ended, and writes the mails that follow. Answers whether there may be more. */
export async function readNews(parts: MailParts): Promise<boolean> {
  const { records, clock } = parts;
  const unread = await records.unread(NEWS_ACTIONS, BATCH);
  if (unread.until === unread.after) return false;
  const reading: Reading = { parts, now: clock.now(), mails: [], seen: [] };
  for (const entry of unread.entries) {
    for (const news of newsOf(entry)) await tell(reading, entry, news);
  }
  await records.advance(unread, reading.mails, reading.seen, reading.now);
  return unread.until - unread.after === BATCH;
}

async function tell(reading: Reading, entry: AuditEntry, news: News): Promise<void> {
  if (news.about === 'account') return tellAccount(reading, entry, news);
  const id = parseId('usr', (news.about === 'login' ? entry.actor : entry.object) ?? '');
  const row = id === undefined ? undefined : await reading.parts.accounts.accessById(id);
  if (row === undefined) return;
  switch (news.about) {
    case 'login':
      return tellLogin(reading, entry, row, news);
    case 'login_refused': {
      const letter = interceptedLetter(await sceneOf(reading, entry, row), true);
      return write(reading, entry, 'login_intercepted', letter, await ownAddresses(reading, row));
    }
    case 'user_new':
      return tellNewUser(reading, entry, row);
    case 'credential': {
      const own = row.user.realm === 'admin' ? 'password' : 'secret';
      const credential = news.credential === 'verifiers' ? own : news.credential;
      const letter = credentialLetter(await sceneOf(reading, entry, row), credential);
      return write(reading, entry, 'user_changed', letter, await ownAddresses(reading, row));
    }
    case 'standing':
      return tellStanding(reading, entry, row);
  }
}

/** To the account itself, and to those who look after administrators of it or of all. */
async function tellAccount(
  reading: Reading,
  entry: AuditEntry,
  { isOpen, eraseAt }: Extract<News, { readonly about: 'account' }>,
): Promise<void> {
  const { records, accounts, host } = reading.parts;
  const account = entry.account === null ? undefined : await accounts.account(entry.account);
  if (account === undefined) return;
  const { at, address } = entry;
  const scene = { host, account: account.name, at, address, by: await actorText(reading.parts, entry.actor) };
  const letter = isOpen ? reopenedLetter(scene) : closedLetter(scene, eraseAt);
  const own = (await records.settings(account.id)).addresses;
  const to = [...recipientsOf(own, account.id), ...(await subscribers(records, 'administrators', account.id))];
  return write(reading, entry, 'account_changed', letter, to);
}

async function tellLogin(
  reading: Reading,
  entry: AuditEntry,
  row: AccessRow,
  { intercepted, device }: Extract<News, { readonly about: 'login' }>,
): Promise<void> {
  const to = await ownAddresses(reading, row);
  // Of those whom nobody is told of nothing is remembered either.
  if (to.length === 0) return;
  const scene = await sceneOf(reading, entry, row);
  const put = (kind: MailKind, letter: Letter) => write(reading, entry, kind, letter, to);
  const fresh = await freshOf(reading, row.user.id, { network: entry.address, device });
  if (fresh.length > 0) await put('login_network', newPlaceLetter(scene, fresh));
  const failures = await reading.parts.records.refusals(row.user.id, entry.at - DAY, entry.at);
  if (failures >= FAILURES) await put('login_failures', afterFailuresLetter(scene, failures));
  if (intercepted) await put('login_intercepted', interceptedLetter(scene));
}

/**
 * What is new of where and with what a user came, and notes it. The first place of a user is no news: that there is a new
 * user was told when it was made.
 */
async function freshOf(
  { parts, seen }: Reading,
  user: UserId,
  { network, device }: { readonly network: string | null; readonly device: string | null },
): Promise<Place[]> {
  const { records, serverKey, networkOf } = parts;
  const markOf = (place: Place, text: string): Uint8Array =>
    hmacSha256(serverKey, new TextEncoder().encode(JSON.stringify([place, user, text])));
  const marks = [
    ...(network === null ? [] : [['network', markOf('network', networkOf(network))] as const]),
    ...(device === null ? [] : [['device', markOf('device', device)] as const]),
  ];
  const mine = seen.filter((one) => one.user === user).map((one) => one.network);
  const known = [...(await records.networks(user)), ...mine];
  const isIn = (all: readonly Uint8Array[], mark: Uint8Array) => all.some((one) => constantTimeEqual(one, mark));
  const isNew = (mark: Uint8Array) => known.length > 0 && !isIn(known, mark);
  seen.push(...marks.filter(([, mark]) => !isIn(mine, mark)).map(([, mark]) => ({ user, network: mark })));
  return marks.filter(([, mark]) => isNew(mark)).map(([place]) => place);
}

async function tellNewUser(reading: Reading, entry: AuditEntry, row: AccessRow): Promise<void> {
  const { user } = row;
  const scene = await sceneOf(reading, entry, row);
  if (user.realm === 'api') {
    return write(reading, entry, 'user_new', newUserLetter(scene), await ownAddresses(reading, row));
  }
  const to = await subscribers(reading.parts.records, 'administrators', user.scope);
  return write(reading, entry, 'administrator_new', newAdministratorLetter(scene, await standingOf(reading, row)), to);
}

async function tellStanding(reading: Reading, entry: AuditEntry, row: AccessRow): Promise<void> {
  // That an API user is disabled is for whoever did it; its rights are its account's.
  if (row.user.realm === 'api') return;
  const { records } = reading.parts;
  const others = await subscribers(records, 'administrators', row.user.scope);
  const own = (await records.settings(row.user.id)).addresses;
  const to = [...recipientsOf(own, row.user.scope), ...others];
  const letter = standingLetter(await sceneOf(reading, entry, row), await standingOf(reading, row));
  return write(reading, entry, 'administrator_changed', letter, to);
}

/** News of a day ago is none: of a gateway that was off, or had no server for mails. */
async function write(
  { parts, now, mails }: Reading,
  entry: AuditEntry,
  kind: MailKind,
  letter: Letter,
  to: readonly Recipient[],
): Promise<void> {
  if (now - entry.at > DAY) return;
  mails.push(...(await draftsOf({ sealKey: parts.sealKey, now }, letter, kind, to)));
}

/** Those of the administrator, or of the account of an API user. */
async function ownAddresses({ parts: { records } }: Reading, { user, account }: AccessRow): Promise<Recipient[]> {
  if (account !== null) return recipientsOf((await records.settings(account.id)).addresses, account.id);
  return ownOrOwners(records, user.id, user.scope);
}

async function sceneOf({ parts }: Reading, entry: AuditEntry, { user, account }: AccessRow): Promise<Scene> {
  const { at, address } = entry;
  const by = await actorText(parts, entry.actor, user.id);
  return { host: parts.host, user: user.name, realm: user.realm, account: account?.name ?? null, at, address, by };
}

/** Who did something, in words. */
export async function actorText(
  { accounts }: Pick<MailParts, 'accounts'>,
  actor: string,
  self?: UserId,
): Promise<string> {
  if (actor === self) return 'the user';
  if (actor === 'gateway') return 'the gateway';
  const id = parseId('usr', actor);
  const row = id === undefined ? undefined : await accounts.accessById(id);
  if (row === undefined) return 'somebody on the host of the gateway';
  return row.user.realm === 'admin' ? `administrator ${row.user.name}` : `API user ${row.user.name}`;
}

async function standingOf({ parts }: Reading, { user }: AccessRow): Promise<Standing> {
  const account = user.scope === null ? null : await nameOf(parts, user.scope);
  return { role: user.role ?? 'auditor', account, disabled: user.disabled };
}

async function nameOf({ accounts }: Pick<MailParts, 'accounts'>, id: AccountId): Promise<string> {
  return (await accounts.account(id))?.name ?? id;
}
