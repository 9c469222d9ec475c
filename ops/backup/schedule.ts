import type { AccountRecords } from '../../gateway/ports/account-records.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Exclusion } from '../../gateway/ports/exclusion.ts';
import type { Log, Metrics } from '../../gateway/ports/log.ts';
import { BackupError } from './errors.ts';
import type { FinishedBackup } from './write.ts';

/** Name under which one process at a time makes a backup. */
export const BACKUP_LOCK = 'backup';
/** Row of `settings` with the last good backup. */
const LAST = 'backup_last';
/** A look costs one row; a failed backup is tried again with the next one. Milliseconds. */
const LOOK_EVERY = 60_000;
/** After so many intervals without a good backup somebody should know. */
const OVERDUE = 3;

/** The last good backup, as the records know it. */
export interface LastBackup {
  readonly name: string;
  /** ms since 1970. */
  readonly takenAt: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** What the schedule works with. */
export interface ScheduleParts {
  readonly settings: Pick<AccountRecords, 'setting' | 'putSetting'>;
  readonly exclusion: Pick<Exclusion, 'tryExclusively'>;
  /** Makes one backup. */
  readonly write: () => Promise<FinishedBackup>;
  /** From one backup to the next, ms. */
  readonly every: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Backups at their times, by one of all processes that share the records. */
export interface BackupSchedule {
  start(): void;
  /** No further backup; resolves when a running one has ended. */
  stop(): Promise<void>;
  /** For /readyz: a gateway without fresh backups still takes faxes. */
  check(): Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
  /** One look: makes a backup when one is due. Never throws. */
  look(): Promise<void>;
}

/** Builds the schedule; nothing runs before `start`. */
export function createBackupSchedule(parts: ScheduleParts): BackupSchedule {
  return new Schedule(parts);
}

class Schedule implements BackupSchedule {
  readonly #parts: ScheduleParts;
  readonly #since: number;
  #last: LastBackup | undefined;
  #told = 0;
  #cancel = () => {};
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
    this.#since = parts.clock.now();
  }

  start(): void {
    this.#running = this.look().finally(() => this.#again());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  async look(): Promise<void> {
    const { clock, exclusion, log, metrics } = this.#parts;
    try {
      await this.#read();
      if (this.#isDue(clock.now())) await exclusion.tryExclusively(BACKUP_LOCK, () => this.#make());
    } catch (error) {
      metrics.count('backups_total', { result: 'failed' });
      // The target's words, such as a full disk, are for the operator; they hold no row.
      const reason = error instanceof BackupError ? error.message : String(error);
      log.warn({ reason, alert: 'backup_failed' }, 'a backup failed; the next look tries again');
    }
    this.#tellAge(clock.now());
  }

  check(): ReturnType<BackupSchedule['check']> {
    const now = this.#parts.clock.now();
    const age = `${Math.floor((now - (this.#last?.takenAt ?? this.#since)) / 60_000)} minutes`;
    const since = this.#last === undefined ? `none since the start ${age} ago` : `the last good one is ${age} old`;
    return { backup: { ok: true, detail: this.#overdue(now) ? `overdue: ${since}` : since } };
  }

  #again(): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.clock.after(Math.min(LOOK_EVERY, this.#parts.every), () => this.start());
  }

  #isDue(now: number): boolean {
    return !this.#stopped && (this.#last === undefined || now - this.#last.takenAt >= this.#parts.every);
  }

  #overdue(now: number): boolean {
    return now - (this.#last?.takenAt ?? this.#since) > OVERDUE * this.#parts.every;
  }

  async #read(): Promise<void> {
    const text = await this.#parts.settings.setting(LAST);
    this.#last = text === undefined ? undefined : (JSON.parse(text) as LastBackup);
  }

  /** Another process may have made one while this one waited for its turn. */
  async #make(): Promise<void> {
    const { write, settings, clock, log, metrics } = this.#parts;
    await this.#read();
    if (!this.#isDue(clock.now())) return;
    const { name, takenAt, bytes, seconds, rows, removed } = await write();
    this.#last = { name, takenAt, bytes, seconds };
    await settings.putSetting(LAST, JSON.stringify(this.#last));
    metrics.count('backups_total', { result: 'ok' });
    metrics.observe('backup_seconds', seconds);
    metrics.gauge('backup_bytes', bytes);
    log.info({ name, bytes, rows, removed, seconds: Number(seconds.toFixed(1)) }, 'a backup was made and verified');
  }

  /** Once an interval, not once a look. */
  #tellAge(now: number): void {
    const age = now - (this.#last?.takenAt ?? this.#since);
    this.#parts.metrics.gauge('backup_age_seconds', age / 1_000);
    if (!this.#overdue(now) || now - this.#told < this.#parts.every) return;
    this.#told = now;
    this.#parts.log.warn({ minutes: Math.floor(age / 60_000), alert: 'backup_overdue' }, 'no good backup for too long');
  }
}
