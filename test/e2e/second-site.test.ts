import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, connect } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory, type Service, startService } from '../../ops/bench/service.ts';
import { silentLog } from '../postgres.ts';
import { type ReplicatedPostgres, startReplicated } from '../servers/replication.ts';

const DAY = 86_400_000;
/** Accepted faxes after which the primary dies, while others are on their way. */
const ENOUGH = 6;
const SENDERS = 3;

describe('loss of the database server with a synchronous standby', () => {
  let sites: ReplicatedPostgres;
  let place: Awaited<ReturnType<typeof benchDirectory>>;
  const services: Service[] = [];
  before(async () => {
    sites = await startReplicated(silentLog);
    place = await benchDirectory();
  });
  after(async () => {
    // Nothing that is left of a test that failed may keep the others from their turn.
    for (const service of services) await service.stop();
    await sites.stop();
    await rm(place.path, { recursive: true, force: true });
    await place.remove();
  });

  async function start(url: string, again: boolean): Promise<Service> {
    const settings = { DATABASE_URL: url, SEALFAX_LOOPBACK_SPEED: 'instant', SEALFAX_LOG_LEVEL: 'silent' };
    const service = await startService(place.path, settings, again);
    services.push(service);
    return service;
  }

  test('every fax that was accepted is there after the promotion, with its image', async () => {
    const first = await start(sites.primaryUrl, false);
    const client = connect(first.api.connection, first.api.secret);
    const accepted = await acceptUntil(client, ENOUGH, () => sites.killPrimary());
    assert.ok(accepted.length >= ENOUGH);
    process.kill(first.pid, 'SIGKILL');
    services.length = 0;
    await client.close().catch(() => undefined);

    await sites.promote();
    const second = await start(sites.standbyUrl, true);
    const again = connect(first.api.connection.replace(/:\d+\?/, `:${new URL(second.url).port}?`), first.api.secret);
    for (const id of accepted) {
      const fax = await again.faxes.get(id);
      assert.ok(['accepted', 'rendering', 'queued'].includes(fax.state), `${fax.state}, ${fax.cause}`);
      assert.equal(fax.imageExists, true);
    }
    const sent = await again.faxes.send({ to: '+15550100002', documents: [await sampleLetter()] });
    assert.equal((await again.faxes.wait(sent.id)).state, 'delivered');
    await again.close();
  });
});

/** Sends faxes that wait for tomorrow, several at once; `strike` comes in the middle. Answers what a 202 was given for. */
async function acceptUntil(client: Client, enough: number, strike: () => Promise<void>): Promise<string[]> {
  const accepted: string[] = [];
  const stop = new AbortController();
  const scheduledAt = new Date(Date.now() + DAY).toISOString();
  const documents = [new TextEncoder().encode('One page.\n')];
  const sender = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const sent = client.faxes.send({ to: '+15550100001', documents, scheduledAt }, { signal: stop.signal });
      const fax = await sent.catch(() => undefined);
      if (fax === undefined) return;
      accepted.push(fax.id);
    }
  };
  const senders = Array.from({ length: SENDERS }, sender);
  for (let looks = 0; accepted.length < enough && looks < 5_000; looks++) await pause(20);
  await strike();
  // Nothing is accepted any more; what was under way fails, or was durable on both sites.
  await pause(500);
  stop.abort();
  await Promise.all(senders);
  return accepted;
}
