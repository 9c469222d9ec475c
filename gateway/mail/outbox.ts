import type { MailState } from '../fax/notice.ts';
import type { DueMail, MailEnd } from '../ports/mail-records.ts';
import type { MailOutcome } from '../ports/mailer.ts';
import { openLetter } from './draft.ts';
import type { MailParts } from './parts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What a mail waits after its n-th attempt, ms; the last one goes for all later ones. */
const WAITS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR];
/** A mail that is not taken for so long is given up. RFC 5321 §4.5.4.1 gives relays four to five days; news is older by then. */
const GIVE_UP_AFTER = 72 * HOUR;
/** Longer than an attempt can last: a process that dies meanwhile leaves its mails to the others. */
const LEASE = 3 * MINUTE;
/** Mails of one look. */
const MOST = 50;

/**
 * Sends what is due, one after the other, until one is not taken: the next ones would not be either. Each mail is sent at
 * least once: a process that dies between the server's answer and its own note sends it again, with the same Message-ID.
 */
export async function sendDue(parts: MailParts, isStopped: () => boolean): Promise<void> {
  for (let sent = 0; sent < MOST && !isStopped(); sent++) {
    const [due] = await parts.records.claim(1, LEASE, parts.clock.now());
    if (due === undefined || (await sendOne(parts, due)) === 'waiting') return;
  }
}

/** What has become of it. */
async function sendOne(parts: MailParts, due: DueMail): Promise<MailState> {
  const { records, mailer, sealKey, clock, log, metrics } = parts;
  const letter = await openLetter(sealKey, due.id, due.sealed).catch(() => undefined);
  const outcome: MailOutcome =
    letter === undefined
      ? { result: 'refused', reason: 'its text cannot be opened with the key of this gateway' }
      : await mailer.send({ ...letter, id: due.id, to: due.to, at: due.createdAt });
  const end = endOf(due, outcome, clock.now());
  await records.settle(due.id, end, clock.now());
  metrics.count('mails_total', { kind: due.kind, result: end.state === 'waiting' ? 'later' : end.state });
  const facts = { mail: due.id, kind: due.kind, attempts: due.attempts + 1 };
  if (end.state === 'sent') log.info(facts, 'a mail is on its way');
  else if (end.state === 'waiting')
    log.info({ ...facts, reason: end.error }, 'a mail was not taken; it is tried again');
  else log.warn({ ...facts, reason: end.error, alert: 'mail_given_up' }, 'a mail is given up');
  return end.state;
}

function endOf({ attempts, createdAt }: DueMail, outcome: MailOutcome, now: number): MailEnd {
  if (outcome.result === 'sent') return { state: 'sent', nextAt: null, error: null };
  const nextAt = now + (WAITS[Math.min(attempts, WAITS.length - 1)] ?? 0);
  const isOver = outcome.result === 'refused' || nextAt - createdAt > GIVE_UP_AFTER;
  return { state: isOver ? 'given_up' : 'waiting', nextAt: isOver ? null : nextAt, error: outcome.reason };
}
