import type { NoticeTopic } from '../../fax/notice.ts';
import type { Letter } from '../../ports/mailer.ts';
import { factsTable, letterOf, moment, type Sender } from './frame.ts';

/** What a letter about an alert is made of; facts are names of carriers, accounts, countries: nothing personal. */
export interface AlertScene extends Sender {
  readonly at: number;
  readonly facts: readonly (readonly [string, string])[];
}

interface AlertWords {
  readonly topic: NoticeTopic;
  readonly title: string;
  /** What is so. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Every alert that is mailed, by the name that its log line has. */
const ALERTS = {
  carrier_open: {
    topic: 'carriers',
    title: 'A carrier gets no calls for now',
    what: 'Calls over a carrier failed by its own fault one after the other. It is left alone for a while, then tried with one call at a time; faxes go over the other carriers of their route.',
    advice: 'Look at the page of the carriers, or `sealfax carrier health`. If it lasts, ask the carrier.',
  },
  account_without_carrier: {
    topic: 'carriers',
    title: 'No carrier for an account',
    what: 'An account asks for tags of carriers that no carrier has: its faxes fail.',
    advice: 'Give a carrier the tag, or take it out of the policy of the account.',
  },
  sweeper_found: {
    topic: 'erasure',
    title: 'Something was left to erase',
    what: 'A sweeper has found and ended something that should have been gone before: an image past its time, a key, or a stray file.',
    advice:
      'It is settled. If it comes again, look at the log from before it for what went wrong, and at the clock and the disk of the host.',
  },
  epoch_roll_failed: {
    topic: 'erasure',
    title: 'A key epoch was not rolled',
    what: 'The keys over the images could not be replaced in time. Images are still erased one by one; that they are beyond reach is proven later than promised.',
    advice: 'Look at the log and at the key directory; the gateway tries again by itself.',
  },
  carrier_purge_failed: {
    topic: 'erasure',
    title: 'A carrier still has a copy',
    what: 'A carrier was asked to erase its copy of a fax and has not done it. It is asked again for a week.',
    advice: 'If it lasts, look at the page of the carriers, or `sealfax purges`.',
  },
  carrier_purge_given_up: {
    topic: 'erasure',
    title: 'A carrier keeps copies of faxes',
    what: 'A carrier refuses to erase copies of faxes, or has not answered for a week. Nobody asks it any more.',
    advice: 'Ask the carrier to erase them, and then try again or accept it: `sealfax purges`, `sealfax purges retry`.',
  },
  destination_held: {
    topic: 'destinations',
    title: 'Faxes to a new country wait',
    what: 'An account sends to a country that it has never sent to. The faxes wait for a decision: it may be its first customer there, or somebody who runs up its bill.',
    advice:
      'Ask the account, then approve or deny the country on the page of the account. What nobody decides on fails.',
  },
  budget_warned: {
    topic: 'budgets',
    title: 'Four fifths of a budget are spent',
    what: 'Calls of this period have cost four fifths of what may be spent.',
    advice: 'Look at the costs, and raise the budget if it is right so: `sealfax budget list`.',
  },
  budget_spent: {
    topic: 'budgets',
    title: 'A budget is spent',
    what: 'What may be spent in this period is spent. Faxes wait for the next period or a larger budget.',
    advice: 'Look at the costs, and raise the budget if it is right so: `sealfax budget list`.',
  },
  identity_provider_silent: {
    topic: 'administrators',
    title: 'An identity provider does not answer',
    what: 'An OpenID provider could not be asked about open sessions. They go on for the time that the settings allow, and end then.',
    advice:
      'See whether the provider can be reached from the gateway; `SEALFAX_OIDC` says how long sessions may go on.',
  },
  passkey_counter: {
    topic: 'administrators',
    title: 'A passkey may have been copied',
    what: 'The counter of a passkey went back: there may be a second authenticator with the same key. The log-in was refused.',
    advice: 'Ask the administrator; if it cannot say why, remove the passkey and add a new one.',
  },
  audit_seal_failed: {
    topic: 'audit',
    title: 'The audit log is not sealed',
    what: 'New entries of the audit log could not be chained and signed. They are kept, and sealed when it works again.',
    advice: 'Look at the log of the gateway. If it lasts, ask why: an audit log without a signed head proves less.',
  },
  backup_failed: {
    topic: 'backups',
    title: 'A backup failed',
    what: 'A backup was not written, or did not pass its check. The next look tries again.',
    advice: 'Look at the log for the reason, and at the target: is it reachable, is there room?',
  },
  room_low: {
    topic: 'backups',
    title: 'The data directory is nearly full',
    what: 'Less than 512 MiB are left on the disk of the data directory. Without room faxes are refused, and an embedded database stops.',
    advice:
      'Free some space on that disk, but delete nothing below the data directory itself. `/readyz` says how much is left.',
  },
  backup_overdue: {
    topic: 'backups',
    title: 'No good backup for too long',
    what: 'The newest backup that passed its check is older than the settings allow.',
    advice: 'Look at the log for the reason; `sealfax backup` writes one now.',
  },
} as const satisfies Record<string, AlertWords>;

/** The alerts of which mails are sent. */
export type AlertName = keyof typeof ALERTS;

export const ALERT_NAMES = Object.keys(ALERTS) as readonly AlertName[];

/** @param name what the log line calls it; undefined for one that is not mailed */
export function alertName(name: unknown): AlertName | undefined {
  return ALERT_NAMES.find((one) => one === name);
}

/** To whom it is of interest. */
export function topicOf(name: AlertName): NoticeTopic {
  return ALERTS[name].topic;
}

/** Something waits for a person. */
export function alertLetter(scene: AlertScene, name: AlertName): Letter {
  const { title, what, advice } = ALERTS[name];
  const subject = scene.facts
    .map(([, value]) => value)
    .slice(0, 2)
    .join(', ');
  return letterOf(scene, subject === '' ? title : `${title} (${subject})`, [
    what,
    factsTable([['When', moment(scene.at)], ...scene.facts]),
    advice,
    'The same alert is mailed again after six hours at the earliest.',
  ]);
}
