/**
 * Calls of two other makers' machines that were recorded, with one of the two replaced by ours: what the other one says
 * comes at its recorded time, whatever we do.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FaxStream, type FaxStreamOutput } from '../../../carrier-adapters/sip-t38/call/fax-stream.ts';
import { createPageDecoder, type PageReport } from '../../../carrier-adapters/sip-t38/call/pages/decode.ts';
import { encodePage, type StoredPage } from '../../../carrier-adapters/sip-t38/call/pages/encode.ts';
import type { T38Terms } from '../../../carrier-adapters/sip-t38/sdp/media.ts';
import { createAnswerer, createCaller } from '../../../carrier-adapters/sip-t38/t30/index.ts';
import type { T30Machine, T30Output } from '../../../carrier-adapters/sip-t38/t30/machine.ts';
import type { Outcome } from '../../../carrier-adapters/sip-t38/t30/outcome.ts';
import type { PageTerms } from '../../../carrier-adapters/sip-t38/t30/page-terms.ts';
import { type Bitmap, decodeT6, encodeT6 } from '../../../gateway/imaging/index.ts';
import { runsPicture, seeded } from '../../unit/imaging/pictures.ts';
import type { Packet } from '../../vectors/pcap.ts';
import { CALLS, NO_CAPTURES, udptlOf } from '../../vectors/sip-t38/captures.ts';

const TERMS: T38Terms = {
  version: 0,
  maxBitRate: 14_400,
  rateManagement: 'transferredTCF',
  maxDatagram: 1400,
  errorCorrection: 'redundancy',
};
const COMMON = { id: '+1 212 555 0100', maxRate: 14_400, modulations: ['V.17', 'V.29', 'V.27ter'] } as const;

/** A page that our machine has taken. */
interface TakenPage {
  readonly terms: PageTerms;
  readonly bitmap: Bitmap;
  readonly report: PageReport;
}

/** One of our machines against the recorded datagrams of the other. */
class Replay {
  readonly signals: string[] = [];
  readonly taken: TakenPage[] = [];
  readonly confirmed: number[] = [];
  outcome: Outcome | null = null;
  readonly #stream: FaxStream;
  readonly #pages: readonly StoredPage[];
  #wanted: Extract<T30Output, { type: 'want_page' }> | null = null;
  #open: { readonly terms: PageTerms; readonly decoder: ReturnType<typeof createPageDecoder>; t6: number[] } | null =
    null;

  constructor(machine: T30Machine, pages: readonly StoredPage[] = []) {
    this.#pages = pages;
    this.#stream = new FaxStream(machine, TERMS, { kind: 'redundancy', depth: 3 }, 0);
  }

  async run(packets: readonly Packet[]): Promise<this> {
    this.#take(this.#stream.start(0), 0);
    const begin = packets[0]?.time ?? 0;
    for (const { time, payload } of packets) {
      const now = (time - begin) * 1000;
      await this.#pass(now);
      this.#take(this.#stream.datagram(payload, now), now);
      await this.#code(now);
    }
    await this.#pass(600_000);
    return this;
  }

  async #pass(until: number): Promise<void> {
    for (let at = this.#stream.deadline; at !== null && at <= until; at = this.#stream.deadline) {
      this.#take(this.#stream.time(at), at);
      await this.#code(at);
    }
  }

  #take(outputs: readonly FaxStreamOutput[], now: number): void {
    for (const output of outputs) if (output.type === 'procedure') this.#heard(output.output, now);
  }

  #heard(output: Exclude<T30Output, { type: 'line' }>, now: number): void {
    if (output.type === 'step' && output.direction === 'heard') this.signals.push(output.signal);
    else if (output.type === 'over') this.outcome = output.outcome;
    else if (output.type === 'want_page') this.#wanted = output;
    else if (output.type === 'page_confirmed') this.confirmed.push(output.index);
    else if (output.type === 'page_begin') {
      this.#open = { terms: output.terms, decoder: createPageDecoder(output.terms), t6: [] };
    } else if (output.type === 'page_data') {
      this.#open?.t6.push(...this.#open.decoder.push(output.octets, output.gap));
    } else if (output.type === 'page_end') this.#keep(now);
  }

  #keep(now: number): void {
    assert.ok(this.#open !== null);
    const { terms, decoder, t6: parts } = this.#open;
    const { t6, report } = decoder.finish();
    const { bitmap } = decodeT6(Uint8Array.from([...parts, ...t6]), { width: terms.width, maxRows: 4000 });
    this.taken.push({ terms, bitmap, report });
    this.#take(this.#stream.input({ type: 'page_verdict', verdict: report.verdict }, now), now);
  }

  async #code(now: number): Promise<void> {
    const wanted = this.#wanted;
    const page = this.#pages[wanted?.index ?? 0];
    this.#wanted = null;
    if (wanted === null || page === undefined) return;
    const coded = await encodePage(page, wanted.terms, async () => {});
    this.#take(this.#stream.input({ type: 'page', coded }, now), now);
  }
}

function answerTo(name: string): Promise<Replay> {
  const answerer = createAnswerer({ ...COMMON, ecm: true, width: 2432, ced: true });
  return new Replay(answerer).run(udptlOf(name)[0]);
}

function callTo(name: string, ecm: boolean): Promise<Replay> {
  // Shorter than the page of the record, so that its MCF never comes too early.
  const bitmap = runsPicture(1728, 300, 60, seeded(3));
  const t6 = encodeT6(bitmap);
  const page: StoredPage = {
    width: 1728,
    rows: 300,
    xDpi: 204,
    yDpi: 196,
    async *open() {
      yield t6.slice();
    },
  };
  return new Replay(createCaller({ ...COMMON, ecm, pages: [page] }), [page]).run(udptlOf(name)[1]);
}

describe('a recorded call of another maker', { skip: NO_CAPTURES }, () => {
  for (const [kind, yDpi, rows, compression] of [
    ['redundancy', 196, 2286, 'MMR'],
    ['fec', 98, 1143, 'MMR'],
    ['none', 98, 1143, 'MR'],
  ] as const) {
    test(`is taken by our answerer to its end: ${compression} with ${kind}`, async () => {
      const replay = await answerTo(CALLS[kind]);
      assert.equal(replay.outcome, 'ok');
      assert.deepEqual(
        replay.taken.map(({ terms, report }) => [terms.compression, terms.yDpi, report]),
        [[compression, yDpi, { rows, badRows: 0, longestBadRun: 0, verdict: 'good' }]],
      );
      const closing = compression === 'MMR' ? 'PPS-EOP' : 'EOP';
      assert.deepEqual(replay.signals, ['TSI', 'DCS', 'TCF', closing, 'page', 'DCN']);
    });

    test(`confirms the page of our caller: ${compression === 'MMR' ? 'ECM' : 'no ECM'} with ${kind}`, async () => {
      const replay = await callTo(CALLS[kind], compression === 'MMR');
      assert.deepEqual([replay.outcome, replay.confirmed], ['ok', [0]]);
      assert.deepEqual(replay.signals, ['CSI', 'DIS', 'CFR', 'MCF']);
    });
  }

  test('brings the same picture by MMR in error correction mode and by MR without', async () => {
    const [mmr] = (await answerTo(CALLS.fec)).taken;
    const [mr] = (await answerTo(CALLS.none)).taken;
    assert.ok(mmr !== undefined && mr !== undefined);
    assert.deepEqual(mr.bitmap, mmr.bitmap);
  });
});
