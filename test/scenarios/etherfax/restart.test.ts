import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createEtherfax } from '../../../carrier-adapters/etherfax/adapter.ts';
import { etherfaxConfigSchema } from '../../../carrier-adapters/etherfax/config.ts';
import { FAX_RESULTS } from '../../../carrier-adapters/etherfax/wire.ts';
import { createHttpClient, type HttpClient } from '../../../carrier-adapters/http/index.ts';
import type { Fax } from '../../../gateway/fax/fax.ts';
import { type EtherfaxEmulator, type Fate, startEtherfax } from '../../emulators/etherfax/emulator.ts';
import { startTestPostgres, type TestPostgres } from '../../postgres.ts';
import { type AdapterProcess, Bench, type Worker } from '../calls/bench.ts';

const NUMBER = '+15550100001';
const MINUTE = 60_000;

describe('etherFAX: a process that dies while a fax is on its way', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres.stop());

  /** How a fax ends whose process dies around `step`; the next process comes two minutes later. */
  async function killedAt(step: string, when: 'before' | 'after', fate: Fate) {
    const bench = await Bench.open(postgres);
    const emulator = await startEtherfax({
      ...{ now: () => bench.clock.now(), authorization: 'Bearer key', fates: { [NUMBER]: fate } },
    });
    const config = etherfaxConfigSchema.parse({ kind: 'etherfax', baseUrl: emulator.server.url, token: 'key' });
    const workers: Worker[] = [];
    const worker = () => {
      const adapters = (process: AdapterProcess) => {
        const headers = { authorization: 'Bearer key' };
        const http = createHttpClient({ base: config.baseUrl, clock: bench.clock, headers });
        return [createEtherfax(config, process, dying(http, bench, process))];
      };
      const started = bench.worker({ adapters, receives: false });
      workers.push(started);
      started.dispatch.start();
      void started.dispatch.work();
      return started;
    };
    try {
      const first = worker();
      first.life.around = (name, moment) => {
        if (name === step && moment === when) first.kill();
      };
      const id = await bench.submit({ to: NUMBER, retries: 0 });
      await bench.clock.pass(2 * MINUTE);
      assert.ok(first.life.dead);
      worker();
      const fax = await bench.clock.until(bench.watch(id, ended));
      return { fax, sent: emulator.sent.length, looks: looks(emulator) };
    } finally {
      for (const one of workers) one.kill();
      await emulator.server.close();
      await bench.close();
    }
  }

  test('is asked for by the id in the journal: delivered', async () => {
    const { fax, sent, looks } = await killedAt('taken', 'after', { result: FAX_RESULTS.Success, looks: 1 });
    assert.deepEqual([fax.state, fax.pagesConfirmed, sent], ['delivered', 2, 1]);
    assert.ok(looks > 0);
  });

  test('is asked for by the id in the journal: busy, and nothing in doubt', async () => {
    const { fax, sent } = await killedAt('taken', 'after', { result: FAX_RESULTS.LineBusy, looks: 1 });
    assert.deepEqual([fax.state, fax.cause, sent], ['failed', 'busy', 1]);
  });

  test('without an id in the journal it is in doubt, and not sent twice', async () => {
    const { fax, sent } = await killedAt('taken', 'before', { result: FAX_RESULTS.Success, looks: 1 });
    assert.deepEqual([fax.state, sent], ['uncertain', 1]);
  });
});

const ended = ({ state }: Fax) => ['delivered', 'failed', 'uncertain', 'partial'].includes(state);
const looks = ({ server }: EtherfaxEmulator) => server.requests.filter((line) => line === 'GET /status').length;

/** Requests hold the clock; those of a process that was killed never end. */
function dying(http: HttpClient, { clock }: Bench, { life }: AdapterProcess): HttpClient {
  return {
    async exchange(request) {
      if (life.dead) return new Promise(() => {});
      const result = await clock.holding(http.exchange(request));
      return life.dead ? new Promise(() => {}) : result;
    },
  };
}
