import { phaseAt } from '../fax/breaker.ts';
import type { Cause } from '../fax/cause.ts';
import type { CarrierHealth, CarrierHealthStatus } from '../gateway.ts';
import type { Actor } from '../ports/account-records.ts';
import type { CarrierAdapter } from '../ports/carrier-adapter.ts';
import type {
  Breaker,
  CarrierEvidence,
  CarrierFigures,
  CarrierHealthRecords,
  NewBreaker,
} from '../ports/carrier-health.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Log, Metrics } from '../ports/log.ts';
import { type BreakerSettings, closedAgain, nextBreaker, VERDICTS } from './breaker.ts';
import { Complaints } from './complaints.ts';

/** What the health of carriers is watched with. */
export interface HealthParts {
  readonly records: CarrierHealthRecords;
  readonly carriers: readonly Pick<CarrierAdapter, 'name' | 'health' | 'capabilities'>[];
  readonly queue: Pick<JobQueue, 'ring'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: BreakerSettings;
}

/** The watch over the carriers: opens and closes their breakers by what their calls come to. */
export interface HealthWatch extends CarrierHealth {
  /** A call over `carrier` has ended: looks at once where that may change its breaker. Never throws. */
  ended(carrier: string, cause: Cause): Promise<void>;
  /** Looks at all carriers; every process does from time to time. Never throws. */
  look(): Promise<void>;
}

/** Changes of a breaker that are shown at most. */
const SHOWN_CHANGES = 50;

const GATEWAY: Actor = { who: 'gateway', address: null };

/** @see HealthWatch */
export function createHealth(parts: HealthParts): HealthWatch {
  return new Watch(parts);
}

/**
 * All that it decides by lies in the records, and so does the state: processes that see the same want the same, and of two
 * that want a change one makes it. Only what carriers say of themselves is each process's own.
 */
class Watch implements HealthWatch {
  readonly #parts: HealthParts;
  readonly #names: readonly string[];
  readonly #complaints: Complaints;
  /** Carriers that were not closed at the last look. */
  #suspects: ReadonlySet<string> = new Set();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(parts: HealthParts) {
    this.#parts = parts;
    this.#names = parts.carriers.map(({ name }) => name);
    this.#complaints = new Complaints(parts.carriers, parts.clock);
  }

  async ended(carrier: string, cause: Cause): Promise<void> {
    if (this.#parts.settings.faults === 0) return;
    const isFault = VERDICTS.fault.includes(cause);
    const ends = this.#suspects.has(carrier) && VERDICTS.good.includes(cause);
    if (isFault || ends) await this.#lookOnce();
  }

  async look(): Promise<void> {
    this.#complaints.ask();
    await this.#lookOnce();
  }

  async list(): Promise<CarrierHealthStatus[]> {
    const { records, clock, settings } = this.#parts;
    const now = clock.now();
    const since = now - settings.window;
    const [breakers, figures] = await Promise.all([
      records.breakers(this.#names),
      records.figures(this.#names, since, VERDICTS.fault),
    ]);
    return breakers.flatMap((breaker, index) => {
      const seen = this.#toldBy(breaker.carrier, figures[index]);
      const phase = phaseAt(breaker, now);
      return seen === undefined ? [] : [{ breaker: { ...breaker, phase }, since, figures: seen }];
    });
  }

  async changes(carrier: string): Promise<Awaited<ReturnType<CarrierHealth['changes']>>> {
    return this.#names.includes(carrier) ? this.#parts.records.breaks(carrier, SHOWN_CHANGES) : undefined;
  }

  async reset(carrier: string, reason: string, actor: Actor): Promise<boolean> {
    if (!this.#names.includes(carrier)) return false;
    const [breaker] = await this.#parts.records.breakers([carrier]);
    if (breaker?.phase === 'open') await this.#change(breaker, { ...closedAgain(reason), figures: null }, actor);
    return true;
  }

  /** A look that is asked for while one is under way is one more look, whoever asks for it meanwhile. */
  #lookOnce(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  #begin(): Promise<void> {
    const look = this.#lookAtAll()
      .catch((error: unknown) => this.#parts.log.warn({ error: String(error) }, 'the carriers could not be looked at'))
      .finally(() => {
        this.#running = undefined;
      });
    this.#running = look;
    return look;
  }

  async #lookAtAll(): Promise<void> {
    const { records, clock, settings, metrics } = this.#parts;
    const all = await records.evidence(this.#names, clock.now() - settings.window, VERDICTS);
    for (const evidence of all) await this.#judge(evidence);
    const breakers = await records.breakers(this.#names);
    this.#suspects = new Set(breakers.filter(({ phase }) => phase === 'open').map(({ carrier }) => carrier));
    for (const { carrier, phase } of breakers) metrics.gauge('carrier_open', phase === 'open' ? 1 : 0, { carrier });
  }

  async #judge(evidence: CarrierEvidence): Promise<void> {
    const { records, clock, settings } = this.#parts;
    const now = clock.now();
    const next = nextBreaker(evidence, this.#complaints.of(evidence.carrier), settings, now);
    if (next === undefined) return;
    const [figures] = await records.figures([evidence.carrier], now - settings.window, VERDICTS.fault);
    const shown = this.#toldBy(evidence.carrier, figures) ?? null;
    await this.#change(evidence.breaker, { ...next, figures: shown }, GATEWAY);
  }

  /** Of a carrier that takes whole files nobody knows when a call was answered. */
  #toldBy(carrier: string, figures: CarrierFigures | undefined): CarrierFigures | undefined {
    const adapter = this.#parts.carriers.find(({ name }) => name === carrier);
    const silent = adapter?.capabilities.mediaDelivery !== 'stream';
    return figures !== undefined && silent ? { ...figures, answerMedian: null, answerP95: null } : figures;
  }

  async #change(from: Breaker, change: NewBreaker, actor: Actor): Promise<void> {
    const { records, queue, clock } = this.#parts;
    if (!(await records.changeBreaker(from, change, actor, clock.now()))) return;
    this.#tell(from.carrier, change);
    // Whoever waits in line for it is planned anew, or called, now and not at the next poll.
    await queue.ring('dial', from.carrier);
  }

  #tell(carrier: string, { phase, reason, until }: NewBreaker): void {
    const { log, metrics } = this.#parts;
    if (phase === 'closed') {
      log.info({ carrier, reason }, 'a carrier is trusted with calls again');
      return;
    }
    metrics.count('carrier_breaks_total', { carrier });
    const trialAt = new Date(until ?? 0).toISOString();
    log.warn(
      { carrier, reason, trialAt, alert: 'carrier_open' },
      'a carrier is left alone for now, after its own faults',
    );
  }
}
