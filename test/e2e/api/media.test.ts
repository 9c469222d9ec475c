import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { randomId } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { type FaxId, newId } from '../../../gateway/fax/ids.ts';
import type { MediaFiles } from '../../../gateway/gateway.ts';
import type { MediaFormat, MediaLink } from '../../../gateway/ports/carrier-adapter.ts';
import { createConversion } from '../../../gateway/retrieval/images.ts';
import { createMediaLinks, type MediaLinks } from '../../../gateway/retrieval/media-links.ts';
import { planOver } from '../../conformance/fax-records-world.ts';
import { extraServer, obedientRenderer, type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

const ORIGIN = new URL('https://fax.example.org:8443');
const WANTED = { format: 'tiff' as MediaFormat, ttl: 600, sources: [] };

describe('links by which a carrier fetches a fax', () => {
  let rig: Rig;
  let links: MediaLinks;
  let server: Awaited<ReturnType<typeof extraServer>>;
  let account: Account;
  let client: SealedClient;
  let count = 0;

  const media = (change: Partial<MediaFiles> = {}): MediaFiles => ({ ...links, ...change });

  before(async () => {
    rig = await startRig();
    account = await rig.account('acme', { pullMedia: true });
    const { secret } = await rig.apiUser(account, 'desk');
    client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
    const { clock, log, metrics } = rig.gateway;
    links = createMediaLinks({
      ...{ links: rig.records.media, faxes: rig.records.faxes, origin: ORIGIN, clock, log, metrics },
      convert: createConversion({ vault: rig.vault, renderer: obedientRenderer() }),
    });
    server = await extraServer(rig, { gateway: { media: media() } });
  });
  after(async () => {
    await server.stop();
    await rig.stop();
  });

  /** A fax in a live call, and the link of that call. */
  async function calling(firstPage = 1): Promise<{ fax: FaxId; link: MediaLink; end(): Promise<unknown> }> {
    count++;
    const headers = { 'content-type': 'text/plain', 'idempotency-key': `media-${count}` };
    const to = `%2B4930222${String(1_000 + count)}`;
    const answer = await client.send('POST', `/v1/faxes?to=${to}`, headers, [
      Buffer.from(`pages:3 of letter ${count}`),
    ]);
    const id = answer.json().id as FaxId;
    await rig.intake.settled();
    const { faxes } = rig.records;
    const now = Date.now();
    const carriers = [{ name: id, maxCalls: null, callsPerSecond: null }];
    const plan = () => planOver(id);
    const { claims } = await faxes.claimCalls({ worker: 'w', lease: 90_000, limit: 1, carriers, plan }, now);
    const fence = claims[0]?.fence ?? 0;
    const call = newId('call', randomId);
    assert.ok(
      await faxes.intend(id, fence, { id: call, carrier: 'wire', reference: `ref${count}`, firstPage: 1 }, now),
    );
    assert.ok(await faxes.passGate2(call, fence, now));
    const link = links.linkFor({ fax: id, fence, carrier: 'wire', reference: `ref${count}`, firstPage });
    assert.ok(link !== undefined);
    const lost = {
      cause: 'busy',
      detail: '',
      pagesConfirmed: 0,
      pageInFlight: false,
      remoteId: null,
      line: null,
    } as const;
    return { fax: id, link, end: () => faxes.endCall(call, fence, lost, { state: 'failed' }, now) };
  }

  /** The link as somebody on this machine reaches it. */
  const here = (url: URL | undefined) => `${server.origin}${url?.pathname}`;
  const notFound = async (response: Response) =>
    assert.deepEqual([response.status, ((await response.json()) as { code: string }).code], [404, 'route_not_found']);

  test('give the pages once, uncached, under the public origin, and end with the reference', async () => {
    const { link } = await calling(2);
    const url = await link.open(WANTED);
    assert.match(url?.href ?? '', /^https:\/\/fax\.example\.org:8443\/media\/[A-Za-z0-9_-]{43}\/ref[0-9]+\.tiff$/);
    const response = await fetch(here(url));
    assert.equal(response.status, 200);
    assert.deepEqual(
      [response.headers.get('content-type'), response.headers.get('cache-control')],
      ['image/tiff', 'no-store'],
    );
    const body = await response.text();
    assert.match(body, /page 2 to/);
    assert.doesNotMatch(body, /page 1 to/, 'a page that is on paper already is not given');
    await notFound(await fetch(here(url)));
    assert.equal(await link.revoke(), 'seen');
  });

  test('answer HEAD with the type, and use nothing up', async () => {
    const { link } = await calling();
    const url = here(await link.open({ ...WANTED, format: 'pdf' }));
    for (const _ of [1, 2]) {
      const head = await fetch(url, { method: 'HEAD' });
      assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'application/pdf']);
    }
    assert.equal((await fetch(url)).status, 200);
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 404);
  });

  test('are over with their call, and when they are taken away', async () => {
    const first = await calling();
    const one = here(await first.link.open(WANTED));
    assert.equal(await first.link.revoke(), 'unseen');
    await notFound(await fetch(one));
    const second = await calling();
    const two = here(await second.link.open(WANTED));
    await second.end();
    await notFound(await fetch(two));
  });

  test('cannot be made twice for a call, nor after the end of it', async () => {
    const { link } = await calling();
    await link.open(WANTED);
    await assert.rejects(link.open(WANTED), /one link/);
    const { link: other } = await calling();
    assert.equal(await other.revoke(), 'unseen');
    await assert.rejects(other.open(WANTED), /one link/);
  });

  test('are not made for an account that does not allow them', async () => {
    await rig.gateway.access.changeAccount(account.id, { policy: { pullMedia: false } }, 'local');
    const { link } = await calling();
    assert.equal(await link.open(WANTED), undefined);
    assert.equal(await link.revoke(), 'unseen');
    await rig.gateway.access.changeAccount(account.id, { policy: { pullMedia: true } }, 'local');
  });

  test('may be fetched again when the first GET broke off, and not a third time', async () => {
    const broken = await extraServer(rig, {
      gateway: {
        media: media({
          async fetch(token, address) {
            const file = await links.fetch(token, address);
            return file === undefined ? undefined : { ...file, octets: breaking(file.octets) };
          },
        }),
      },
    });
    const { link } = await calling();
    const path = (await link.open(WANTED))?.pathname;
    await assert.rejects(fetch(`${broken.origin}${path}`).then((response) => response.text()));
    await broken.stop();
    assert.equal((await fetch(`${server.origin}${path}`)).status, 200);
    await notFound(await fetch(`${server.origin}${path}`));
  });

  test('a fax whose image is gone is answered as what there is not', async () => {
    const { link, fax } = await calling();
    const url = here(await link.open(WANTED));
    await rig.vault.wipe(fax, 'test');
    await notFound(await fetch(url));
  });

  test('whoever tries tokens is soon answered without a look', async () => {
    const looks: string[] = [];
    const counting = await extraServer(rig, {
      gateway: { media: media({ fetch: async (token) => void looks.push(token) }) },
    });
    const guess = 'A'.repeat(43);
    for (let tries = 0; tries < 30; tries++) await notFound(await fetch(`${counting.origin}/media/${guess}/x.tiff`));
    assert.equal(looks.length, 20);
    await notFound(await fetch(`${counting.origin}/media/short/x.tiff`));
    assert.equal(looks.length, 20);
    await counting.stop();
  });

  test('the host that a request names does not matter', async () => {
    const { link } = await calling();
    const url = new URL(here(await link.open(WANTED)));
    const status = await new Promise<number>((resolve, reject) => {
      const asked = request(url, { headers: { host: 'evil.example' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      asked.on('error', reject).end();
    });
    assert.equal(status, 200);
  });
});

/** The first chunk, and then a fault. */
async function* breaking(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of octets) {
    yield chunk.slice();
    throw new Error('the line broke');
  }
}
