import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createPageMark,
  fromBase64url,
  generateRecipientKey,
  importRecipientKey,
  openObject,
  unwrapWithPrivateKey,
} from '../../../crypto/index.ts';
import type { LineReport } from '../../../gateway/fax/call-result.ts';
import type { Fax } from '../../../gateway/fax/fax.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import type { IncomingCall } from '../../../gateway/ports/carrier-adapter.ts';
import { VaultError } from '../../../gateway/ports/image-vault.ts';
import { ReceptionError } from '../../../gateway/reception/index.ts';
import { type Bench, benches, OWN, type Worker } from './bench.ts';

const on = benches();

const LINE: LineReport = {
  rate: 14_400,
  modulation: 'V.17',
  compression: 'MMR',
  ecm: true,
  t38: false,
  retrains: 0,
  badRows: 0,
};
const PAGE = { width: 1728, xDpi: 204, yDpi: 196 };
const DONE = { cause: 'ok', detail: '', pagesConfirmed: 1, pageInFlight: false, remoteId: null, line: LINE } as const;

async function inbound(bench: Bench): Promise<Fax[]> {
  const { items } = await bench.records.faxes.faxes({ account: bench.account.id, direction: 'inbound', limit: 100 });
  return [...items];
}

async function newest(bench: Bench): Promise<Fax> {
  const [fax] = await inbound(bench);
  assert.ok(fax);
  return fax;
}

/** Sends one fax to the bench's own number and lets both legs end. */
async function receive(bench: Bench, worker: Worker, pages = 2): Promise<{ sent: Fax; received: Fax }> {
  const id = await bench.submit({ to: OWN, pages });
  const sent = await bench.finish(worker, id);
  await bench.clock.until(worker.reception.drain());
  return { sent, received: await newest(bench) };
}

/** A call that is driven by hand. */
async function ring(bench: Bench, worker: Worker): Promise<IncomingCall> {
  const offer = { carrier: 'loopback', reference: `in-${Math.random()}`, from: null, to: parseE164(OWN) };
  const answer = await bench.clock.until(worker.reception.offer(offer));
  assert.ok('accepted' in answer);
  return answer.accepted;
}

async function plaintext(bench: Bench, fax: FaxId, page: number): Promise<Buffer> {
  const object = `page/${page}`;
  return bench.vault.withKey(fax, async (dek) => {
    const parts: Buffer[] = [];
    for await (const chunk of openObject(dek, { fax, object }, bench.vault.read(fax, object)))
      parts.push(Buffer.from(chunk));
    return Buffer.concat(parts);
  });
}

describe('a call to a number of the gateway', () => {
  test('both legs have a CDR, and the received pages are those that were sent, with their mark', () =>
    on({}, async (bench) => {
      const worker = bench.worker();
      const { sent, received } = await receive(bench, worker);
      assert.deepEqual([sent.state, received.state, received.pages], ['delivered', 'received', 2]);
      assert.equal((await bench.outcomes(received.id))[0], 'ok ok 2');
      assert.equal((await bench.outcomes(sent.id))[0], 'ok ok 2');
      assert.equal(received.remoteId, '+15559990000');
      for (const record of await bench.records.faxes.pages(received.id)) {
        const page = await plaintext(bench, received.id, record.number);
        assert.ok(page.toString().startsWith(`${sent.id} ${record.number}|`));
        assert.equal(record.bytes, page.length);
        const mark = await bench.vault.withKey(received.id, async (dek) => {
          const made = createPageMark(dek);
          made.update(page);
          return made.digest();
        });
        assert.equal(record.mark, mark);
      }
      assert.deepEqual(worker.errors, []);
    }));

  test('with inbound_hold 0 and nobody connected the call is refused and leaves nothing', () =>
    on({ policy: { inboundHold: 0 } }, async (bench) => {
      const id = await bench.submit({ to: OWN, retries: 0 });
      const fax = await bench.finish(bench.worker({ connected: false }), id);
      assert.deepEqual([fax.state, fax.cause], ['failed', 'receiver_not_ready']);
      assert.deepEqual(await inbound(bench), []);
    }));

  test('with inbound_hold 0 the image dies with the call', () =>
    on({ policy: { inboundHold: 0 } }, async (bench) => {
      const { sent, received } = await receive(bench, bench.worker());
      assert.equal(sent.state, 'delivered');
      assert.equal(received.imageExists, false);
      assert.ok(await bench.isWiped(received.id));
    }));

  test('sealed inbound: only the owner of the registered key opens the pages', () =>
    on({}, async (bench) => {
      const keys = await generateRecipientKey();
      const actor = { who: 'local', address: null };
      const policy = { sealedInboundKey: Buffer.from(keys.publicSpki).toString('base64url') };
      await bench.records.accounts.updateAccount(bench.account.id, { policy }, actor, bench.clock.now());
      const { received } = await receive(bench, bench.worker(), 1);
      assert.ok(received.sealedKey);
      await assert.rejects(
        bench.vault.withKey(received.id, async () => {}),
        VaultError,
      );
      const key = await importRecipientKey(keys.privatePem);
      const dek = await unwrapWithPrivateKey(key, fromBase64url(received.sealedKey), received.id);
      const parts: string[] = [];
      const object = 'page/1';
      for await (const chunk of openObject(dek, { fax: received.id, object }, bench.vault.read(received.id, object))) {
        parts.push(Buffer.from(chunk).toString());
      }
      assert.ok(parts.join('').includes(' 1|'));
    }));

  test('after drain no call is taken', () =>
    on({}, async (bench) => {
      const worker = bench.worker();
      await worker.reception.drain();
      const offer = { carrier: 'loopback', reference: 'r', from: null, to: parseE164(OWN) };
      assert.deepEqual(await worker.reception.offer(offer), { refused: 'carrier_unavailable' });
    }));

  test('a number that nobody owns is out of service', () =>
    on({}, async (bench) => {
      const offer = { carrier: 'loopback', reference: 'r', from: null, to: parseE164('+15557770002') };
      assert.deepEqual(await bench.worker().reception.offer(offer), { refused: 'out_of_service' });
    }));
});

describe('what a hostile caller sends', () => {
  for (const [what, info] of [
    ['no width', { ...PAGE, width: 0 }],
    ['a width beyond A3 at 408 dpi', { ...PAGE, width: 4_865 }],
    ['a broken width', { ...PAGE, width: 1728.5 }],
    ['no resolution', { ...PAGE, xDpi: 0 }],
    ['an impossible resolution', { ...PAGE, yDpi: 1_201 }],
  ] as const) {
    test(`${what} is refused; the call fails, and nothing stays`, () =>
      on({}, async (bench) => {
        const call = await ring(bench, bench.worker());
        await bench.clock.until(call.answered(null));
        await assert.rejects(bench.clock.until(call.beginPage(info)), (error) => codeOf(error) === 'page_invalid');
        await bench.clock.until(call.ended({ ...DONE, cause: 'hung_up' }));
        const fax = await newest(bench);
        assert.deepEqual([fax.state, fax.cause], ['failed', 'rejected']);
        assert.ok(await bench.isWiped(fax.id));
      }));
  }

  test('a page beyond 16 MiB is refused, and the pages before it are kept', () =>
    on({}, async (bench) => {
      const call = await ring(bench, bench.worker());
      await bench.clock.until(call.answered('x'.repeat(500)));
      await page(bench, call);
      await bench.clock.until(call.beginPage(PAGE));
      const megabyte = new Uint8Array(1_048_576);
      for (let sent = 0; sent < 16; sent++) await bench.clock.until(call.write(megabyte));
      const over = bench.clock.until(call.write(new Uint8Array(1)));
      await assert.rejects(over, (error) => codeOf(error) === 'page_too_large');
      await bench.clock.until(call.ended(DONE));
      const fax = await newest(bench);
      assert.deepEqual([fax.state, fax.pages, fax.remoteId], ['received', 1, 'x'.repeat(20)]);
      assert.deepEqual(
        (await bench.vault.objects(fax.id)).map((stored) => stored.object),
        ['page/1'],
      );
    }));

  test('more pages than the account takes are refused', () =>
    on({ policy: { maxPages: 2 } }, async (bench) => {
      const call = await ring(bench, bench.worker());
      await bench.clock.until(call.answered(null));
      await page(bench, call);
      await page(bench, call);
      await assert.rejects(bench.clock.until(call.beginPage(PAGE)), (error) => codeOf(error) === 'too_many_pages');
      await bench.clock.until(call.ended(DONE));
      assert.equal((await newest(bench)).pages, 2);
    }));

  test('an empty page, data without a page and a page in a page are refused', () =>
    on({}, async (bench) => {
      const worker = bench.worker();
      for (const act of [
        (call: IncomingCall) => call.write(new Uint8Array(1)),
        (call: IncomingCall) => call.endPage({ rows: 1, line: LINE }),
        (call: IncomingCall) => call.beginPage(PAGE).then(() => call.beginPage(PAGE)),
        (call: IncomingCall) => call.beginPage(PAGE).then(() => call.endPage({ rows: 100, line: LINE })),
      ]) {
        const call = await ring(bench, worker);
        await bench.clock.until(call.answered(null));
        await assert.rejects(bench.clock.until(act(call)), ReceptionError);
        await bench.clock.until(call.ended(DONE));
        assert.equal((await newest(bench)).state, 'failed');
      }
    }));

  test('a dropped page leaves nothing and comes again', () =>
    on({}, async (bench) => {
      const call = await ring(bench, bench.worker());
      await bench.clock.until(call.answered(null));
      await bench.clock.until(call.beginPage(PAGE));
      await bench.clock.until(call.write(new Uint8Array(100_000)));
      await bench.clock.until(call.dropPage());
      await page(bench, call);
      await bench.clock.until(call.ended(DONE));
      const fax = await newest(bench);
      assert.deepEqual([fax.state, fax.pages], ['received', 1]);
      assert.equal((await plaintext(bench, fax.id, 1)).toString(), 'a page');
    }));

  test('a caller that hangs up before the first page is whole leaves a failed, wiped fax', () =>
    on({}, async (bench) => {
      const call = await ring(bench, bench.worker());
      await bench.clock.until(call.answered(null));
      await bench.clock.until(call.beginPage(PAGE));
      await bench.clock.until(call.write(new Uint8Array(70_000)));
      await bench.clock.until(call.ended({ ...DONE, cause: 'hung_up', pageInFlight: true }));
      const fax = await newest(bench);
      assert.deepEqual([fax.state, fax.cause], ['failed', 'hung_up']);
      assert.ok(await bench.isWiped(fax.id));
    }));
});

async function page(bench: Bench, call: IncomingCall): Promise<void> {
  await bench.clock.until(call.beginPage(PAGE));
  await bench.clock.until(call.write(new TextEncoder().encode('a page')));
  await bench.clock.until(call.endPage({ rows: 2_200, line: LINE }));
}

const codeOf = (error: unknown) => (error instanceof ReceptionError ? error.code : undefined);
