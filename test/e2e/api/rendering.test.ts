import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { createPageMark, openObject } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { decodeT6 } from '../../../gateway/imaging/index.ts';
import { createRenderer } from '../../../gateway/rendering/index.ts';
import { type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

const TO = '/v1/faxes?to=%2B49302222222';

async function clientOf(rig: Rig, account: Account): Promise<SealedClient> {
  const { secret } = await rig.apiUser(account, 'desk');
  return SealedClient.login(rig.origin, rig.pin, { account: account.name, user: 'desk', secret });
}

let keys = 0;
const submit = (client: SealedClient, document: Uint8Array, type = 'text/plain', path = TO) =>
  client.send('POST', path, { 'content-type': type, 'idempotency-key': `key-${keys++}` }, [document]);

describe('rendering after the acceptance', () => {
  let rig: Rig;
  let account: Account;
  let client: SealedClient;

  before(async () => {
    rig = await startRig({ carryOn: 0 });
    account = await rig.account('acme', {}, ['+49301111111']);
    client = await clientOf(rig, account);
  });
  after(() => rig.stop());

  const accepted = async (text: string): Promise<FaxId> => {
    const answer = await submit(client, Buffer.from(text));
    assert.equal(answer.status, 202, answer.body.toString());
    return answer.json().id as FaxId;
  };
  const stateOf = async (id: FaxId) => (await rig.records.faxes.fax(id))?.state;

  test('is rung for, claims the fax once, and drops the source document', async () => {
    const id = await accepted('pages:3');
    assert.ok(rig.queue.rung.some((one) => one.bell === 'render' && one.id === id));
    assert.equal(await stateOf(id), 'accepted');
    await Promise.all([rig.intake.render(id), rig.intake.render(id)]);
    assert.equal(await stateOf(id), 'queued');
    const objects = (await rig.vault.objects(id)).map((one) => one.object).toSorted();
    assert.deepEqual(objects, ['page/1', 'page/2', 'page/3']);
    await rig.intake.render(id);
    assert.equal(rig.queue.rung.filter((one) => one.bell === 'dial' && one.id === id).length, 1);
  });

  test('ends a fax whose document turns out bad, with a CDR, and wipes it at once', async () => {
    const id = await accepted('late:damaged');
    await rig.intake.render(id);
    const fax = await rig.records.faxes.fax(id);
    assert.deepEqual([fax?.state, fax?.cause, fax?.detail], ['failed', 'document_rejected', 'damaged']);
    const { items } = await rig.records.faxes.cdrs({ account: account.id, fax: id, limit: 10 });
    assert.deepEqual(
      items.map((cdr) => [cdr.call, cdr.cause]),
      [[null, 'document_rejected']],
    );
    assert.equal(fax?.imageExists, false);
    assert.ok(await rig.records.vault.receipt(id), 'its key is gone, and a receipt says so');
    assert.deepEqual(await rig.vault.objects(id), []);
    assert.ok(!(await rig.records.vault.intents(Date.now() + 1, 100)).some((intent) => intent.fax === id));
  });

  test('stops when the fax is canceled, and writes nothing more', async () => {
    const id = await accepted('pages:2');
    assert.equal((await client.json('POST', `/v1/faxes/${id}/cancel`)).json().result, 'ended');
    await rig.intake.render(id);
    assert.equal(await stateOf(id), 'canceled');
    assert.equal((await client.json('POST', `/v1/faxes/${id}/cancel`)).json().code, 'state_conflict');
  });
});

describe('the sandboxed renderer behind the API', () => {
  let rig: Rig;
  let client: SealedClient;

  before(async () => {
    rig = await startRig({ renderer: await createRenderer({}) });
    client = await clientOf(rig, await rig.account('acme', { maxPages: 3 }, ['+49301111111']));
  });
  after(async () => {
    await rig.stop();
  });

  /** Width and height in a PNG's header (PNG §11.2.2). */
  const pngSize = (png: Buffer): number[] => [png.readUInt32BE(16), png.readUInt32BE(20)];

  test('makes a text into a page that can be previewed', { timeout: 60_000 }, async () => {
    const answer = await submit(client, Buffer.from('Dear Sir,\n\nthis is a fax.\n'));
    assert.equal(answer.status, 202, answer.body.toString());
    await rig.intake.settled();
    const { id, pages } = answer.json();
    assert.equal(pages, 1);
    const preview = await client.send('GET', `/v1/faxes/${id}/preview/1`);
    assert.deepEqual([...preview.body.subarray(1, 4)], [...Buffer.from('PNG')]);
    const [page] = (await client.json('GET', `/v1/faxes/${id}/pages`)).json().items as {
      width: number;
      rows: number;
    }[];
    assert.equal(page?.width, 1728);
    assert.deepEqual(pngSize(preview.body), [page.width, page.rows], 'pixel for pixel as it is sent');
    const square = await client.send('GET', `/v1/faxes/${id}/preview/1?pixels=square`);
    const [width = 0, rows = 0] = pngSize(square.body);
    assert.deepEqual(
      [width, Math.round((rows / page.rows) * 100)],
      [1728, 104],
      'rows repeated from 196 to 204 lines per inch',
    );
  });

  test('previews the very bits of the page that will be sent', { timeout: 60_000 }, async () => {
    const answer = await submit(client, Buffer.from('Dear Sir,\n\nthis is a fax.\n'));
    await rig.intake.settled();
    const id = answer.json().id as FaxId;
    const [page] = await rig.records.faxes.pages(id);
    assert.ok(page !== undefined);
    const preview = await client.send('GET', `/v1/faxes/${id}/preview/1`);
    await rig.vault.withKey(id, async (dek) => {
      const chunks: Uint8Array[] = [];
      const object = 'page/1';
      for await (const chunk of openObject(dek, { fax: id, object }, rig.vault.read(id, object))) {
        chunks.push(Buffer.from(chunk));
      }
      const t6 = Buffer.concat(chunks);
      const mark = createPageMark(dek);
      mark.update(t6);
      assert.equal(preview.headers['page-mark'], mark.digest(), 'the mark is that of what a carrier is given');
      const { bitmap } = decodeT6(t6, { width: page.width, rows: page.rows, maxRows: page.rows });
      const { data } = await sharp(preview.body).greyscale().raw().toBuffer({ resolveWithObject: true });
      const black = (at: number) => (((bitmap.data[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1;
      const differing = data.findIndex((grey, at) => (grey === 0) !== black(at)); // 1728 pels fill whole bytes
      assert.equal(differing, -1);
    });
  });

  test('draws with the contrast and the halftone that a fax asks for', { timeout: 120_000 }, async () => {
    const width = 600;
    const ramp = Uint8Array.from({ length: width * 400 }, (_, at) => 60 + Math.floor(((at % width) * 150) / width));
    const grey = await sharp(ramp, { raw: { width, height: 400, channels: 1 } })
      .png()
      .toBuffer();
    const page = async (options: string) => {
      const answer = await submit(client, grey, 'image/png', `${TO}&header=none${options}`);
      assert.equal(answer.status, 202, answer.body.toString());
      await rig.intake.settled();
      return (await client.send('GET', `/v1/faxes/${answer.json().id}/preview/1`)).body;
    };
    const darkness = async (png: Buffer) => 255 - ((await sharp(png).greyscale().stats()).channels[0]?.mean ?? 0);
    const plain = await darkness(await page('&halftone=photo'));
    const dark = await darkness(await page('&halftone=photo&contrast=60'));
    const light = await darkness(await page('&halftone=photo&contrast=-60'));
    assert.ok(light < plain && plain < dark, `${light} < ${plain} < ${dark}`);
    assert.notDeepEqual(await page('&halftone=text'), await page('&halftone=photo'));
    const wrong = await submit(client, grey, 'image/png', `${TO}&halftone=nice`);
    assert.equal(wrong.json().code, 'request_invalid');
  });

  test('warns of text that nobody will read, before anything is dialled', { timeout: 60_000 }, async () => {
    const paper = await PDFDocument.create();
    paper.addPage([595, 842]).drawText('the small print that nobody can read', { x: 72, y: 600, size: 3 });
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const answer = await submit(client, await paper.save(), 'application/pdf', `${TO}&scheduledAt=${at}`);
    assert.equal(answer.status, 202, answer.body.toString());
    await rig.intake.settled();
    const { id } = answer.json();
    const waiting = (await client.json('GET', `/v1/faxes/${id}`)).json();
    assert.deepEqual([waiting.state, waiting.attempts], ['queued', 0]);
    const { items } = (await client.json('GET', `/v1/faxes/${id}/pages`)).json();
    const [page] = items as { mark: string; warnings: string[] }[];
    assert.ok(page !== undefined && page.warnings.length > 0);
    const preview = await client.send('GET', `/v1/faxes/${id}/preview/1`);
    assert.equal(preview.status, 200);
    assert.match(page.mark, /^[0-9a-f]{64}$/);
    assert.equal(preview.headers['page-mark'], page.mark);
    const none = await client.send('GET', `/v1/faxes/${id}/preview/2`);
    assert.deepEqual([none.json().code, none.headers['page-mark']], ['page_not_found', undefined]);
  });

  test('refuses what is damaged, of no known kind or too long, and leaves nothing', { timeout: 60_000 }, async () => {
    const cases: readonly [Buffer, string, string, string | undefined][] = [
      [Buffer.from('%PDF-1.7\nnot really'), 'application/pdf', 'document_rejected', 'damaged'],
      [Buffer.from([0, 1, 2, 3, 255, 254]), 'application/octet-stream', 'document_rejected', 'unsupported_type'],
      [Buffer.from('page\f'.repeat(9)), 'text/plain', 'too_many_pages', 'too_many_pages'],
    ];
    const before = await rig.files();
    for (const [document, type, code, reason] of cases) {
      const answer = (await submit(client, document, type)).json();
      assert.deepEqual([answer.code, answer.reason], [code, reason]);
    }
    assert.deepEqual(await rig.files(), before);
  });
});

describe('the text of a cover page', () => {
  const NOTE = 'the-patient-is-better';
  let rig: Rig;
  let client: SealedClient;

  before(async () => {
    rig = await startRig({ renderer: await createRenderer({}), carryOn: 0 });
    client = await clientOf(rig, await rig.account('acme', {}, ['+49301111111']));
  });
  after(() => rig.stop());

  test('is content: no row ever holds it, and each fax of a batch draws it from its own sealed copy', {
    timeout: 60_000,
  }, async () => {
    const path = `/v1/batches?to=%2B49302222222&to=%2B49303333333&cover.subject=Findings&cover.note=${NOTE}`;
    const answer = await submit(client, Buffer.from('Dear Sir.\n'), 'text/plain', path);
    assert.equal(answer.status, 202, answer.body.toString());
    const ids = (answer.json().faxes as { id: FaxId }[]).map((fax) => fax.id);
    assert.equal(ids.length, 2);
    const { rows } = await rig.sql(
      "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    );
    for (const { name } of rows) {
      const found = await rig.sql(`select 1 from "${String(name)}" as t where t::text like '%${NOTE}%'`);
      assert.deepEqual(found.rows, [], `${String(name)} holds the note`);
    }
    for (const id of ids) {
      await rig.intake.render(id);
      assert.equal((await rig.records.faxes.pages(id)).length, 2, 'cover and letter');
      const objects = (await rig.vault.objects(id)).map((one) => one.object).toSorted();
      assert.deepEqual(objects, ['page/1', 'page/2'], 'the text goes when the pages are there');
    }
  });
});
