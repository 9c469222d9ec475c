/** Two whole carriers, SIP, audio, T.38 and T.30, face to face over a bad network, by seed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSipT38 } from '../../carrier-adapters/sip-t38/adapter.ts';
import { type SipT38Config, sipT38ConfigSchema } from '../../carrier-adapters/sip-t38/config.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import { type Bitmap, decodeT6, encodeT6 } from '../../gateway/imaging/index.ts';
import type { CallStep, CarrierAdapter, OutgoingPage } from '../../gateway/ports/carrier-adapter.ts';
import { RecordingReception } from '../conformance/carrier-adapter.ts';
import type { Random } from '../crash/random.ts';
import { runsPicture, seeded } from '../unit/imaging/pictures.ts';
import { FAIR, randomOf, type Weather } from './link.ts';
import { type Climate, PacketClock, World } from './world.ts';

/** Calls of each kind; SEALFAX_NET_CALLS asks for more or fewer. */
const CALLS = Number(process.env.SEALFAX_NET_CALLS ?? 25);
/** A fax of three small pages is over by then, or never, ms. */
const LONGEST = 1_800_000;
const NUMBER = '+15551230000';
const HERE = '10.0.0.1';
const THERE = '10.0.0.2';

const SILENT = { debug() {}, info() {}, warn() {}, error: (_: unknown, text: string) => assert.fail(text) };
const UNCOUNTED = { count() {}, observe() {}, gauge() {} };

const PAGES: readonly Bitmap[] = [
  runsPicture(1728, 40, 60, seeded(1)),
  runsPicture(1728, 90, 200, seeded(2)),
  runsPicture(1728, 60, 1000, seeded(3)),
];

/** Settings of the caller and of the answerer. */
type Paces = readonly [SipT38Config['t38']['pace'], SipT38Config['t38']['pace']];

interface Ended {
  /** Of the network, from the call to its end, ms. */
  readonly took: number;
  readonly result: CallResult;
  readonly steps: readonly CallStep[];
  readonly reception: RecordingReception;
  readonly sent: readonly Bitmap[];
}

/** Places one fax from one carrier to the other and closes both. */
async function fax(
  seed: number,
  climate: Climate,
  ecm: boolean,
  paces: Paces = ['gateway', 'gateway'],
): Promise<Ended> {
  const random = randomOf(seed);
  const clock = new PacketClock();
  const world = new World(clock, climate, seed);
  const reception = new RecordingReception([NUMBER]);
  const caller = carrier(world, HERE, THERE, random, paces[0]);
  const answerer = carrier(world, THERE, HERE, random, paces[1]);
  const sent = Array.from({ length: 1 + random.below(PAGES.length) }, () => PAGES[random.below(PAGES.length)]).filter(
    (page) => page !== undefined,
  );
  const call = async () => {
    await caller.start(new RecordingReception([]));
    await answerer.start(reception);
    const began = clock.now();
    const driven = await drive(caller, sent, ecm);
    const ended = { ...driven, took: clock.now() - began };
    // The last page may still be on its way to the other side's own end.
    await new Promise<void>((resolve) => void clock.after(20_000, resolve));
    await Promise.all([caller.stop(), answerer.stop()]);
    return ended;
  };
  const ended = await clock.until(call(), LONGEST);
  assert.equal(world.open, 0, `seed ${seed}: sockets are left open`);
  return { ...ended, reception, sent };
}

function carrier(world: World, own: string, peer: string, random: Random, pace: Paces[number]): CarrierAdapter {
  const trunks = [{ name: 'peer', server: peer, peers: [peer] }];
  const config = sipT38ConfigSchema.parse({
    kind: 'sip-t38',
    name: `at-${own.replaceAll('.', '-')}`,
    trunks,
    t38: { pace },
  });
  return createSipT38(config, {
    clock: world.clock,
    log: SILENT,
    metrics: UNCOUNTED,
    network: world.host(own),
    random: (octets) => Uint8Array.from({ length: octets }, () => random.below(256)),
    pause: async () => {},
  });
}

async function drive(
  adapter: CarrierAdapter,
  bitmaps: readonly Bitmap[],
  ecm: boolean,
): Promise<{ result: CallResult; steps: CallStep[] }> {
  const steps: CallStep[] = [];
  const running = adapter.place({
    reference: 'call-1',
    from: parseE164('+15550001111'),
    to: parseE164(NUMBER),
    csid: '+15550001111',
    settings: { ...FIRST_LINE_SETTINGS, ecm },
    pages: bitmaps.map(stored),
    signal: new AbortController().signal,
  });
  for (let next = await running.next(); ; next = await running.next()) {
    if (next.done === true) return { steps, result: next.value };
    steps.push(next.value);
  }
}

function stored(bitmap: Bitmap, index: number): OutgoingPage {
  const t6 = encodeT6(bitmap);
  return {
    number: index + 1,
    width: bitmap.width,
    rows: bitmap.rows,
    xDpi: 204,
    yDpi: 196,
    bytes: t6.length,
    async *open() {
      const chunk = t6.slice();
      yield chunk;
      chunk.fill(0);
    },
  };
}

/** What no call may do. */
function faultsOf({ result, steps, reception, sent }: Ended, ecm: boolean): string[] {
  const faults: string[] = [];
  const kept = reception.pages.length;
  const confirmed = steps.filter((step) => step.type === 'page_confirmed').length;
  if (confirmed !== result.pagesConfirmed)
    faults.push(`${confirmed} steps of ${result.pagesConfirmed} confirmed pages`);
  if (confirmed > kept) faults.push(`${confirmed} pages confirmed and ${kept} kept`);
  if (kept > confirmed + 1) faults.push(`${kept} pages kept and ${confirmed} confirmed`);
  if (kept > confirmed && !result.pageInFlight)
    faults.push('a page was kept, and the caller thinks that none was in flight');
  if ((result.cause === 'ok') !== (confirmed === sent.length))
    faults.push(`${confirmed} pages confirmed, yet ${result.cause}`);
  if (
    reception.log.filter((line) => line.startsWith('ended')).length !==
    reception.log.filter((line) => line.startsWith('offer')).length
  ) {
    faults.push(`the reception heard no end: ${reception.log}`);
  }
  if (ecm && reception.pages.some((t6, i) => !isSame(sent[i], t6))) faults.push('a page is not what was sent');
  return faults;
}

function isSame(sent: Bitmap | undefined, t6: Uint8Array): boolean {
  if (sent === undefined) return false;
  const kept = decodeT6(t6, { width: sent.width, maxRows: 4000 });
  return kept.complete && Buffer.compare(sent.data, kept.bitmap.data) === 0;
}

async function runAll(from: number, climate: (random: Random) => Climate, paces?: Paces): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (let seed = from; seed < from + CALLS; seed++) {
    const ecm = seed % 3 !== 0;
    const ended = await fax(seed, climate(randomOf(seed)), ecm, paces);
    const faults = faultsOf(ended, ecm);
    const { cause, detail } = ended.result;
    assert.deepEqual(faults, [], `seed ${seed}: ${cause}, ${detail}`);
    ends.set(cause, (ends.get(cause) ?? 0) + 1);
  }
  return ends;
}

describe('a fax from carrier to carrier', () => {
  test('over a network without faults', async () => {
    const ends = await runAll(1_000, () => ({ media: FAIR, sip: FAIR }));
    assert.deepEqual([...ends], [['ok', CALLS]]);
  });

  test('at the pace of Internet-aware ends', async () => {
    const ends = await runAll(4_000, () => ({ media: FAIR, sip: FAIR }), ['internet', 'internet']);
    assert.deepEqual([...ends], [['ok', CALLS]]);
  });

  test('at that pace as DIS and DCS agree', async () => {
    const ends = await runAll(7_000, () => ({ media: FAIR, sip: FAIR }), ['agreed', 'agreed']);
    assert.deepEqual([...ends], [['ok', CALLS]]);
  });

  test('at that pace when both say so, and at that of a modem when one of them does not', async () => {
    const climate = { media: FAIR, sip: FAIR };
    const paces = ['agreed', 'gateway'] as const;
    const taking = async (caller: 0 | 1, answerer: 0 | 1) => {
      const ended = await fax(6_001, climate, true, [paces[caller], paces[answerer]]);
      assert.deepEqual(faultsOf(ended, true), []);
      assert.equal(ended.result.cause, 'ok');
      return ended.took;
    };
    const [both, onlyCaller, onlyAnswerer, none] = [
      await taking(0, 0),
      await taking(0, 1),
      await taking(1, 0),
      await taking(1, 1),
    ];
    assert.deepEqual([onlyCaller, onlyAnswerer], [none, none]);
    assert.ok(both < none - 5_000, `${both} and ${none} ms`);
  });

  test('at that pace over loss to 5 % in bursts', async () => {
    await runAll(
      5_000,
      (random) => {
        const bad: Weather = {
          ...FAIR,
          loss: 0.05 * random.next(),
          burst: 1 + random.below(6),
          jitter: random.below(100),
        };
        return { media: bad, sip: bad };
      },
      ['internet', 'internet'],
    );
  });

  test('over jitter to 200 ms, reorder, duplicates, and loss that redundancy makes good', async () => {
    const ends = await runAll(2_000, (random) => {
      const delay = 10 + random.below(100);
      const bad: Weather = { loss: 0.02, burst: 1, duplicate: 0.05, reorder: 0.1, delay, jitter: random.below(200) };
      return { media: bad, sip: { ...bad, loss: 0.05 } };
    });
    assert.ok((ends.get('ok') ?? 0) >= 0.9 * CALLS, JSON.stringify([...ends]));
  });

  test('over loss to 5 % in bursts', async () => {
    await runAll(3_000, (random) => {
      const bad: Weather = {
        ...FAIR,
        loss: 0.05 * random.next(),
        burst: 1 + random.below(6),
        jitter: random.below(100),
      };
      return { media: bad, sip: bad };
    });
  });
});
