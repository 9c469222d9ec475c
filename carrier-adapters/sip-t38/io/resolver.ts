import { lookup, Resolver } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { SrvRecord } from '../sip/agent/io.ts';
import type { FaultSink } from './network.ts';

/** Life of what came without a TTL (Node tells none for SRV, and /etc/hosts has none), ms. */
const DEFAULT_LIFE = 60_000;
/** Shortest and longest life of an answer, ms: a TTL of 0 would ask for every call, one of a week would never heal. */
const LIFE = { least: 5_000, most: 3_600_000 } as const;
/** Life of "there is none" and of a failure, ms. */
const NEGATIVE_LIFE = 5_000;
/** Names kept; the oldest goes first. */
const NAMES = 1_000;

interface Kept<T> {
  readonly until: number;
  readonly answer: Promise<readonly T[]>;
}

interface Found<T> {
  readonly answers: readonly T[];
  /** ms; null: unknown. */
  readonly life: number | null;
}

/** DNS with a cache (RFC 3263 §4: SRV, A, AAAA). Failures answer an empty list. */
export class DnsCache {
  readonly #clock: Clock;
  readonly #fault: FaultSink;
  readonly #families: { readonly v4: boolean; readonly v6: boolean };
  readonly #resolver = new Resolver({ timeout: 2_000, tries: 2 });
  readonly #services = new Map<string, Kept<SrvRecord>>();
  readonly #addresses = new Map<string, Kept<string>>();

  /** @param families what our sockets can reach */
  constructor(clock: Clock, fault: FaultSink, families: { readonly v4: boolean; readonly v6: boolean }) {
    this.#clock = clock;
    this.#fault = fault;
    this.#families = families;
  }

  services(name: string): Promise<readonly SrvRecord[]> {
    return this.#kept(this.#services, name, async () => ({ answers: await this.#srv(name), life: null }));
  }

  /** Addresses of both families that are in use, IPv4 first; an address is its own. */
  async addresses(name: string): Promise<readonly string[]> {
    if (isIP(name) !== 0) return this.#families[isIPv6(name) ? 'v6' : 'v4'] ? [name] : [];
    return this.#kept(this.#addresses, name, () => this.#hosts(name));
  }

  #kept<T>(cache: Map<string, Kept<T>>, name: string, ask: () => Promise<Found<T>>): Promise<readonly T[]> {
    const known = cache.get(name);
    const now = this.#clock.monotonic();
    if (known !== undefined && known.until > now) return known.answer;
    cache.delete(name);
    for (const [oldest] of cache) {
      if (cache.size < NAMES) break;
      cache.delete(oldest);
    }
    const found = ask().catch((): Found<T> => {
      this.#fault('dns');
      return { answers: [], life: NEGATIVE_LIFE };
    });
    const answer = found.then(({ answers, life }) => {
      const lasts =
        answers.length === 0 ? NEGATIVE_LIFE : Math.min(LIFE.most, Math.max(LIFE.least, life ?? DEFAULT_LIFE));
      cache.set(name, { until: this.#clock.monotonic() + lasts, answer });
      return answers;
    });
    // While it is under way, everybody waits for the same answer.
    cache.set(name, { until: Number.POSITIVE_INFINITY, answer });
    return answer;
  }

  async #srv(name: string): Promise<SrvRecord[]> {
    const records = await orNone(this.#resolver.resolveSrv(name));
    return records.map(({ priority, weight, port, name: target }) => ({ priority, weight, port, target }));
  }

  async #hosts(name: string): Promise<Found<string>> {
    const { v4, v6 } = this.#families;
    const [four, six] = await Promise.all([
      v4 ? orNone(this.#resolver.resolve4(name, { ttl: true })) : [],
      v6 ? orNone(this.#resolver.resolve6(name, { ttl: true })) : [],
    ]);
    const all = [...four, ...six];
    if (all.length === 0) return { answers: await this.#local(name), life: null };
    return { answers: all.map(({ address }) => address), life: Math.min(...all.map(({ ttl }) => ttl)) * 1_000 };
  }

  /** What the host itself knows, such as `localhost`. */
  async #local(name: string): Promise<string[]> {
    const found = await orNone(lookup(name, { all: true, order: 'ipv4first' }));
    return found.filter(({ family }) => this.#families[family === 6 ? 'v6' : 'v4']).map(({ address }) => address);
  }
}

/** No such name or record is an answer; anything else is a failure. */
async function orNone<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME') return [];
    throw error;
  }
}
