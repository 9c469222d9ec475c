// The negative control's worker: what a gateway would be that trusted its queue alone.
//
//   node test/crash/naive-worker.ts REDIS_SOCKET TELEPHONE_SOCKET
//
// Each job of BullMQ is a fax; the worker dials, sends its pages and lets BullMQ mark the job as done. There is no
// claim, no gate and no journal; BullMQ gives the jobs of a worker that it takes for dead to another, as it does by
// default (`maxStalledCount` 1). Only its clocks are shorter, so that a test need not wait half a minute for each.

import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { place } from '../../carrier-adapters/loopback/place.ts';
import { RemoteNetwork } from '../../carrier-adapters/loopback/wire/client.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import type { CodedPage } from '../../gateway/imaging/page.ts';
import type { OutgoingPage } from '../../gateway/ports/carrier-adapter.ts';
import { systemClock } from '../../ops/system-clock.ts';
import { markedPage } from './marked-page.ts';
import { NAIVE_QUEUE, type NaiveJob } from './naive-queue.ts';
import { createRandom } from './random.ts';

const [redis = '', telephone = ''] = process.argv.slice(2);
const network = new RemoteNetwork(telephone, systemClock);
await network.open({ offer: async () => ({ refused: 'out_of_service' }) });

const outgoing = (number: number, { t6, ...geometry }: CodedPage): OutgoingPage => ({
  number,
  ...geometry,
  bytes: t6.length,
  async *open() {
    yield t6.slice();
  },
});

const worker = new Worker<NaiveJob>(
  NAIVE_QUEUE,
  async ({ data: { fax, to, pages }, token = '' }) => {
    const random = createRandom(fax + 1);
    const drawn = Array.from({ length: pages }, (_, page) => markedPage({ fax, page: page + 1 }, 20, random));
    const call = place(network, {
      reference: `${fax}-${token}-${process.pid}-${Date.now()}`,
      from: null,
      to: parseE164(to),
      csid: 'NAIVE',
      settings: FIRST_LINE_SETTINGS,
      pages: drawn.map((page, index) => outgoing(index + 1, page)),
      signal: new AbortController().signal,
    });
    for (let step = await call.next(); ; step = await call.next()) {
      if (step.done !== true) continue;
      if (step.value.cause !== 'ok') throw new Error(step.value.cause);
      return;
    }
  },
  {
    connection: new Redis({ path: redis, maxRetriesPerRequest: null }),
    concurrency: 4,
    lockDuration: 1_000,
    stalledInterval: 1_000,
  },
);
worker.on('error', () => undefined);
