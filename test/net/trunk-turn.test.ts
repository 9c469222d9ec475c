// A carrier with several trunks, one of them dead or unwilling: adapters on a virtual network and clock.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSipT38 } from '../../carrier-adapters/sip-t38/adapter.ts';
import { sipT38ConfigSchema } from '../../carrier-adapters/sip-t38/config.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Cause } from '../../gateway/fax/cause.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import { encodeT6 } from '../../gateway/imaging/index.ts';
import type { CarrierAdapter } from '../../gateway/ports/carrier-adapter.ts';
import { RecordingReception } from '../conformance/carrier-adapter.ts';
import { runsPicture, seeded } from '../unit/imaging/pictures.ts';
import { FAIR, randomOf } from './link.ts';
import { PacketClock, World } from './world.ts';

const HERE = '192.0.2.1';
const TRUNKS = { a: '192.0.2.11', b: '192.0.2.12', c: '192.0.2.13' } as const;
type TrunkName = keyof typeof TRUNKS;
const NUMBER = '+15551230000';
const PAGE = runsPicture(1728, 40, 60, seeded(1));
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Called {
  readonly result: CallResult;
  readonly steps: readonly string[];
  /** Until the far side was heard, or the call ended; ms. */
  readonly waited: number;
}

/** This side with its trunks, and a fax machine behind each of those that are there. */
class Bench {
  readonly clock = new PacketClock();
  readonly #world = new World(this.clock, { media: FAIR, sip: FAIR }, 1);
  readonly machines = new Map<TrunkName, RecordingReception>();
  readonly warned: Readonly<Record<string, unknown>>[] = [];
  readonly #carriers: CarrierAdapter[] = [];
  readonly #here: CarrierAdapter;
  #calls = 0;

  constructor(trunks: readonly TrunkName[], there: readonly TrunkName[], inTurn: boolean) {
    const peers = trunks.map((name) => ({ name, server: TRUNKS[name], peers: [TRUNKS[name]], probe: 0 }));
    this.#here = this.#carrier(HERE, { trunks: peers, inTurn });
    for (const name of there) {
      this.machines.set(name, new RecordingReception([NUMBER]));
      this.#carrier(TRUNKS[name], { trunks: [{ name: 'peer', server: HERE, peers: [HERE], probe: 0 }] });
    }
  }

  #carrier(own: string, settings: object): CarrierAdapter {
    const random = randomOf(7);
    const warn = (fields: Record<string, unknown>) => void this.warned.push(fields);
    const carrier = createSipT38(sipT38ConfigSchema.parse({ kind: 'sip-t38', name: 'line', ...settings }), {
      clock: this.#world.clock,
      log: own === HERE ? { ...SILENT, warn } : SILENT,
      metrics: { count: () => {}, gauge: () => {}, observe: () => {} },
      network: this.#world.host(own),
      random: (octets) => Uint8Array.from({ length: octets }, () => random.below(256)),
      pause: async () => {},
    });
    this.#carriers.push(carrier);
    return carrier;
  }

  /** Starts all, lets `use` place its calls, and closes all. */
  async run<T>(use: () => Promise<T>): Promise<T> {
    const whole = async () => {
      const receptions = [new RecordingReception([]), ...this.machines.values()];
      for (const [place, carrier] of this.#carriers.entries()) {
        await carrier.start(receptions[place] ?? new RecordingReception([]));
      }
      const answer = await use();
      await new Promise<void>((resolve) => void this.clock.after(40_000, resolve));
      await Promise.all(this.#carriers.map((carrier) => carrier.stop()));
      return answer;
    };
    const answer = await this.clock.until(whole(), 7_200_000);
    assert.equal(this.#world.open, 0, 'sockets are left open');
    return answer;
  }

  async call(signal: AbortSignal = new AbortController().signal): Promise<Called> {
    const t6 = encodeT6(PAGE);
    const began = this.clock.monotonic();
    const running = this.#here.place({
      ...{ reference: `call-${++this.#calls}`, from: null, to: parseE164(NUMBER), csid: '', signal },
      settings: FIRST_LINE_SETTINGS,
      pages: [
        {
          ...{ number: 1, width: PAGE.width, rows: PAGE.rows, xDpi: 204, yDpi: 196, bytes: t6.length },
          async *open() {
            yield t6.slice();
          },
        },
      ],
    });
    const steps: string[] = [];
    let waited: number | undefined;
    for (let next = await running.next(); ; next = await running.next()) {
      waited ??= this.clock.monotonic() - began;
      if (next.done === true) return { result: next.value, steps, waited };
      steps.push(next.value.type);
    }
  }

  /** How many calls came in over each trunk, offered to its machine. */
  get offers(): Record<string, number> {
    const counts = [...this.machines].map(([name, { log }]) => [
      name,
      log.filter((line) => line.startsWith('offer')).length,
    ]);
    return Object.fromEntries(counts) as Record<string, number>;
  }

  /** A machine behind a trunk whose every call is refused, as `cause` says it. */
  refusing(name: TrunkName, cause: Cause): void {
    const machine = this.machines.get(name);
    assert.ok(machine);
    machine.refuse = cause;
  }
}

const delivered = ({ result }: Called) =>
  assert.deepEqual([result.cause, result.pagesConfirmed], ['ok', 1], result.detail);

describe('a carrier with two trunks', () => {
  test('calls over the first one while it works, the other stands by', async () => {
    const bench = new Bench(['a', 'b'], ['a', 'b'], false);
    await bench.run(async () => {
      for (let call = 0; call < 3; call++) delivered(await bench.call());
    });
    assert.deepEqual(bench.offers, { a: 3, b: 0 });
  });

  test('takes them in turn where it is told to', async () => {
    const bench = new Bench(['a', 'b'], ['a', 'b'], true);
    await bench.run(async () => {
      for (let call = 0; call < 4; call++) delivered(await bench.call());
    });
    assert.deepEqual(bench.offers, { a: 2, b: 2 });
  });

  for (const inTurn of [false, true]) {
    test(`delivers every fax while one is dead, and leaves it alone for a minute (${inTurn ? 'in turn' : 'standby'})`, async () => {
      const bench = new Bench(['a', 'b'], ['b'], inTurn);
      const calls = await bench.run(async () => [await bench.call(), await bench.call(), await bench.call()]);
      for (const call of calls) delivered(call);
      assert.deepEqual(bench.offers, { b: 3 });
      const [first, ...others] = calls;
      // RFC 3261 §17.1.1.2: timer B, 64 × T1.
      assert.ok((first?.waited ?? 0) >= 32_000, 'nobody answered the first INVITE');
      for (const { waited } of others) assert.ok(waited < 10_000, `${waited} ms`);
      assert.deepEqual(
        first?.steps.filter((step) => step === 'answered'),
        ['answered'],
        'it is one call',
      );
    });
  }

  test('goes on to the other one when the first says 503, and the ladder shows both', async () => {
    const bench = new Bench(['a', 'b'], ['a', 'b'], false);
    bench.refusing('a', 'carrier_unavailable');
    const call = await bench.run(() => bench.call());
    delivered(call);
    assert.deepEqual(bench.offers, { a: 0, b: 1 });
    const signals = call.result.ladder?.steps.map(({ signal }) => signal) ?? [];
    const next = signals.indexOf('next trunk');
    assert.ok(
      signals.slice(0, next).some((signal) => signal.startsWith('503')),
      signals.join(' '),
    );
    assert.ok(signals.slice(next).includes('INVITE'));
    const times = call.result.ladder?.steps.map(({ at }) => at) ?? [];
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
      'times go on',
    );
    const [warned] = bench.warned;
    assert.deepEqual([bench.warned.length, warned?.trunk, warned?.next], [1, 'a', 'b']);
    assert.match(String(warned?.detail), /^SIP 503/);
  });

  test('does not ask the other one when the receiver is busy', async () => {
    const bench = new Bench(['a', 'b'], ['a', 'b'], false);
    bench.refusing('a', 'busy');
    const { result } = await bench.run(() => bench.call());
    assert.equal(result.cause, 'busy');
    assert.deepEqual(bench.offers, { a: 0, b: 0 });
  });

  test('ends as carrier_unavailable when both are dead', async () => {
    const bench = new Bench(['a', 'b'], [], true);
    const { result, steps } = await bench.run(() => bench.call());
    assert.deepEqual([result.cause, result.pageInFlight, steps], ['carrier_unavailable', false, []]);
  });

  test('tries no other trunk for a call that was canceled meanwhile', async () => {
    const bench = new Bench(['a', 'b'], ['b'], false);
    const cancel = new AbortController();
    const { result } = await bench.run(async () => {
      bench.clock.after(5_000, () => cancel.abort('canceled'));
      return bench.call(cancel.signal);
    });
    assert.equal(result.cause, 'canceled');
    assert.deepEqual(bench.offers, { b: 0 });
  });
});

test('a call is tried over three trunks at the most', async () => {
  const bench = new Bench(['a', 'b', 'c'], [], false);
  const { result } = await bench.run(() => bench.call());
  assert.equal(result.cause, 'carrier_unavailable');
  assert.deepEqual(
    bench.warned.map(({ trunk }) => trunk),
    ['a', 'b', 'c'],
  );
});
