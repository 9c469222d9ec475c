import type { CarrierPurgeReceipt } from '../fax/receipt.ts';
import type { CarrierAdapter, PurgeReport } from '../ports/carrier-adapter.ts';
import type { Clock } from '../ports/clock.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { CarrierPurge, PurgeOrder, PurgeRecords } from '../ports/purge-records.ts';
import { nameOf } from './image-loss.ts';

/** What the erasure at carriers works on. */
export interface CarrierPurgesParts {
  readonly records: PurgeRecords;
  /** Those that this process can ask. */
  readonly carriers: readonly Pick<CarrierAdapter, 'name' | 'purge' | 'lookup'>[];
  readonly vault: Pick<ImageVault, 'certify'>;
  /** Whether the records were restored and nobody has confirmed it yet: then no carrier is asked for anything. */
  readonly held: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Has carriers erase what they keep of calls that have ended, and signs what they answer. */
export interface CarrierPurges {
  /** Looks at once, and every five seconds from then on. */
  start(): void;
  /** A call has ended: looks now and not with the next turn. Nothing happens before `start` and after `stop`. */
  soon(): void;
  /** Ends the timer; resolves when what is running has ended, or after five seconds. */
  stop(): Promise<void>;
  /** One look; never throws. Answers how many orders were carried out. */
  runOnce(): Promise<number>;
}

/** Pause between two looks, ms. */
const EVERY = 5_000;
/** A claimed order is free again after so long, ms: an adapter may read a long list at a slow carrier. */
const LEASE = 300_000;
/** Orders carried out at once, and claimed in one look: all of them are answered well before their lease is over. */
const LANES = 4;
const CLAIM = 8;
/** Rows of everything that asks no carrier. */
const BATCH = 100;
/** How long `stop` waits for a carrier, ms; what is cut is found again after its lease. */
const STOP_GRACE = 5_000;
/** Waits between two tries, ms: a minute, doubled each time, six hours at the most. */
const FIRST_WAIT = 60_000;
const LONGEST_WAIT = 21_600_000;
/**
 * A call may end here while its carrier is still at it: the gateway stopped, or it took too long. A fax is not erased while
 * it is being sent, for so long after its end at the most; that is longer than any call. ms
 */
const LONGEST_LIFE = 4 * 3_600_000;
/** Pause before a carrier is asked again whether it is still at it, ms. */
const LIVE_WAIT = 60_000;
/** How often the copies that are left are counted, ms: of a carrier that erases nothing there may be very many. */
const TOLD = 30_000;
/** How often copies that nobody asks for any more are named as an alert, ms. */
const REMIND = 3_600_000;

/** When a kept copy is asked for again; null: its time is over. */
export function nextPurgeAt(order: Pick<PurgeOrder, 'tries' | 'giveUpAt'>, now: number): number | null {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(order.tries - 1, 20));
  return now + wait > order.giveUpAt ? null : now + wait;
}

/** @see CarrierPurges */
export function createCarrierPurges(parts: CarrierPurgesParts): CarrierPurges {
  return new Purger(parts);
}

class Purger implements CarrierPurges {
  readonly #parts: CarrierPurgesParts;
  #started = false;
  #stopped = false;
  #asked = false;
  #running: Promise<void> | undefined;
  #cancel = () => {};
  #tellAt = Number.NEGATIVE_INFINITY;
  #remindAt = Number.NEGATIVE_INFINITY;

  constructor(parts: CarrierPurgesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#started = true;
    this.soon();
  }

  soon(): void {
    if (!this.#started || this.#stopped) return;
    this.#asked = true;
    this.#running ??= this.#turn();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    const grace = Promise.withResolvers<void>();
    const cancel = this.#parts.clock.after(STOP_GRACE, grace.resolve);
    await Promise.race([this.#running, grace.promise]);
    cancel();
  }

  async runOnce(): Promise<number> {
    const { records, clock, log, metrics, held } = this.#parts;
    if (held()) return 0;
    try {
      const asked = await this.#erase();
      for (const given of await records.abandonPurges(clock.now(), BATCH)) this.#givenUp(given);
      await this.#attest();
      await this.#tell();
      return asked;
    } catch (error) {
      metrics.count('carrier_purges_failed_total');
      log.warn({ error: nameOf(error) }, 'the erasure at carriers came to a halt; it goes on with the next look');
      return 0;
    }
  }

  /** One look after the other; wishes that come meanwhile are one more look together. */
  async #turn(): Promise<void> {
    this.#cancel();
    while (this.#asked && !this.#stopped) {
      this.#asked = false;
      await this.runOnce();
    }
    // In one turn with the last look at `asked`, so that no wish falls in between.
    this.#running = undefined;
    if (!this.#stopped) this.#cancel = this.#parts.clock.after(EVERY, () => this.soon());
  }

  async #erase(): Promise<number> {
    const { records, carriers, clock } = this.#parts;
    const names = carriers.flatMap(({ name, purge }) => (purge === undefined ? [] : [name]));
    if (names.length === 0) return 0;
    const orders = await records.claimPurges(names, LEASE, CLAIM, clock.now());
    // More of them wait than one look takes.
    if (orders.length === CLAIM) this.#asked = true;
    const queue = orders.values();
    const lane = async () => {
      for (const order of queue) await this.#carryOut(order);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return orders.length;
  }

  /** What fails here is claimed again when the lease is over. */
  async #carryOut(order: PurgeOrder): Promise<void> {
    const { records, clock, log } = this.#parts;
    const { call, fax, carrier } = order;
    try {
      if (await this.#isLive(order)) {
        await records.postponePurge(order, clock.now() + LIVE_WAIT);
        return;
      }
      const report = await this.#ask(order);
      const now = clock.now();
      const nextAt = report.outcome !== 'kept' || report.final === true ? null : nextPurgeAt(order, now);
      if (!(await records.purgeAnswered(order, report, nextAt, now))) return;
      this.#count(order, report, nextAt);
    } catch (error) {
      log.warn({ fax, call, carrier, error: nameOf(error) }, 'what a carrier said of an erasure could not be written');
    }
  }

  /** Only a call with an id of the carrier's can be asked for without reading its list. */
  async #isLive({ carrier, reference, carrierId, since }: PurgeOrder): Promise<boolean> {
    if (carrierId === null || this.#parts.clock.now() - since > LONGEST_LIFE) return false;
    const adapter = this.#parts.carriers.find(({ name }) => name === carrier);
    return (await adapter?.lookup(reference, carrierId))?.found === 'live';
  }

  async #ask({ carrier, reference, carrierId }: PurgeOrder): Promise<PurgeReport> {
    const adapter = this.#parts.carriers.find(({ name }) => name === carrier);
    try {
      const report = await adapter?.purge?.(reference, ...(carrierId === null ? [] : [carrierId]));
      return report ?? { outcome: 'kept', detail: 'the carrier cannot be asked' };
    } catch (error) {
      // An adapter never throws; one that does must not leave a copy unmentioned.
      this.#parts.log.error({ carrier, error: nameOf(error) }, 'an erasure at a carrier threw');
      return { outcome: 'kept', detail: 'the erasure failed on this side' };
    }
  }

  #count(order: PurgeOrder, { outcome }: PurgeReport, nextAt: number | null): void {
    const { log, metrics } = this.#parts;
    const { call, fax, carrier, tries } = order;
    metrics.count('carrier_purges_total', { carrier, outcome });
    const alert = { alert: 'carrier_purge_failed' };
    if (outcome !== 'kept') log.info({ fax, call, carrier, outcome }, 'the copy of a carrier is erased');
    else if (nextAt === null) this.#givenUp(order);
    else log.warn({ fax, call, carrier, tries, ...alert }, 'a carrier still has its copy of a fax; it is asked again');
  }

  #givenUp({ call, fax, carrier, tries }: Pick<CarrierPurge, 'call' | 'fax' | 'carrier' | 'tries'>): void {
    const alert = { alert: 'carrier_purge_given_up' };
    this.#parts.log.warn({ fax, call, carrier, tries, ...alert }, 'a carrier keeps its copy of a fax for good');
  }

  /** Further receipts: for copies that were decided after the wipe, or otherwise than the first receipt says. */
  async #attest(): Promise<void> {
    const { records, vault } = this.#parts;
    for (const purge of await records.unattestedPurges(BATCH)) {
      const receipt = receiptOf(purge);
      if (receipt !== undefined) await records.attestPurge(purge, await vault.certify(receipt));
    }
  }

  async #tell(): Promise<void> {
    const { records, carriers, clock, log, metrics } = this.#parts;
    if (clock.monotonic() < this.#tellAt) return;
    this.#tellAt = clock.monotonic() + TOLD;
    const outstanding = new Map((await records.outstandingPurges()).map((entry) => [entry.carrier, entry]));
    let lost = 0;
    for (const carrier of new Set([...outstanding.keys(), ...carriers.map(({ name }) => name)])) {
      const { pending, givenUp } = outstanding.get(carrier) ?? { pending: 0, givenUp: 0 };
      metrics.gauge('carrier_purges_pending', pending, { carrier });
      metrics.gauge('carrier_purges_given_up', givenUp, { carrier });
      lost += givenUp;
    }
    if (lost === 0 || clock.monotonic() < this.#remindAt) return;
    this.#remindAt = clock.monotonic() + REMIND;
    log.warn({ copies: lost, alert: 'carrier_purge_given_up' }, 'carriers keep copies of faxes that nobody asks for');
  }
}

/** Undefined for an order without an answer, of which there is nothing to attest. */
function receiptOf(purge: CarrierPurge): CarrierPurgeReceipt | undefined {
  const { fax, call, carrier, outcome, detail, answeredAt, tries } = purge;
  if (outcome === 'pending' || answeredAt === null) return undefined;
  const at = new Date(answeredAt).toISOString();
  return { v: 1, fax, call, carrier, outcome, detail: detail ?? '', at, tries, method: 'carrier-purge' };
}
