import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { generate } from 'selfsigned';
import type { Client } from '../../../api/client/index.ts';
import { ApiProblem, connect, connectAdmin, formatConnectionString, verifyWebhook } from '../../../api/client/index.ts';
import { generateRecipientKey } from '../../../crypto/client.ts';
import { fromBase64url, sha256, wrapToPublicKey } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { type Rig, receiveFax, startRig } from '../api/rig.ts';

const OWN = '+49301111111';
const FAR = '+49302222222';
const text = (content: string) => new TextEncoder().encode(content);

async function all(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

describe('the client against the API', () => {
  let rig: Rig;
  let account: Account;
  let secret: string;
  let client: Client;
  const connection = (user: string, name = 'acme') =>
    formatConnectionString({ account: name, user, host: 'localhost', port: rig.port, pins: [rig.pin] });

  before(async () => {
    const pem = await generate([{ name: 'commonName', value: 'localhost' }]);
    const leaf = Buffer.from(pem.cert.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    const tlsLeaves = [Buffer.from(sha256(leaf)).toString('base64url')];
    rig = await startRig({ settings: { tls: { key: pem.private, cert: pem.cert } }, tlsLeaves });
    account = await rig.account('acme', {}, [OWN]);
    secret = (await rig.apiUser(account, 'desk')).secret;
    client = connect(connection('desk'), secret, { device: 'test' });
  });
  after(async () => {
    await client.close();
    await rig.stop();
  });

  test('knows who it is, and that nobody opened TLS in between', async () => {
    const session = await client.session();
    assert.equal(session.account?.name, 'acme');
    assert.equal(session.sealed, true);
    assert.equal(session.tlsIntercepted, 'no');
    assert.deepEqual(
      (await client.numbers()).map(({ number }) => number),
      [OWN],
    );
  });

  test('a wrong secret is one plain refusal', async () => {
    const stranger = connect(connection('desk'), `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`);
    await assert.rejects(stranger.numbers(), { name: 'ApiProblem', code: 'access_denied' });
    await stranger.close();
  });

  test('sends several documents with every option, previews and cancels', async () => {
    const seen: number[] = [];
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const fax = await client.faxes.send(
      {
        to: FAR,
        from: OWN,
        documents: [text('pages:2 of a letter'), new Blob([text('pages:2')], { type: 'text/plain' })],
        resolution: 'superfine',
        contrast: -5,
        header: 'none',
        cover: { subject: 'Grüße', note: 'one\ntwo' },
        tags: { case: '7', ward: 'ä "quoted"' },
        scheduledAt: at,
        retries: 2,
        priority: 7,
      },
      { onProgress: (progress) => progress.phase === 'upload' && seen.push(progress.sent) },
    );
    assert.equal(fax.to, FAR);
    assert.equal(fax.documents, 2);
    assert.equal(fax.resolution, 'superfine');
    assert.deepEqual(fax.tags, { case: '7', ward: 'ä "quoted"' });
    assert.equal(fax.scheduledAt, at);
    assert.equal(seen.at(-1), 26);
    await rig.intake.settled();
    assert.equal((await client.faxes.pages(fax.id)).length, 2);
    assert.match(Buffer.from(await client.faxes.preview(fax.id, 1)).toString(), /^png:page 1/);
    assert.deepEqual(
      (await client.faxes.list({ tag: 'case:7' })).items.map(({ id }) => id),
      [fax.id],
    );
    assert.equal(await client.faxes.cancel(fax.id), 'ended');
    const ended = await client.faxes.wait(fax.id);
    assert.equal(ended.state, 'canceled');
    const states: string[] = [];
    await client.faxes.wait(fax.id, { onProgress: (one) => one.phase === 'fax' && states.push(one.state) });
    assert.deepEqual(states, ['accepted', 'queued', 'canceled']);
  });

  test('the same Idempotency-Key answers the same fax', async () => {
    const request = { to: FAR, documents: [text('pages:1')] };
    const control = { idempotencyKey: 'one-and-the-same' };
    const first = await client.faxes.send(request, control);
    assert.equal((await client.faxes.send(request, control)).id, first.id);
    const other = client.faxes.send({ ...request, to: OWN }, control);
    await assert.rejects(other, { name: 'ApiProblem', code: 'idempotency_mismatch' });
  });

  test('a megabyte document streams and arrives whole', async () => {
    const document = text(`pages:1 ${'x'.repeat(1_000_000)}`);
    const fax = await client.faxes.send({
      to: FAR,
      documents: [{ size: null, open: () => new Blob([document]).stream() }],
    });
    assert.equal(fax.state === 'accepted' || fax.state === 'rendering' || fax.state === 'queued', true);
  });

  test('a batch gives one fax for each number', async () => {
    const batch = await client.batches.send({ to: [FAR, '+49303333333'], documents: [text('pages:1')] });
    assert.deepEqual(batch.faxes.map(({ to }) => to).sort(), [FAR, '+49303333333']);
    assert.equal((await client.batches.get(batch.id)).faxes.length, 2);
  });

  test('bad input names the field', async () => {
    await assert.rejects(client.faxes.send({ to: '030', documents: [text('pages:1')] }), (error: unknown) => {
      assert.ok(error instanceof ApiProblem);
      assert.equal(error.code, 'number_invalid');
      assert.deepEqual(
        error.errors.map(({ pointer }) => pointer),
        ['/to'],
      );
      return true;
    });
    const rejected = client.faxes.send({ to: FAR, documents: [text('reject:encrypted')] });
    await assert.rejects(rejected, { code: 'document_rejected', reason: 'encrypted' });
    await assert.rejects(client.faxes.send({ to: FAR, documents: [] }), { code: 'document_missing' });
  });

  test('the inbox waits for a fax, fetches it and acknowledges it', async () => {
    assert.equal(await client.inbox.next(), null);
    const giveUp = new AbortController();
    const arriving = (async () => {
      for await (const one of client.inbox.watch({ signal: giveUp.signal })) return one;
      return assert.fail('the inbox ended');
    })();
    const id = await receiveFax(rig, account, OWN, 'a received page');
    const one = await arriving;
    giveUp.abort();
    assert.equal(one.fax.id, id);
    assert.equal(await all(one.document('tiff')), 'tiff:a received page');
    assert.equal(Buffer.from(await one.page(1)).toString(), 'png:a received page');
    await one.acknowledge();
    assert.equal((await client.inbox.list()).items[0]?.state, 'wiped');
    assert.ok((await client.faxes.receipt(id)).receipt.split('.').length === 3);
  });

  test('a sealed fax is opened with the registered key only', async () => {
    const key = await generateRecipientKey();
    const sealedTo = await rig.account('sealed', {}, ['+49304444444']);
    const id = await receiveFax(rig, sealedTo, '+49304444444', 'placeholder');
    // What reception does with an account that has registered a key.
    await rig.vault.withKey(id, async (dek) => {
      const wrapped = Buffer.from(
        await wrapToPublicKey(fromBase64url(Buffer.from(key.publicSpki).toString('base64url')), dek, id),
      );
      await rig.sql('update faxes set sealed_key = $2 where id = $1', [id, wrapped.toString('base64url')]);
    });
    const user = await rig.apiUser(sealedTo, 'desk');
    const own = connect(connection('desk', 'sealed'), user.secret);
    const one = await own.inbox.next();
    assert.ok(one);
    const pages: string[] = [];
    for await (const page of one.sealedPages(key)) pages.push(Buffer.from(page.t6).toString());
    assert.deepEqual(pages, ['placeholder']);
    const other = one.sealedPages(await generateRecipientKey());
    await assert.rejects(other.next(), { name: 'SealError', code: 'wrap' });
    await own.close();
  });

  test('events go on without gap or double over an interruption', async () => {
    const before = await client.events.head();
    const stop = new AbortController();
    const seqs: number[] = [];
    const reading = (async () => {
      for await (const event of client.events.from({ after: 0, signal: stop.signal })) {
        seqs.push(event.seq);
        if (event.seq === before + 2) stop.abort();
      }
    })();
    await rig.gateway.events.append(account.id, 'webhook.test', null, {}, Date.now());
    // The gateway forgets its sessions, as after a restart.
    for (const session of await rig.gateway.access.sessions.list({ account: account.id })) {
      await rig.gateway.access.sessions.end(session.sid);
    }
    await rig.gateway.events.append(account.id, 'webhook.test', null, {}, Date.now());
    await reading;
    assert.deepEqual(
      seqs,
      Array.from({ length: before + 2 }, (_, index) => index + 1),
    );
    assert.equal(await client.events.head(), before + 2);
    assert.equal(await client.events.before(new Date(0).toISOString()), 0);
  });

  test('a webhook of the gateway is verified by secret and by key', async () => {
    const seen: { headers: Record<string, string | string[] | undefined>; body: string }[] = [];
    const listener = createServer((request, response) => {
      void all(request).then((body) => {
        seen.push({ headers: request.headers, body });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    const endpoint = await client.webhooks.create({ url: `http://127.0.0.1:${port}/`, types: ['webhook.test'] });
    const delivery = await client.webhooks.test(endpoint.id);
    assert.equal(delivery.state, 'delivered');
    const [{ headers, body } = assert.fail()] = seen;
    const bySecret = await verifyWebhook(body, headers, { secret: endpoint.secret });
    assert.equal(bySecret.type, 'webhook.test');
    const byKey = await verifyWebhook(body, headers, { publicKey: await client.webhooks.publicKey() });
    assert.equal(byKey.data.seq, bySecret.data.seq);
    assert.equal((await client.webhooks.rotate(endpoint.id)).secret.startsWith('whsec_'), true);
    assert.equal((await client.webhooks.update(endpoint.id, { disabled: true })).disabled, true);
    assert.equal((await client.webhooks.deliveries({ endpoint: endpoint.id })).items.length, 1);
    await client.webhooks.remove(endpoint.id);
    assert.deepEqual(await client.webhooks.list(), []);
    await assert.rejects(client.webhooks.create({ url: 'ftp://example.org/' }), { code: 'url_refused' });
    listener.close();
  });

  test('an administrator makes an account that can log in at once', async () => {
    await rig.gateway.access.createPasswordUser('admin', null, 'owner', 'correct horse battery', [], 'local');
    const admin = connectAdmin(connection('owner', 'admin'), 'correct horse battery');
    const made = await admin.createAccount({ name: 'clinic', policy: { retries: 1 } });
    assert.equal(made.policy.retries, 1);
    await admin.addNumber(made.id, { number: '+49 30 5555555', label: 'ward' });
    const user = await admin.createUser(made.id, { name: 'app' });
    const own = connect(connection('app', 'clinic'), user.secret ?? '');
    assert.deepEqual(
      (await own.numbers()).map(({ number }) => number),
      ['+49305555555'],
    );
    await admin.changeUser(user.id, { disabled: true });
    await assert.rejects(own.numbers(), { name: 'ApiProblem' });
    assert.equal((await admin.audit({ account: made.id })).items.length > 0, true);
    assert.deepEqual((await admin.cdrs({ account: made.id })).items, []);
    assert.deepEqual((await admin.cdrSummary({ account: made.id, by: ['result'] })).items, []);
    await admin.removeNumber(made.id, '+49305555555');
    assert.deepEqual(await admin.numbers(made.id), []);
    await own.close();
    await admin.close();
  });

  test('CDRs come as pages and as CSV', async () => {
    const { items } = await client.cdrs.list({ direction: 'outbound' });
    assert.equal(
      items.some(({ result }) => result === 'canceled'),
      true,
    );
    const { items: sums } = await client.cdrs.summary({ group: 'total', by: ['direction', 'result'] });
    assert.equal(
      sums.some(({ direction, result, cdrs }) => direction === 'outbound' && result === 'canceled' && cdrs >= 1),
      true,
    );
    const csv = await all(client.cdrs.csv());
    assert.equal(csv.trim().split('\r\n').length > items.length, true);
    const singly: string[] = [];
    for await (const one of client.cdrs.all({ limit: 1 })) singly.push(one.id);
    assert.equal(new Set(singly).size, singly.length);
    assert.equal(singly.length >= 2, true);
  });
});
