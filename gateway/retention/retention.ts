import type { FaxId } from '../fax/ids.ts';
import { nameOf } from './image-loss.ts';
import { DEFAULT_RETENTION, type RetentionSettings } from './settings.ts';
import { SWEEPERS, type Sweeper, type SweeperName, type SweepParts } from './sweepers.ts';

/** What the retention works on; settings that are left out have the defaults of the design. */
export type RetentionOptions = Omit<SweepParts, 'settings'> & {
  readonly settings?: Partial<RetentionSettings>;
  /** Whether other processes do the same on the same records: one of them sweeps at a time. */
  readonly shared?: boolean;
};

/** Keeps the promise that no image outlives its transmission. */
export interface Retention {
  /**
   * The start order of the vault: epochs are loaded, then `reconcile` settles the calls of an earlier life, then one
   * sweep; only when this returns may the gateway listen. Timers run from here on.
   */
  start(reconcile: () => Promise<void>): Promise<void>;
  /** Ends the timers, waits for what is running; with no live fax every key epoch is destroyed. */
  stop(): Promise<void>;
  /** Wipes now, right after W5. Never throws: what fails is left to the sweeper, which finds the intent. */
  wipe(fax: FaxId, reason?: string): Promise<void>;
  /** Runs every sweeper once; answers what each found. */
  sweepOnce(): Promise<Readonly<Record<SweeperName, number>>>;
}

/** A roll that failed is tried again after this part of an epoch. */
const RETRY_PART = 20;

const SWEEPER_NAMES = Object.keys(SWEEPERS) as SweeperName[];

/** Sweepers, the timer of the epoch roll, and the wipe that follows each ending. */
export function createRetention(options: RetentionOptions): Retention {
  const { settings, shared = false, ...rest } = options;
  return new Sweeping({ ...rest, settings: { ...DEFAULT_RETENTION, ...settings } }, shared);
}

class Sweeping implements Retention {
  readonly #parts: SweepParts;
  readonly #timers = new Map<string, () => void>();
  readonly #running = new Set<Promise<unknown>>();
  #rollFailed = false;
  readonly #shared: boolean;
  /** When the vault's directory is looked through again, on the monotonic clock. */
  #strayAt = 0;
  #stopped = false;

  constructor(parts: SweepParts, shared: boolean) {
    this.#parts = parts;
    this.#shared = shared;
  }

  async start(reconcile: () => Promise<void>): Promise<void> {
    const { epochRoll, settings } = this.#parts;
    await epochRoll.start();
    await reconcile();
    // Beside others the wipes of this moment are theirs, and not left from an earlier life.
    await this.#oneOfAll('sweep', () => this.#sweep(SWEEPER_NAMES, !this.#shared));
    this.#after('sweep', settings.sweepEvery, () => this.#sweepAndGoOn());
    this.#after('roll', await this.#untilRoll(), () => this.#rollAndGoOn());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    await Promise.all(this.#running);
    await this.#parts.epochRoll.stop();
  }

  async wipe(fax: FaxId, reason = 'transmission_ended'): Promise<void> {
    const { vault, log, metrics } = this.#parts;
    try {
      await vault.wipe(fax, reason);
    } catch (error) {
      metrics.count('wipes_failed');
      log.warn({ fax, error: nameOf(error) }, 'a wipe failed; the sweeper tries again');
    }
  }

  sweepOnce(): Promise<Readonly<Record<SweeperName, number>>> {
    return this.#sweep(SWEEPER_NAMES, false);
  }

  async #sweep(names: readonly SweeperName[], atStart: boolean): Promise<Readonly<Record<SweeperName, number>>> {
    const found: Record<SweeperName, number> = {
      wipe_intent: 0,
      lost_key: 0,
      overdue_image: 0,
      expired_upload: 0,
      stray_blob: 0,
      overdue_epoch: 0,
    };
    for (const name of names) found[name] = await this.#run(name, SWEEPERS[name], atStart);
    if (names.includes('stray_blob')) this.#strayAt = this.#parts.clock.monotonic() + this.#parts.settings.strayEvery;
    return found;
  }

  /** One sweeper; its failure is told and does not keep the next ones from running. */
  async #run(name: SweeperName, sweeper: Sweeper, atStart: boolean): Promise<number> {
    const { log, metrics } = this.#parts;
    try {
      const found = await sweeper(this.#parts, atStart);
      if (found === 0) return 0;
      metrics.count('sweeper_found', { sweeper: name }, found);
      log.warn({ sweeper: name, found, alert: 'sweeper_found' }, 'a sweeper found something that should not have been');
      return found;
    } catch (error) {
      metrics.count('sweeper_failed', { sweeper: name });
      log.error({ sweeper: name, error: nameOf(error) }, 'a sweeper failed');
      return 0;
    }
  }

  async #sweepAndGoOn(): Promise<void> {
    const all = this.#parts.clock.monotonic() >= this.#strayAt;
    const names = all ? SWEEPER_NAMES : SWEEPER_NAMES.filter((name) => name !== 'stray_blob');
    try {
      await this.#oneOfAll('sweep', () => this.#sweep(names, false));
    } catch (error) {
      this.#parts.log.warn({ error: nameOf(error) }, 'no sweep: the records do not answer');
    }
    this.#after('sweep', this.#parts.settings.sweepEvery, () => this.#sweepAndGoOn());
  }

  /** An epoch of an earlier life has used up some of its time. */
  async #untilRoll(): Promise<number> {
    const { epochRoll, settings, clock } = this.#parts;
    const now = clock.now();
    const due = ((await epochRoll.oldest()) ?? now) + settings.epochLife;
    return Math.min(settings.epochLife, Math.max(0, due - now));
  }

  async #rollAndGoOn(): Promise<void> {
    const { settings, log, metrics } = this.#parts;
    let next: number;
    try {
      next = await this.#rollWhenDue();
      this.#rollFailed = false;
    } catch (error) {
      next = settings.epochLife / RETRY_PART;
      this.#rollFailed = true;
      metrics.count('epoch_rolls_failed');
      log.error({ error: nameOf(error), alert: 'epoch_roll_failed' }, 'a roll of the key epoch failed');
    }
    this.#after('roll', next, () => this.#rollAndGoOn());
  }

  /** Answers when the next roll is due. Another process may have rolled; one that failed is finished at once. */
  async #rollWhenDue(): Promise<number> {
    const { epochRoll, settings } = this.#parts;
    const age = this.#rollFailed ? undefined : await epochRoll.newestAge();
    if (age !== undefined && age < settings.epochLife) return settings.epochLife - age;
    await epochRoll.roll();
    return settings.epochLife;
  }

  /** Runs `work` unless another process is at it. */
  async #oneOfAll(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#shared) await this.#parts.records.tryExclusively(name, work);
    else await work();
  }

  #after(name: string, ms: number, work: () => Promise<void>): void {
    if (this.#stopped) return;
    const cancel = this.#parts.clock.after(ms, () => {
      const run = work().finally(() => this.#running.delete(run));
      this.#running.add(run);
    });
    this.#timers.set(name, cancel);
  }
}
