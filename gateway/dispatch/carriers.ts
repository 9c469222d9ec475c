import type { Carriers } from '../gateway.ts';
import type { CarrierAdapter } from '../ports/carrier-adapter.ts';
import type { CarrierRecords } from '../ports/carrier-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Metrics } from '../ports/log.ts';

/** Octets of a callback that carries ids and states, never a page. */
const CALLBACK_LIMIT = 256 * 1024;

/** What the carriers are seen and stopped through. */
export interface CarriersParts {
  readonly records: CarrierRecords;
  readonly carriers: readonly CarrierAdapter[];
  readonly queue: Pick<JobQueue, 'ring'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Pauses of carriers, shared by all processes through the records, and their load. */
export function createCarriers({ records, carriers, queue, clock }: CarriersParts): Carriers {
  const isKnown = (name: string) => carriers.some((carrier) => carrier.name === name);
  return {
    async list() {
      const loads = await records.carriers(carriers.map(({ name }) => name));
      return loads.map((load, index) => ({
        ...load,
        kind: carriers[index]?.kind ?? '',
        limits: carriers[index]?.limits ?? { maxCalls: null, callsPerSecond: null },
      }));
    },
    async pause(name, reason, actor) {
      if (!isKnown(name)) return false;
      await records.pauseCarrier(name, reason, actor, clock.now());
      return true;
    },
    async resume(name, actor) {
      if (!isKnown(name)) return false;
      // Whoever waited for it is called now and not at the next poll.
      if (await records.resumeCarrier(name, actor, clock.now())) await queue.ring('dial', name);
      return true;
    },
    channels: (account) => records.channels(account),
    async numbers(name) {
      const carrier = carriers.find((known) => known.name === name);
      if (carrier === undefined) return 'unknown';
      return (await carrier.numbers?.()) ?? 'unlisted';
    },
    callbackLimit(name, head) {
      const carrier = carriers.find((known) => known.name === name);
      return carrier?.callbackLimit?.(head) ?? CALLBACK_LIMIT;
    },
    callback: async (name, request) => carriers.find((carrier) => carrier.name === name)?.callback?.(request),
  };
}

/** Writes the gauges of the carriers. */
export async function tellCarriers(carriers: Carriers, metrics: Metrics): Promise<void> {
  for (const { name, calls, waiting, paused } of await carriers.list()) {
    metrics.gauge('carrier_calls', calls, { carrier: name });
    metrics.gauge('carrier_waiting', waiting, { carrier: name });
    metrics.gauge('carrier_paused', paused === null ? 0 : 1, { carrier: name });
  }
}
