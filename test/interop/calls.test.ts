import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cause } from '../../gateway/fax/cause.ts';
import { Engine, type EngineSettings, type Placed } from './engine.ts';
import { originate, taken } from './lab/asterisk.ts';
import { receivedFaxes, sendfax, through } from './lab/hylafax.ts';
import { Lab, labHindrance } from './lab/lab.ts';
import { bitmapsOf, difference, SHEETS, type SheetName, writeSheet } from './lab/pages.ts';

const hindrance = await labHindrance();

/** Engines of ours, each a customer of the carrier by another account; the names are those of `ENGINES`. */
const ENGINES = {
  redundancy: { account: 'gw' },
  registered: { account: 'gw', register: true },
  tcp: { account: 'gw', transport: 'tcp' },
  fec: { account: 'gwfec', errorCorrection: 'fec' },
  none: { account: 'gwnoec', errorCorrection: 'none' },
  plain: { account: 'gw', ecm: false },
  g711: { account: 'gwg711' },
  alaw: { account: 'gwalaw' },
  byAddress: {},
} as const satisfies Record<string, EngineSettings>;
type EngineName = keyof typeof ENGINES;

/** Ports on which the engines listen, from here on. */
const FIRST_PORT = 15_100;

let numbers = 0;
/** A number that no other test dials; `code` chooses what it does. */
const fresh = (code: number): string => `7${String(++numbers).padStart(4, '0')}${code}`;

describe("our engine and other people's machines", { skip: hindrance ?? false, concurrency: 30 }, () => {
  let lab: Lab;
  const engines = new Map<EngineName, Engine>();
  const sheets = new Map<SheetName, string>();
  const engine = (name: EngineName): Engine => {
    const found = engines.get(name);
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  };
  const sheet = (name: SheetName): string => sheets.get(name) ?? '';

  before(async () => {
    lab = await Lab.start({ hylafax: true });
    for (const name of Object.keys(SHEETS) as SheetName[]) {
      sheets.set(name, await writeSheet(join(lab.layout.state, 'pages'), name));
    }
    let port = FIRST_PORT;
    for (const [name, settings] of Object.entries(ENGINES) as [EngineName, EngineSettings][]) {
      engines.set(name, await Engine.start(lab, port++, settings));
    }
  });
  after(async () => {
    await Promise.all([...engines.values()].map((one) => one.stop()));
    await lab?.stop();
  });

  describe('outbound to Asterisk, pixel by pixel', { concurrency: 30 }, () => {
    const sends = (
      title: string,
      code: number,
      name: SheetName,
      by: EngineName = 'redundancy',
      line: { readonly modulation?: string; readonly rate?: number; readonly ecm?: boolean } = {},
    ) =>
      test(title, async () => {
        const number = fresh(code);
        const placed = await engine(by).send(number, sheet(name));
        assertDelivered(placed, SHEETS[name].pages);
        assert.partialDeepStrictEqual(placed.result.line, { t38: true, ...line });
        const got = await taken(lab, 'carrier', number);
        assert.deepEqual([got.status, got.mode, got.pages], ['SUCCESS', 'T38', String(SHEETS[name].pages)]);
        assert.equal(difference(await bitmapsOf(sheet(name)), await bitmapsOf(got.file)), undefined);
      });

    sends('ECM, V.17 14400, UDPTL redundancy', 100, 'a4-fine', 'redundancy', { rate: 14_400, ecm: true });
    sends('without ECM', 101, 'a4-fine', 'redundancy', { ecm: false });
    sends('without ECM because we do not want it', 100, 'a4-standard', 'plain', { ecm: false });
    sends('UDPTL with FEC', 100, 'a4-fine', 'fec');
    sends('UDPTL without error correction', 100, 'a4-fine', 'none');
    sends('V.29 9600', 102, 'a4-standard', 'redundancy', { modulation: 'V.29', rate: 9_600 });
    sends('V.27 ter 4800', 103, 'a4-standard', 'redundancy', { modulation: 'V.27ter', rate: 4_800 });
    sends('V.27 ter without ECM', 104, 'a4-standard', 'redundancy', { modulation: 'V.27ter', ecm: false });
    sends('standard resolution', 100, 'a4-standard');
    sends('superfine resolution', 100, 'a4-superfine');
    sends('superfine resolution without ECM', 101, 'a4-superfine');
    sends('Letter', 100, 'letter-fine');
    sends('Legal', 100, 'legal-fine');
    sends('three pages', 100, 'a4-fine-3');
    sends('three pages without ECM', 101, 'a4-fine-3');
    sends('ten pages', 100, 'a4-standard-10');
    sends('fifty pages', 100, 'a4-standard-50');
    sends('a dense page', 100, 'a4-dense');
    sends('a dense page without ECM', 101, 'a4-dense');
    sends('a dense page at 4800 bit/s', 103, 'a4-dense');
    sends('after ringing for 6 s', 121, 'a4-standard');
    sends('SIP over TCP', 100, 'a4-standard', 'tcp');
    sends('A-law only', 100, 'a4-standard', 'alaw');
    sends('from a registered trunk', 100, 'a4-standard', 'registered');
    sends('from a trunk known by its address', 100, 'a4-standard', 'byAddress');
  });

  describe('outbound to HylaFAX through a T.38 gateway, pixel by pixel', { concurrency: 1 }, () => {
    /** The file of the first fax beyond `count`. */
    const newest = async (count: number): Promise<string> => {
      for (const end = Date.now() + 30_000; Date.now() < end; await pause(200)) {
        const fax = (await receivedFaxes(lab))[count];
        if (fax !== undefined) return fax.file;
      }
      throw new Error('HylaFAX has not told of the fax');
    };

    // One modem: one call after the other.
    for (const name of ['a4-fine', 'a4-fine-3', 'b4-fine', 'a3-fine'] as const) {
      test(name, async () => {
        const before = (await receivedFaxes(lab)).length;
        const placed = await engine('redundancy').send(fresh(400), sheet(name));
        assertDelivered(placed, SHEETS[name].pages);
        const got = await newest(before);
        assert.equal(difference(await bitmapsOf(sheet(name)), await bitmapsOf(got)), undefined);
      });
    }
  });

  describe('calls that do not become faxes', { concurrency: 30 }, () => {
    const fails = (
      title: string,
      code: number,
      cause: Cause,
      by: EngineName = 'redundancy',
      name: SheetName = 'a4-standard',
    ) =>
      test(title, async () => {
        const { result } = await engine(by).send(fresh(code), sheet(name));
        assert.equal(result.cause, cause, result.detail);
        assert.equal(result.pagesConfirmed, 0);
      });

    fails('486: busy', 300, 'busy');
    fails('180 and no answer', 301, 'no_answer');
    fails('neither 180 nor an answer', 318, 'no_answer');
    fails('404', 302, 'number_invalid');
    fails('410', 312, 'number_invalid');
    fails('484', 313, 'number_invalid');
    fails('403', 306, 'rejected');
    fails('480', 315, 'no_answer');
    fails('488', 314, 'negotiation_failed');
    fails('500', 303, 'carrier_unavailable');
    fails('502', 316, 'out_of_service');
    fails('503', 310, 'carrier_unavailable');
    fails('early media, then 404', 311, 'number_invalid');
    fails('an endless tone', 304, 'no_fax');
    fails('silence', 305, 'no_fax');
    fails('an echo', 317, 'no_fax');
    fails('a hang-up at the answer', 309, 'hung_up');
    fails('a hang-up in the middle of a page', 307, 'hung_up', 'redundancy', 'a4-dense');
    fails('a trunk without T.38', 100, 'negotiation_failed', 'g711');

    test('a cancel in the middle of a page ends with DCN, and the far machine keeps no page of it', async () => {
      const number = fresh(100);
      const abort = new AbortController();
      setTimeout(() => abort.abort('canceled'), 22_000);
      const { result } = await engine('redundancy').send(number, sheet('a4-dense'), {}, abort.signal);
      assert.equal(result.cause, 'canceled');
      const got = await taken(lab, 'carrier', number, 20_000);
      assert.notEqual(got.status, 'SUCCESS');
    });
  });

  describe('inbound, pixel by pixel', { concurrency: 30 }, () => {
    const receives = (
      title: string,
      name: SheetName,
      by: EngineName,
      account: string,
      variables: Readonly<Record<string, string>> = {},
    ) =>
      test(title, async () => {
        const number = fresh(555);
        const ours = engine(by);
        const address = by === 'byAddress' ? '127.0.0.2' : '127.0.0.1';
        const transport = by === 'tcp' ? ';transport=tcp' : '';
        const channel =
          by === 'registered' ? 'PJSIP/gw' : `PJSIP/${account}/sip:${number}@${address}:${ours.port}${transport}`;
        const called = by === 'registered' ? '5550123' : number;
        const sent = await originate(lab, 'carrier', {
          channel,
          does: 'send',
          variables: { FAXFILE: sheet(name), ...variables },
        });
        assert.deepEqual([sent.status, sent.mode, sent.pages], ['SUCCESS', 'T38', String(SHEETS[name].pages)]);
        const got = await ours.call(called);
        assert.equal(got.result.cause, 'ok', got.result.detail);
        assert.equal(difference(await bitmapsOf(sheet(name)), got.pages), undefined);
      });

    receives('ECM, redundancy', 'a4-fine', 'redundancy', 'gw');
    receives('without ECM', 'a4-fine', 'redundancy', 'gw', { ECM: 'no' });
    receives('FEC', 'a4-fine', 'fec', 'gwfec');
    receives('no error correction', 'a4-fine', 'none', 'gwnoec');
    receives('V.29', 'a4-standard', 'redundancy', 'gw', { MODEMS: 'v29', MAXRATE: '9600' });
    receives('V.27 ter', 'a4-standard', 'redundancy', 'gw', { MODEMS: 'v27', MAXRATE: '4800' });
    receives('V.27 ter without ECM', 'a4-standard', 'redundancy', 'gw', { MODEMS: 'v27', MAXRATE: '4800', ECM: 'no' });
    receives('superfine', 'a4-superfine', 'redundancy', 'gw');
    receives('Letter', 'letter-fine', 'redundancy', 'gw');
    receives('Legal', 'legal-fine', 'redundancy', 'gw');
    receives('three pages', 'a4-fine-3', 'redundancy', 'gw');
    receives('three pages without ECM', 'a4-fine-3', 'redundancy', 'gw', { ECM: 'no' });
    receives('ten pages', 'a4-standard-10', 'redundancy', 'gw');
    receives('fifty pages', 'a4-standard-50', 'redundancy', 'gw');
    receives('a dense page', 'a4-dense', 'redundancy', 'gw');
    receives('the sender asks for T.38 itself', 'a4-standard', 'redundancy', 'gw', { OPTS: 'z' });
    receives('SIP over TCP', 'a4-standard', 'tcp', 'gw');
    receives('by a registered trunk', 'a4-standard', 'registered', 'gw');
    receives('by a trunk known by its address', 'a4-standard', 'byAddress', 'iptrunk');

    test('HylaFAX through a T.38 gateway', async () => {
      const number = fresh(555);
      const job = { modem: 1 as const, number: through(engine('redundancy').port, number), file: sheet('a4-fine') };
      const sent = await sendfax(lab, job);
      assert.equal(sent.why, 'done', sent.status);
      const got = await engine('redundancy').call(number);
      assert.equal(difference(await bitmapsOf(sheet('a4-fine')), got.pages), undefined);
    });
  });

  test('twenty calls at once', async () => {
    const calls = Array.from({ length: 20 }, () => fresh(100));
    const placed = await Promise.all(calls.map((number) => engine('redundancy').send(number, sheet('a4-standard'))));
    for (const one of placed) assertDelivered(one, 1);
  });
});

function assertDelivered({ steps, result }: Placed, pages: number): void {
  assert.equal(result.cause, 'ok', `${result.detail}\n${steps.map(({ type }) => type).join(' ')}`);
  assert.equal(result.pagesConfirmed, pages);
  assert.equal(result.pageInFlight, false);
  const journal = steps.filter(({ type }) => type === 'page_started' || type === 'page_confirmed');
  const expected = Array.from({ length: pages }, (_, index) => [
    `page_started ${index + 1}`,
    `page_confirmed ${index + 1}`,
  ]);
  assert.deepEqual(
    journal.map((step) => `${step.type} ${'page' in step ? step.page : ''}`),
    expected.flat(),
  );
}
