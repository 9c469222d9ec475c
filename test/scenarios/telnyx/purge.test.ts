import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createHttpClient, type HttpClient } from '../../../carrier-adapters/http/index.ts';
import { createTelnyx } from '../../../carrier-adapters/telnyx/adapter.ts';
import { telnyxConfigSchema } from '../../../carrier-adapters/telnyx/config.ts';
import { authorization } from '../../../carrier-adapters/telnyx/wire.ts';
import type { Cdr } from '../../../gateway/fax/cdr.ts';
import type { Fax } from '../../../gateway/fax/fax.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import type { CarrierPurgeReceipt, WipeReceipt } from '../../../gateway/fax/receipt.ts';
import type { CarrierAdapter } from '../../../gateway/ports/carrier-adapter.ts';
import { newCallbackKey } from '../../emulators/telnyx/callbacks.ts';
import { startTelnyx, type TelnyxEmulator } from '../../emulators/telnyx/emulator.ts';
import { startTestPostgres, type TestPostgres } from '../../postgres.ts';
import { type AdapterProcess, Bench, OWN, type Worker } from '../calls/bench.ts';
import { barFile } from './world.ts';

const ANSWERS = '+15550100001';
const TOKEN = 'KEY0123';
const CONNECTION = '1234567890';
const MINUTE = 60_000;
/** All that is waited for here comes in this time; what never comes is then noticed soon. */
const PATIENCE = 60 * MINUTE;
/** In this time every process looks for received faxes, whose callbacks it may have missed. */
const LOOK = 130_000;

/** Records, files, a clock and the carrier: all that outlives a process of ours. */
interface Stage {
  readonly bench: Bench;
  readonly carrier: TelnyxEmulator;
  /** A process as it starts: it receives, calls, settles what others left, and has the carrier erase. */
  worker(): Worker;
}

describe('what Telnyx keeps of a fax', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres.stop());

  async function stage(act: (stage: Stage) => Promise<void>): Promise<void> {
    const bench = await Bench.open(postgres);
    const key = newCallbackKey();
    let live: { readonly adapter: CarrierAdapter; readonly worker: () => Worker } | undefined;
    const carrier = await startTelnyx({
      ...{ clock: bench.clock, token: TOKEN, connectionId: CONNECTION, key },
      deliver: async (callback) => {
        if (live === undefined || live.worker().life.dead) return { status: 503 };
        return (await live.adapter.callback?.(callback)) ?? { status: 503 };
      },
    });
    const config = telnyxConfigSchema.parse({
      ...{ kind: 'telnyx', token: TOKEN, connectionId: CONNECTION, publicKey: key.publicKey, from: '+15550001111' },
      baseUrl: `${carrier.url}/v2`,
    });
    const workers: Worker[] = [];
    const worker = () => {
      let made: CarrierAdapter | undefined;
      const adapters = (process: AdapterProcess) => {
        const http = createHttpClient({ base: config.baseUrl, clock: bench.clock, headers: authorization(TOKEN) });
        made = createTelnyx(config, process, dying(http, bench, process));
        return [made];
      };
      const started = bench.worker({ adapters, receives: false });
      workers.push(started);
      assert.ok(made);
      live = { adapter: made, worker: () => started };
      void made.start(started.reception);
      started.dispatch.start();
      void started.dispatch.work();
      started.purges.start();
      return started;
    };
    try {
      await act({ bench, carrier, worker });
    } finally {
      for (const one of workers) one.kill();
      await carrier.close();
      await bench.close();
    }
  }

  const cdrOf = async ({ bench }: Stage, fax: FaxId): Promise<Cdr> => {
    const { items } = await bench.clock.holding(bench.records.faxes.cdrs({ fax, limit: 5 }));
    assert.ok(items[0]);
    return items[0];
  };
  const failures = ({ warnings }: Worker) => warnings.filter((text) => text.includes('carrier_purge_failed')).length;
  const refuseDeletion = ({ faults }: TelnyxEmulator, times: number) => {
    for (let count = 0; count < times; count++) {
      faults.push({ matching: /^DELETE \/v2\/faxes\//, fault: { type: 'status', status: 500 } });
    }
  };
  /** Lets time pass until the copy of each call is decided. */
  const decided = ({ bench }: Stage, fax: FaxId) =>
    bench.clock.until(
      (async () => {
        for (;;) {
          const purges = await bench.clock.holding(bench.records.purges.purgesOf(fax));
          if (purges.length > 0 && purges.every(({ nextAt }) => nextAt === null)) return purges;
          await new Promise<void>((resolve) => bench.clock.after(5_000, resolve));
        }
      })(),
      PATIENCE,
    );

  test('is gone right after the call; the wipe waited for nothing, and both receipts say so', () =>
    stage(async (it) => {
      const worker = it.worker();
      const fax = await it.bench.submit({ to: ANSWERS });
      const ended = await it.bench.clock.until(it.bench.watch(fax), PATIENCE);
      assert.equal(ended.state, 'delivered');
      const [purge] = await decided(it, fax);
      assert.ok(purge && purge.answeredAt !== null);
      assert.deepEqual([purge.outcome, purge.tries], ['purged', 1]);
      assert.ok(purge.answeredAt - purge.since < 5_000, 'at once');
      assert.deepEqual([it.carrier.faxes.size, it.carrier.media.size], [0, 0]);
      await it.bench.clock.pass(10_000);
      const { receipt, purgeReceipt, purge: mark } = await cdrOf(it, fax);
      assert.equal(mark, 'purged');
      const first = claimsOf<WipeReceipt>(receipt);
      assert.deepEqual(
        first.carriers?.map(({ carrier, call }) => [carrier, call]),
        [['telnyx', purge.call]],
      );
      if (first.carriers?.[0]?.outcome === 'pending') {
        assert.partialDeepStrictEqual(claimsOf<CarrierPurgeReceipt>(purgeReceipt), {
          fax,
          outcome: 'purged',
          tries: 1,
        });
      }
      assert.deepEqual(worker.errors, []);
    }));

  test('is asked for until it is gone: 500 three times, then 204', () =>
    stage(async (it) => {
      const worker = it.worker();
      refuseDeletion(it.carrier, 3);
      const fax = await it.bench.submit({ to: ANSWERS });
      await it.bench.clock.until(it.bench.watch(fax), PATIENCE);
      assert.ok(await it.bench.isWiped(fax), 'our copy is gone although the carrier’s is not');
      assert.equal((await cdrOf(it, fax)).purge, 'kept');
      assert.equal(it.carrier.faxes.size, 1);
      const [purge] = await decided(it, fax);
      assert.ok(purge && purge.answeredAt !== null);
      assert.deepEqual([purge.outcome, purge.tries, failures(worker)], ['purged', 4, 3]);
      const waited = purge.answeredAt - purge.since;
      assert.ok(waited >= 7 * MINUTE && waited < 8 * MINUTE, 'a minute, two, and four');
      await it.bench.clock.pass(10_000);
      const cdr = await cdrOf(it, fax);
      assert.equal(claimsOf<WipeReceipt>(cdr.receipt).carriers?.length, 1);
      assert.notEqual(claimsOf<WipeReceipt>(cdr.receipt).carriers?.[0]?.outcome, 'purged');
      const further = claimsOf<CarrierPurgeReceipt>(cdr.purgeReceipt);
      assert.deepEqual([further.method, further.outcome, further.tries], ['carrier-purge', 'purged', 4]);
      assert.match(further.detail, /record: deleted, and asked for again: 404/);
      assert.deepEqual([it.carrier.faxes.size, cdr.purge], [0, 'purged']);
    }));

  for (const [step, when] of [
    ['endCall', 'before'],
    ['endCall', 'after'],
    ['claimPurges', 'after'],
    ['purgeAnswered', 'before'],
    ['purgeAnswered', 'after'],
    ['attestPurge', 'before'],
  ] as const) {
    test(`goes although the process dies ${when} ${step}, and the fax is not sent twice`, () =>
      stage(async (it) => {
        const first = it.worker();
        // So that it is decided a minute after the wipe, and needs a receipt of its own.
        if (step === 'attestPurge') refuseDeletion(it.carrier, 1);
        const fax = await it.bench.submit({ to: ANSWERS });
        let met = 0;
        first.life.around = (name, moment) => {
          // The first looks of the process claim nothing.
          if (name !== step || moment !== when || (step === 'claimPurges' && it.carrier.orders.length === 0)) return;
          met++;
          first.kill();
        };
        await it.bench.clock.pass(2 * MINUTE);
        assert.equal(met, 1);
        it.worker();
        const ended = await it.bench.clock.until(it.bench.watch(fax, undefined, false), PATIENCE);
        assert.equal(ended.state, 'delivered');
        const [purge] = await decided(it, fax);
        // What the sweeper does when the process died between the end of the call and the wipe.
        await it.bench.clock.holding(it.bench.vault.wipe(fax, 'transmission_ended'));
        assert.ok(['purged', 'none'].includes(purge?.outcome ?? ''), purge?.outcome);
        await it.bench.clock.pass(10_000);
        assert.deepEqual([it.carrier.faxes.size, it.carrier.media.size, it.carrier.orders.length], [0, 0, 1]);
        const { purgeReceipt, receipt } = await cdrOf(it, fax);
        const [told] = claimsOf<WipeReceipt>(receipt).carriers ?? [];
        // Whichever was first, the wipe or the first try: what a receipt says of a copy that was still there is followed by one more.
        const decidedLater = told?.outcome === 'pending' || told?.outcome === 'kept';
        assert.ok(decidedLater || step !== 'attestPurge', told?.outcome);
        const last = decidedLater ? claimsOf<CarrierPurgeReceipt>(purgeReceipt) : told;
        assert.equal(last?.outcome, purge?.outcome);
      }));
  }

  test('of several processes one asks', () =>
    stage(async (it) => {
      const workers = [it.worker(), it.worker(), it.worker()];
      const fax = await it.bench.submit({ to: ANSWERS });
      await it.bench.clock.until(it.bench.watch(fax), PATIENCE);
      await decided(it, fax);
      const deletions = it.carrier.requests.filter((request) => request.startsWith('DELETE /v2/faxes/'));
      assert.equal(deletions.length, 1);
      assert.deepEqual(
        workers.flatMap(({ errors }) => errors),
        [],
      );
    }));

  describe('a fax that it received', () => {
    const received = async ({ bench }: Stage): Promise<Fax[]> => {
      const query = { account: bench.account.id, direction: 'inbound', limit: 50 } as const;
      const { items } = await bench.clock.holding(bench.records.faxes.faxes(query));
      return items.filter(({ state }) => state === 'received');
    };
    const arrived = (it: Stage) =>
      it.bench.clock.until(
        (async () => {
          while (it.carrier.faxes.size > 0) await new Promise<void>((resolve) => it.bench.clock.after(5_000, resolve));
        })(),
        PATIENCE,
      );

    test('is erased there once it is here', () =>
      stage(async (it) => {
        it.worker();
        it.carrier.receive(barFile(2), { to: OWN });
        await arrived(it);
        const [fax, ...others] = await received(it);
        assert.ok(fax);
        assert.deepEqual([fax.pages, others.length], [2, 0]);
        await decided(it, fax.id);
        assert.deepEqual([(await cdrOf(it, fax.id)).purge, (await cdrOf(it, fax.id)).pagesSent], ['purged', 2]);
      }));

    test('is taken once by many processes, whose looks and callbacks meet', () =>
      stage(async (it) => {
        for (let count = 0; count < 3; count++) it.worker();
        it.carrier.clinging = true;
        for (let count = 0; count < 4; count++) it.carrier.receive(barFile(1), { to: OWN });
        await it.bench.clock.pass(LOOK);
        assert.equal((await received(it)).length, 4);
        it.carrier.clinging = false;
        await arrived(it);
        assert.equal((await received(it)).length, 4);
      }));

    for (const [step, when] of [
      ['ring', 'before'],
      ['ring', 'after'],
      ['receiving', 'after'],
      ['pageReceived', 'after'],
      ['inboundEnded', 'before'],
      ['inboundEnded', 'after'],
      ['claimPurges', 'after'],
      ['purgeAnswered', 'before'],
    ] as const) {
      test(`comes once and whole although the process dies ${when} ${step}`, () =>
        stage(async (it) => {
          const first = it.worker();
          await it.bench.clock.pass(1_000);
          let met = 0;
          first.life.around = (name, moment) => {
            if (name !== step || moment !== when) return;
            met++;
            first.kill();
          };
          it.carrier.receive(barFile(2), { to: OWN });
          await it.bench.clock.pass(10_000);
          assert.equal(met, 1);
          it.worker();
          await arrived(it);
          await it.bench.clock.pass(10_000);
          const faxes = await received(it);
          assert.deepEqual(
            faxes.map(({ pages, cause }) => [pages, cause]),
            [[2, 'ok']],
          );
          const [fax] = faxes;
          assert.ok(fax);
          const [purge] = await decided(it, fax.id);
          assert.ok(['purged', 'none'].includes(purge?.outcome ?? ''), purge?.outcome);
        }));
    }

    test('that nothing here can read stays there, and a restart does not bring it again', () =>
      stage(async (it) => {
        it.worker();
        const broken = barFile(2).slice(0, 400);
        it.carrier.receive(broken, { to: OWN });
        await it.bench.clock.pass(10_000);
        const query = { account: it.bench.account.id, direction: 'inbound', limit: 50 } as const;
        const offers = async () => (await it.bench.clock.holding(it.bench.records.faxes.faxes(query))).items.length;
        const before = await offers();
        it.worker();
        await it.bench.clock.pass(LOOK);
        assert.deepEqual([await offers(), it.carrier.faxes.size], [before, 1]);
      }));
  });
});

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

function claimsOf<T>(jws: string | null): T {
  assert.ok(jws !== null);
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString());
}
