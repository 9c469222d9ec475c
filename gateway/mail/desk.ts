import type { AccountId, UserId } from '../fax/ids.ts';
import type { NoticeSettings } from '../fax/notice.ts';
import { nextReportAt } from '../fax/report-schedule.ts';
import type { MailDesk } from '../gateway.ts';
import type { Actor } from '../ports/account-records.ts';
import type { MailRecords } from '../ports/mail-records.ts';
import { draftsOf } from './draft.ts';
import { actorText } from './news.ts';
import type { MailStageParts, Post } from './parts.ts';
import { type Recipient, readersOf, recipientsOf } from './readers.ts';
import { trialLetter } from './templates/trial.ts';
import { addressesLetter } from './templates/users.ts';

type DeskParts = Omit<MailStageParts, 'post'>;

/**
 * What administrators set and ask for. @see MailDesk
 *
 * @param soon has what was written sent without waiting for the next look
 */
export function createDesk(parts: DeskParts, post: Post | undefined, soon: () => void): MailDesk {
  const { records, clock } = parts;
  const change = async (
    owner: UserId | AccountId,
    account: AccountId | null,
    title: string,
    settings: NoticeSettings,
    actor: Actor,
  ): Promise<void> => {
    const before = await records.setSettings(owner, account, settings, actor, clock.now());
    await tellAddresses(parts, post, { title, account, actor }, before, settings);
    soon();
  };
  return {
    sends: post !== undefined,
    settings: (owner) => records.settings(owner),
    changeOfUser: ({ id, name, scope }, settings, actor) => change(id, scope, `administrator ${name}`, settings, actor),
    changeOfAccount: ({ id, name }, settings, actor) => change(id, id, `the account ${name}`, settings, actor),
    outbox: (query) => records.outbox(query),
    try: async (to, administrator, actor, account) => {
      if (post === undefined) return false;
      await tryAddress(parts, post, to, { name: administrator.name, actor, account });
      soon();
      return true;
    },
    schedules: (owner) => records.schedules(owner),
    schedule: (owner, name) => records.schedule(owner, name),
    readersOf: async (report) => {
      const { whole, masked } = await readersOf(records, report);
      const addresses = (all: readonly Recipient[]) => new Set(all.map(({ to }) => to)).size;
      return addresses(whole) + addresses(masked);
    },
    setSchedule: (owner, name, { schedule, recipients }, actor) =>
      setSchedule(records, owner, name, { schedule, recipients }, actor, clock.now()),
    removeSchedule: (owner, name, actor) => records.removeSchedule(owner, name, actor, clock.now()),
  };
}

function setSchedule(
  records: Pick<MailRecords, 'setSchedule'>,
  ...[owner, name, wish, actor, now]: [...Parameters<MailDesk['setSchedule']>, number]
): Promise<boolean> {
  return records.setSchedule(owner, name, { ...wish, nextAt: nextReportAt(wish.schedule, now) }, actor, now);
}

/** Whoever got notices hears that somebody has changed where they go; so do those who get them now. */
async function tellAddresses(
  parts: DeskParts,
  post: Post | undefined,
  { title, account, actor }: { readonly title: string; readonly account: AccountId | null; readonly actor: Actor },
  before: NoticeSettings,
  { addresses }: NoticeSettings,
): Promise<void> {
  const { records, clock, sealKey } = parts;
  const isSame =
    before.addresses.length === addresses.length && addresses.every((one) => before.addresses.includes(one));
  if (post === undefined || isSame) return;
  const now = clock.now();
  const scene = {
    host: post.host,
    account: null,
    at: now,
    address: actor.address,
    by: await actorText(parts, actor.who),
  };
  const letter = addressesLetter(scene, title, addresses.length);
  const to = recipientsOf([...before.addresses, ...addresses], account);
  await records.put(await draftsOf({ sealKey, now }, letter, 'addresses_changed', to), now);
}

async function tryAddress(
  { records, accounts, clock, sealKey }: DeskParts,
  { host }: Post,
  to: string,
  { name, actor, account }: { readonly name: string; readonly actor: Actor; readonly account: AccountId | null },
): Promise<void> {
  const now = clock.now();
  const letter = trialLetter({ host }, name, now);
  const about = { account, action: 'mail.trial', object: null, detail: {} };
  await accounts.audit({ at: now, actor: actor.who, address: actor.address, ...about });
  await records.put(await draftsOf({ sealKey, now }, letter, 'trial', [{ to, account }]), now);
}
