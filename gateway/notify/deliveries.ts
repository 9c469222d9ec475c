import type { DeliveryId, EndpointId } from '../fax/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLedger } from '../ports/event-ledger.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { DueDelivery, WebhookRecords } from '../ports/webhook-records.ts';
import type { AttemptResult, AttemptSettings } from './attempt.ts';
import { attempt } from './attempt.ts';
import { liveSecrets, openSecrets } from './endpoint-secrets.ts';
import { nextAttemptAt } from './schedule.ts';

/** Attempts that the poller starts at once, over all endpoints. */
const SLOTS = 32;
/** Attempts at once to one endpoint. More wait for the end of their lease, so that a slow receiver holds up only itself. */
const PER_ENDPOINT = 4;
/** Beyond the time-out of an attempt; a process that dies in between leaves its deliveries to the next claim. */
const LEASE_MARGIN = 20_000;
/** How long `stop` waits for running attempts before it cuts them, in milliseconds. */
const STOP_GRACE = 5_000;
/** Retries within this many milliseconds are rung for; later ones are found by the poller. */
const BELL_REACH = 600_000;
/** An endpoint that gave up this many deliveries in a row, and took none meanwhile, is disabled. */
const GIVEN_UP_LIMIT = 3;

/** What deliveries need of the world. */
export interface DeliveryWorld {
  readonly records: WebhookRecords;
  readonly events: EventLedger;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly sealKey: Uint8Array;
  /** 0…1, for the jitter. */
  readonly random: () => number;
  readonly settings: AttemptSettings;
}

/** The worker that posts events to endpoints. */
export interface Deliveries {
  /**
   * One attempt for delivery `id`, when it is due and no other process is at it; whoever asks during an attempt waits
   * for the same one. Rejects only for faults of our own.
   */
  deliver(id: DeliveryId): Promise<void>;
  /** Starts attempts for what is due, as far as slots are free, without waiting for them. Answers how many. */
  poll(): Promise<number>;
  /** Resolves when nothing is running. */
  idle(): Promise<void>;
  /** Takes no more work; running attempts have 5 s to end. What is cut is attempted again after its lease. */
  stop(): Promise<void>;
}

/** @see Deliveries */
export function createDeliveries(world: DeliveryWorld): Deliveries {
  const running = new Map<DeliveryId, Promise<void>>();
  const busy = new Map<EndpointId, number>();
  const stopping = new AbortController();
  let open = true;

  async function work(id: DeliveryId): Promise<void> {
    const due = await world.records.claimDelivery(id, world.settings.timeout + LEASE_MARGIN, world.clock.now());
    if (due === undefined) return;
    const endpoint = due.endpoint.id;
    const others = busy.get(endpoint) ?? 0;
    if (others >= PER_ENDPOINT) return;
    busy.set(endpoint, others + 1);
    try {
      await attemptOne(world, due, stopping.signal);
    } finally {
      const left = (busy.get(endpoint) ?? 1) - 1;
      if (left === 0) busy.delete(endpoint);
      else busy.set(endpoint, left);
    }
  }

  function deliver(id: DeliveryId): Promise<void> {
    if (!open) return Promise.resolve();
    const under = running.get(id) ?? work(id).finally(() => running.delete(id));
    running.set(id, under);
    return under;
  }

  async function poll(): Promise<number> {
    const free = SLOTS - running.size;
    if (!open || free <= 0) return 0;
    const ids = await world.records.dueDeliveries(world.clock.now(), free);
    for (const id of ids) {
      deliver(id).catch((error: unknown) => world.log.error({ delivery: id, err: error }, 'a webhook delivery broke'));
    }
    return ids.length;
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.allSettled(running.values());
  }

  async function stop(): Promise<void> {
    open = false;
    const cancel = world.clock.after(STOP_GRACE, () => stopping.abort());
    await idle();
    cancel();
  }

  return { deliver, poll, idle, stop };
}

async function attemptOne(world: DeliveryWorld, due: DueDelivery, signal: AbortSignal): Promise<void> {
  const { endpoint, event, delivery } = due;
  const now = world.clock.now();
  if (endpoint.disabled) return giveUp(world, due, null, 'endpoint_disabled');
  const secrets = liveSecrets(await openSecrets(world.sealKey, endpoint.id, endpoint.sealedSecrets), now);
  const started = world.clock.monotonic();
  const result = await attempt({ url: endpoint.url, secrets }, event, now, world.settings, signal);
  if (result.error === 'stopped') return;
  world.metrics.observe('webhook_attempt_seconds', (world.clock.monotonic() - started) / 1_000);
  world.metrics.count('webhook_attempts_total', { result: result.error ?? 'delivered' });
  world.log.info(
    { delivery: delivery.id, endpoint: endpoint.id, status: result.status, error: result.error },
    'webhook attempt',
  );
  await settle(world, due, result);
}

/** Writes what an attempt came to (W7) and arranges what follows. */
async function settle(world: DeliveryWorld, due: DueDelivery, result: AttemptResult): Promise<void> {
  const { id } = due.delivery;
  const now = world.clock.now();
  if (result.error === null) {
    return world.records.attempted(id, { state: 'delivered', nextAt: null, status: result.status, error: null }, now);
  }
  const nextAt = result.error === 'gone' ? null : followingAttempt(world, due, result, now);
  if (nextAt !== null) {
    await world.records.attempted(id, { state: 'pending', nextAt, status: result.status, error: result.error }, now);
    if (nextAt - now <= BELL_REACH) await world.queue.ring('deliver', id, { delay: nextAt - now });
    return;
  }
  await giveUp(world, due, result.status, result.error);
  if (result.error === 'gone') await disable(world, due, 'gone');
  else if (await failsForLong(world, due)) await disable(world, due, 'failing');
}

/** A test is attempted once: whoever asked for it sees the answer. */
function followingAttempt(world: DeliveryWorld, due: DueDelivery, result: AttemptResult, now: number): number | null {
  if (due.event.type === 'webhook.test') return null;
  return nextAttemptAt(due.delivery.attempts + 1, now, result.retryAfter, world.random());
}

async function giveUp(world: DeliveryWorld, due: DueDelivery, status: number | null, error: string): Promise<void> {
  const outcome = { state: 'given_up', nextAt: null, status, error } as const;
  await world.records.attempted(due.delivery.id, outcome, world.clock.now());
}

/** Whether the last few deliveries of the endpoint were all given up, each after 75 hours, and none got through since. */
async function failsForLong(world: DeliveryWorld, { endpoint, event }: DueDelivery): Promise<boolean> {
  if (event.type === 'webhook.test') return false;
  const query = { endpoint: endpoint.id, limit: 100 };
  const given = await world.records.deliveries(endpoint.account, { ...query, state: 'given_up' });
  const row = given.items.filter((one) => one.type !== 'webhook.test').slice(0, GIVEN_UP_LIMIT);
  if (row.length < GIVEN_UP_LIMIT) return false;
  const since = Math.min(...row.map((one) => one.createdAt));
  const taken = await world.records.deliveries(endpoint.account, { ...query, state: 'delivered' });
  return !taken.items.some((one) => (one.deliveredAt ?? 0) >= since);
}

/** What an owner reads beside a disabled endpoint. */
const REASONS = {
  gone: 'the receiver answered 410 Gone',
  failing: 'every attempt failed for days',
} as const;

async function disable(world: DeliveryWorld, { endpoint }: DueDelivery, reason: keyof typeof REASONS): Promise<void> {
  const change = { disabled: true, disabledReason: REASONS[reason] };
  await world.records.updateEndpoint(endpoint.id, endpoint.account, change);
  const data = { endpoint: endpoint.id, reason };
  await world.events.append(endpoint.account, 'webhook.disabled', null, data, world.clock.now());
  world.log.warn({ endpoint: endpoint.id, reason }, 'webhook endpoint disabled');
}
