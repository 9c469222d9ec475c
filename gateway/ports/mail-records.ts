import type { AccountId, MailId, UserId } from '../fax/ids.ts';
import type { MailKind, MailState, NoticeSettings, NoticeTopic } from '../fax/notice.ts';
import type { ReportRecipients, ReportSchedule, ScheduledReport } from '../fax/report-schedule.ts';
import type { Role } from '../fax/role.ts';
import type { Actor, AuditEntry } from './account-records.ts';
import type { ReportOwner } from './cdr-records.ts';

/** A mail that is to be sent; its text is sealed, and goes with the sending. */
export interface NewMail {
  readonly id: MailId;
  readonly kind: MailKind;
  readonly to: string;
  /** Whose reader gets it: the account itself or an administrator bound to it; null: of all accounts. */
  readonly account: AccountId | null;
  readonly sealed: Uint8Array;
}

/** A mail as the outbox shows it. */
export interface OutboxMail extends Omit<NewMail, 'sealed'> {
  readonly state: MailState;
  readonly attempts: number;
  /** Of the next attempt; null when there is none. */
  readonly nextAt: number | null;
  readonly lastError: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** A mail that this process may send now. */
export interface DueMail extends NewMail {
  /** Before this one. */
  readonly attempts: number;
  readonly createdAt: number;
}

/** What an attempt leaves. */
export interface MailEnd {
  readonly state: MailState;
  readonly nextAt: number | null;
  readonly error: string | null;
}

/** An administrator with addresses, who may log in. */
export interface MailReader extends NoticeSettings {
  readonly user: UserId;
  readonly name: string;
  readonly role: Role;
  readonly scope: AccountId | null;
}

/** Somebody logged in from this network. */
export interface NetworkSeen {
  readonly user: UserId;
  /** HMAC of user and network. */
  readonly network: Uint8Array;
}

/** Entries of the audit log that no notices were made of yet. */
export interface UnreadEntries {
  /** Places in the chain: read so far, and where these entries end. */
  readonly after: number;
  readonly until: number;
  readonly entries: readonly AuditEntry[];
}

/** Addresses, the outbox, and what has been told already. */
export interface MailRecords {
  /** Of an administrator or an account; empty where nothing was set. */
  settings(owner: UserId | AccountId): Promise<NoticeSettings>;
  /** Writes `notices.change` into the audit log, of `account`. Answers what stood there before. */
  setSettings(
    owner: UserId | AccountId,
    account: AccountId | null,
    settings: NoticeSettings,
    actor: Actor,
    now: number,
  ): Promise<NoticeSettings>;
  /** Administrators with an address who may log in: all of them, those of a topic, or some. */
  readers(which: { readonly topic?: NoticeTopic; readonly users?: readonly UserId[] }): Promise<MailReader[]>;

  put(mails: readonly NewMail[], now: number): Promise<void>;
  /** Mails that are due, those due longest before others; nobody else is given them for `lease` ms. */
  claim(limit: number, lease: number, now: number): Promise<DueMail[]>;
  /** Counts an attempt; the text of a mail that ends is gone. */
  settle(id: MailId, end: MailEnd, now: number): Promise<void>;
  /** Newest first; to readers of one account where it is named. */
  outbox(query: {
    readonly account?: AccountId;
    readonly state?: MailState;
    readonly before?: MailId;
    readonly limit: number;
  }): Promise<OutboxMail[]>;
  /** How many wait. */
  waiting(): Promise<number>;
  /** Forgets mails that ended before `ended`, networks not seen since `seen`, alerts told before `told`. */
  sweep(before: { readonly ended: number; readonly seen: number; readonly told: number }): Promise<number>;

  /** Chained entries with these actions behind the last ones read; looks through `limit` entries. */
  unread(actions: readonly string[], limit: number): Promise<UnreadEntries>;
  /**
   * Has read them and writes what came of it, in one transaction. False, and nothing written, when another process has
   * read them meanwhile.
   */
  advance(
    read: Pick<UnreadEntries, 'after' | 'until'>,
    mails: readonly NewMail[],
    seen: readonly NetworkSeen[],
    now: number,
  ): Promise<boolean>;
  /** Networks that a user has logged in from. */
  networks(user: UserId): Promise<Uint8Array[]>;
  /** Log-ins of a user that were refused in (`since`, `at`), after the last one that was not. Tries too soon are not counted. */
  refusals(user: UserId, since: number, at: number): Promise<number>;

  /** Writes the mails of an alert, unless the same one was told less than `quiet` ms ago. False: it was. */
  tell(alert: string, quiet: number, mails: readonly NewMail[], now: number): Promise<boolean>;

  schedules(owner: ReportOwner): Promise<ScheduledReport[]>;
  schedule(owner: ReportOwner, name: string): Promise<ScheduledReport | undefined>;
  /** In place of the one that stands. False: there is no such report. */
  setSchedule(
    owner: ReportOwner,
    name: string,
    wish: { readonly schedule: ReportSchedule; readonly recipients: ReportRecipients; readonly nextAt: number },
    actor: Actor,
    now: number,
  ): Promise<boolean>;
  /** False: it had none. */
  removeSchedule(owner: ReportOwner, name: string, actor: Actor, now: number): Promise<boolean>;
  dueSchedules(now: number, limit: number): Promise<ScheduledReport[]>;
  /** Writes the mails of one moment and the next moment, once: false when somebody has done so, or changed the schedule. */
  reported(report: ScheduledReport, nextAt: number, mails: readonly NewMail[], now: number): Promise<boolean>;
}
