import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex, openObject, sha256 } from '../../../crypto/index.ts';
import type { CallResult } from '../../../gateway/fax/call-result.ts';
import type { CallStep, CarrierAdapter, OutgoingCall } from '../../../gateway/ports/carrier-adapter.ts';
import { createMediaLinks, type MediaLinks } from '../../../gateway/retrieval/media-links.ts';
import { type Bench, benches } from './bench.ts';

const on = benches();
const WANTED = { format: 'tiff', ttl: 600, sources: [] } as const;
const ORIGIN = new URL('https://fax.example.org');

/** Links over the records and the vault of a bench; a file is the text of its pages. */
function linksOf({ records, clock, vault }: Bench): MediaLinks {
  return createMediaLinks({
    links: records.media,
    faxes: records.faxes,
    origin: ORIGIN,
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    metrics: { count() {}, observe() {}, gauge() {} },
    async *convert(fax, pages) {
      const texts = await vault.withKey(fax.id, async (dek) => {
        const read: Uint8Array[] = [];
        for (const { number } of pages) {
          const object = `page/${number}`;
          const source = vault.read(fax.id, object);
          for await (const chunk of openObject(dek, { fax: fax.id, object }, source)) read.push(chunk.slice());
        }
        return read;
      });
      yield* texts;
    },
  });
}

const tokenOf = (url: URL | undefined): string => url?.pathname.split('/')[2] ?? '';

/** What the carrier gets by a link now; undefined: nothing. */
async function fetched(links: MediaLinks, url: URL | undefined): Promise<string | undefined> {
  const file = await links.fetch(tokenOf(url), '203.0.113.9');
  if (file === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.octets) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

type Course = (call: OutgoingCall) => Promise<CallResult>;

/** A carrier that does `course` between the start of the first page and the end of the call. */
function puller(course: Course, mediaDelivery: 'pull' | 'push' = 'pull'): CarrierAdapter {
  return {
    name: 'puller',
    kind: 'puller',
    capabilities: {
      ...{ idempotencyKey: false, lookupByRef: false, perPageStatus: false, cancellable: true, inbound: 'none' },
      ...{ mediaDelivery, leaseBound: false },
    },
    start: async () => {},
    drain: async () => {},
    stop: async () => {},
    async *place(call): AsyncGenerator<CallStep, CallResult> {
      const line = { rate: 0, modulation: '', compression: 'unknown', ecm: false, t38: false, retrains: 0, badRows: 0 };
      yield { type: 'answered' };
      yield { type: 'page_started', page: call.pages[0]?.number ?? 1 };
      const result = await course(call);
      if (result.cause !== 'ok') return result;
      for (const { number } of call.pages) {
        if (number !== call.pages[0]?.number) yield { type: 'page_started', page: number };
        yield { type: 'page_confirmed', page: number, line: { ...line, compression: 'unknown' } };
      }
      return result;
    },
    lookup: async () => ({ found: 'unknown' }),
    health: async () => ({ ok: true, detail: '' }),
  };
}

const result = (cause: CallResult['cause'], pagesConfirmed = 0): CallResult => ({
  ...{ cause, detail: '', pagesConfirmed, pageInFlight: false, remoteId: null, line: null },
});

describe('the link of a call', () => {
  test('gives the pages that are not on paper yet, while the call is live, and nothing afterwards', () =>
    on({ policy: { pullMedia: true } }, async (bench) => {
      const links = linksOf(bench);
      const urls: (URL | undefined)[] = [];
      const got: (string | undefined)[] = [];
      const course: Course = async (call) => {
        const url = await bench.clock.holding(call.link?.open(WANTED) ?? Promise.resolve(undefined));
        urls.push(url);
        if (urls.length === 1) return result('busy');
        got.push(await bench.clock.holding(fetched(links, url)));
        return result('ok', call.pages.length);
      };
      const id = await bench.submit({ to: '+15550100001', pages: 2 });
      const worker = bench.worker({ adapters: () => [puller(course)], linkFor: links.linkFor });
      const fax = await bench.finish(worker, id);
      assert.deepEqual([fax.state, fax.attempts], ['delivered', 2]);
      assert.match(got[0] ?? '', new RegExp(`^${id} 1\\|.*${id} 2\\|`));
      for (const url of urls) assert.equal(await bench.clock.holding(fetched(links, url)), undefined);
      assert.notEqual(urls[0]?.href, urls[1]?.href, 'each call has its own');
    }));

  test('is there for carriers that fetch, and for no other', () =>
    on({ policy: { pullMedia: true } }, async (bench) => {
      let given: OutgoingCall['link'];
      const course: Course = async (call) => {
        given = call.link;
        return result('ok', call.pages.length);
      };
      const links = linksOf(bench);
      const worker = bench.worker({ adapters: () => [puller(course, 'push')], linkFor: links.linkFor });
      await bench.finish(worker, await bench.submit({ to: '+15550100001' }));
      assert.equal(given, undefined);
    }));

  test('is taken away at the end of a call whose carrier forgot it, however it ends', () =>
    on({ policy: { pullMedia: true } }, async (bench) => {
      const links = linksOf(bench);
      let url: URL | undefined;
      const course: Course = async (call) => {
        url = await bench.clock.holding(call.link?.open(WANTED) ?? Promise.resolve(undefined));
        return result('number_invalid');
      };
      const worker = bench.worker({ adapters: () => [puller(course)], linkFor: links.linkFor });
      const fax = await bench.finish(worker, await bench.submit({ to: '+15550100001' }));
      assert.equal(fax.state, 'failed');
      // A link that is still in the records would be unseen.
      const stored = hex(sha256(Buffer.from(tokenOf(url))));
      assert.equal(await bench.records.media.revoke(stored), 'seen');
    }));

  test('of a worker that died gives nothing as soon as another one has settled its call', () =>
    on({ policy: { pullMedia: true } }, async (bench) => {
      const links = linksOf(bench);
      let url: URL | undefined;
      const course: Course = async (call) => {
        url = await bench.clock.holding(call.link?.open(WANTED) ?? Promise.resolve(undefined));
        first.kill();
        died.resolve();
        return new Promise(() => {});
      };
      const died = Promise.withResolvers<void>();
      const first = bench.worker({ adapters: () => [puller(course)], linkFor: links.linkFor });
      const id = await bench.submit({ to: '+15550100001' });
      first.dispatch.start();
      void first.dispatch.work();
      await bench.clock.until(died.promise);
      const second = bench.worker({ adapters: () => [puller(async () => result('busy'))], linkFor: links.linkFor });
      const fax = await bench.finish(second, id);
      assert.equal(fax.state, 'uncertain');
      assert.ok(url !== undefined);
      assert.equal(await bench.clock.holding(fetched(links, url)), undefined);
    }));
});
