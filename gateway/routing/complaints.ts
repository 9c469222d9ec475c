import type { CarrierAdapter } from '../ports/carrier-adapter.ts';
import type { Clock } from '../ports/clock.ts';
import type { Complaint } from './breaker.ts';

/** Pause between two questions to a carrier, ms: for some each is a request to their API. */
const ASK_EVERY = 30_000;

/** Since when a carrier has said so, by the monotonic clock. */
interface Said {
  readonly since: number;
  readonly detail: string;
}

/** What carriers say of themselves; asked in the background, because some take long to answer. */
export class Complaints {
  readonly #carriers: readonly Pick<CarrierAdapter, 'name' | 'health'>[];
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #said = new Map<string, Said>();
  readonly #asked = new Set<string>();
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(carriers: readonly Pick<CarrierAdapter, 'name' | 'health'>[], clock: Pick<Clock, 'monotonic'>) {
    this.#carriers = carriers;
    this.#clock = clock;
  }

  /** Asks all carriers again, unless it is too early; whoever has not answered the last question is not asked another. */
  ask(): void {
    if (this.#clock.monotonic() - this.#askedAt < ASK_EVERY) return;
    this.#askedAt = this.#clock.monotonic();
    for (const carrier of this.#carriers) void this.#ask(carrier);
  }

  /** Null when the carrier is well, or has not been heard yet. */
  of(carrier: string): Complaint | null {
    const said = this.#said.get(carrier);
    return said === undefined ? null : { lasting: this.#clock.monotonic() - said.since, detail: said.detail };
  }

  async #ask(carrier: Pick<CarrierAdapter, 'name' | 'health'>): Promise<void> {
    const { name } = carrier;
    if (this.#asked.has(name)) return;
    this.#asked.add(name);
    const { ok, detail } = await carrier
      .health()
      .catch(() => ({ ok: false, detail: 'its health cannot be asked for' }));
    this.#asked.delete(name);
    if (ok) this.#said.delete(name);
    else this.#said.set(name, { since: this.#said.get(name)?.since ?? this.#clock.monotonic(), detail });
  }
}
