import type { Alarm, Alarms } from './alarms.ts';
import type { NetworkOutput, SrvRecord } from './io.ts';
import { RESOLVE_WAIT } from './timers.ts';

type Waiter = (records: readonly unknown[], now: number) => void;

interface Lookup {
  readonly key: string;
  readonly waiting: Waiter[];
  readonly alarm: Alarm;
}

/** Look-ups under way; the same question asked twice goes out once. */
export class Lookups {
  readonly #alarms: Alarms;
  readonly #emit: (output: NetworkOutput) => void;
  readonly #byQuery = new Map<number, Lookup>();
  readonly #byKey = new Map<string, Lookup>();
  #queries = 0;

  constructor(alarms: Alarms, emit: (output: NetworkOutput) => void) {
    this.#alarms = alarms;
    this.#emit = emit;
  }

  /** SRV records of `name`; none when there is no answer in time. */
  services(name: string, now: number, done: (services: readonly SrvRecord[], now: number) => void): void {
    this.#ask('srv', name, now, (records, at) => done(records.filter(isService), at));
  }

  /** Addresses of `name`. */
  addresses(name: string, now: number, done: (addresses: readonly string[], now: number) => void): void {
    this.#ask('address', name, now, (records, at) => done(records.filter(isText), at));
  }

  /** The network has answered; a number that nobody waits for is ignored. */
  resolved(query: number, records: readonly SrvRecord[] | readonly string[], now: number): void {
    const lookup = this.#byQuery.get(query);
    if (lookup === undefined) return;
    this.#byQuery.delete(query);
    this.#byKey.delete(lookup.key);
    lookup.alarm.cancel();
    for (const done of lookup.waiting) done(records, now);
  }

  #ask(kind: 'srv' | 'address', name: string, now: number, done: Waiter): void {
    const key = `${kind} ${name.toLowerCase()}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.waiting.push(done);
      return;
    }
    const query = ++this.#queries;
    const alarm = this.#alarms.set(now + RESOLVE_WAIT, (at) => this.resolved(query, [], at));
    const lookup: Lookup = { key, waiting: [done], alarm };
    this.#byQuery.set(query, lookup);
    this.#byKey.set(key, lookup);
    this.#emit({ type: 'resolve', query, kind, name });
  }
}

function isService(record: unknown): record is SrvRecord {
  return typeof record === 'object' && record !== null && 'target' in record;
}

function isText(record: unknown): record is string {
  return typeof record === 'string';
}
