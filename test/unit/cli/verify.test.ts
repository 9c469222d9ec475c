import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import {
  AUDIT_START,
  auditEntryLine,
  auditLink,
  base64url,
  certifyReceiptKey,
  generateSigningKey,
  issueSuccession,
  pinOf,
  randomBytes,
  signAuditHead,
  signKeyStatement,
  signReceipt,
} from '../../../crypto/index.ts';
import { runCli } from '../../../ops/cli/index.ts';
import { rememberingIo } from './console.ts';

const WIPED = {
  ...{ v: 1, fax: 'fax_1', objects: [{ object: 'page/1', bytes: 5, sha256: 'x' }], bytes: 5, dek: 'd', epoch: 7 },
  ...{ wipedAt: '2026-01-15T12:00:00.000Z', method: 'cryptographic-erase+unlink', reason: 'fax_delivered' },
  checks: { blobAbsent: true, rowAbsent: true, unwrapFails: true },
};
const EPOCH = {
  v: 1,
  epoch: 7,
  faxes: 1,
  root: 'r',
  openedAt: '',
  destroyedAt: '2026-01-15T12:10:00.000Z',
  method: 'kek-destroyed',
};

describe('sealfax verify', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealfax-verify-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function file(name: string, text: string | object): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
    return path;
  }

  async function run(...argv: string[]) {
    const { io, shown } = rememberingIo();
    return { status: await runCli(['verify', ...argv], {}, io), ...shown };
  }

  test('an audit log passes as it was exported, and a changed one is told line by line', async () => {
    const root = await generateSigningKey();
    const key = await certifyReceiptKey(await generateSigningKey(), root, 0);
    const [salt, facts] = [randomBytes(16), { actor: 'usr_1', action: 'login' }];
    const link = auditLink(AUDIT_START, salt, facts);
    const lines = [
      { audit: 'start', v: 1, place: 0, link: base64url(AUDIT_START) },
      auditEntryLine(1, salt, link, facts),
      { audit: 'head', jws: await signAuditHead({ place: 1, link, at: Date.UTC(2026, 0, 15, 12) }, key) },
    ].map((line) => JSON.stringify(line));
    const whole = await file('audit.jsonl', `${lines.join('\n')}\n`);
    const pin = await pinOf(root.publicJwk);
    const good = await run('audit', whole, '--pin', pin);
    assert.equal(good.status, 0, good.err);
    assert.match(good.out, /^valid +nothing was changed/);
    assert.match(good.out, /^entries +1, number 1 to 1$/m);
    assert.match(good.out, new RegExp(`^signed by +the gateway with pin ${pin} \\(as expected\\)$`, 'm'));
    const other = await run('audit', whole, '--pin', await pinOf((await generateSigningKey()).publicJwk));
    assert.deepEqual([other.status, other.out], [10, '']);
    const changed = await run('audit', await file('changed.jsonl', lines.join('\n').replace('login', 'logout')));
    assert.equal(changed.status, 10);
    assert.match(changed.err, /^line 2: entry 1 was changed/);
    assert.equal((await run('audit', join(folder, 'nothing.jsonl'))).status, 2);
  });

  test('an audit log of two roots passes with the statement that leads from one to the other', async () => {
    const [first, second] = [await generateSigningKey(), await generateSigningKey()];
    const receipts = await generateSigningKey();
    const at = Date.UTC(2026, 0, 15, 12);
    const head = async (root: typeof first, place: number, link: Uint8Array) =>
      signAuditHead({ place, link, at: at + place }, await certifyReceiptKey(receipts, root, 0));
    const entries = [1, 2].map((place) => ({
      place,
      salt: randomBytes(16),
      facts: { actor: 'usr_1', action: `a${place}` },
    }));
    const lines: object[] = [{ audit: 'start', v: 1, place: 0, link: base64url(AUDIT_START) }];
    let link: Uint8Array = AUDIT_START;
    for (const { place, salt, facts } of entries) {
      link = auditLink(link, salt, facts);
      lines.push(auditEntryLine(place, salt, link, facts));
      lines.push({ audit: 'head', jws: await head(place === 1 ? first : second, place, link) });
    }
    const log = await file('two-roots.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    const statement = await signKeyStatement(
      { hosts: [], at: '2026-01-15T12:00:00.000Z', next: null, keys: [] },
      second,
    );
    const roots = [await issueSuccession(second.publicJwk, first, at)];
    const led = await file('two-roots.json', { sealfax: 'keys', v: 1, statement, roots });
    assert.equal((await run('audit', log, '--pin', second.pin)).status, 10);
    const good = await run('audit', log, '--pin', second.pin, '--statement', led);
    assert.equal(good.status, 0, good.err);
    const cut = await file('cut-roots.json', { sealfax: 'keys', v: 1, statement, roots: [] });
    assert.equal((await run('audit', log, '--pin', second.pin, '--statement', cut)).status, 10);
  });

  test('a statement of keys passes for whoever knows one of its roots, and so does what an earlier root vouched for', async () => {
    const [first, second] = [await generateSigningKey(), await generateSigningKey()];
    const receiptKey = await certifyReceiptKey(await generateSigningKey(), first, 0);
    const at = '2026-01-15T12:00:00.000Z';
    const key = { use: 'receipt', kid: receiptKey.kid, jwk: receiptKey.publicJwk, whpk: null, since: at, until: null };
    const claims = { hosts: ['fax.example.org'], at, next: null, keys: [{ ...key, use: 'receipt' as const }] };
    const statement = await signKeyStatement(claims, second);
    const roots = [await issueSuccession(second.publicJwk, first, Date.UTC(2026, 0, 15))];
    const whole = await file('keys.json', { sealfax: 'keys', v: 1, statement, roots });
    for (const pin of [first.pin, second.pin]) {
      const good = await run('statement', whole, '--pin', pin);
      assert.equal(good.status, 0, good.err);
      assert.match(good.out, new RegExp(`^signed by +the gateway with pin ${second.pin} \\(as expected\\)$`, 'm'));
      assert.match(good.out, new RegExp(`^earlier roots +${first.pin}$`, 'm'));
      assert.match(good.out, new RegExp(`^receipt +${receiptKey.kid} .*in use$`, 'm'));
    }
    const receipt = await file('early.jws', await signReceipt(WIPED, receiptKey));
    assert.equal((await run('receipt', receipt, '--pin', second.pin)).status, 10);
    const led = await run('receipt', receipt, '--pin', second.pin, '--statement', whole);
    assert.equal(led.status, 0, led.err);
    const stranger = await generateSigningKey();
    assert.equal((await run('statement', whole, '--pin', stranger.pin)).status, 10);
    assert.equal((await run('receipt', receipt, '--pin', stranger.pin, '--statement', whole)).status, 10);
    const cut = await file('cut.json', { sealfax: 'keys', v: 1, statement, roots: [] });
    assert.equal((await run('receipt', receipt, '--pin', second.pin, '--statement', cut)).status, 10);
    for (const wrong of [{ sealfax: 'keys', v: 2, statement, roots }, { statement, roots: [1] }, [], 'nothing'])
      assert.equal((await run('statement', await file('wrong.json', wrong))).status, 2, JSON.stringify(wrong));
    const forged = await file('forged.json', {
      sealfax: 'keys',
      v: 1,
      statement: `${statement.slice(0, -6)}AAAAAA`,
      roots,
    });
    assert.equal((await run('statement', forged)).status, 10);
  });

  test('a genuine receipt passes, under the key in each of its forms', async () => {
    const key = await generateSigningKey();
    const receipt = await file('receipt.jws', await signReceipt(WIPED, key));
    const der = Buffer.from(key.publicSpki);
    const pem = `-----BEGIN PUBLIC KEY-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END PUBLIC KEY-----\n`;
    const keys = [pem, key.publicJwk, der.toString('base64url')];
    for (const [index, one] of keys.entries()) {
      const done = await run('receipt', receipt, '--key', await file(`key${index}`, one));
      assert.equal(done.status, 0, done.err);
      assert.match(done.out, /signature {2}genuine/);
      assert.match(done.out, /signed by {2}the key given/);
      assert.match(done.out, /fax {8}fax_1/);
    }
  });

  test('both receipts of a fax are checked, and whether they fit together', async () => {
    const key = await generateSigningKey();
    const keyFile = await file('pair.key', key.publicJwk);
    const pair = async (wiped: object, epoch: object) =>
      file('pair.json', {
        fax: 'fax_1',
        receipt: await signReceipt(wiped, key),
        epochReceipt: await signReceipt(epoch, key),
      });
    const good = await run('receipt', await pair(WIPED, EPOCH), '--key', keyFile, '--json');
    assert.equal(JSON.parse(good.out).epochReceipt.epoch, 7);
    const cases: readonly (readonly [object, object, RegExp])[] = [
      [WIPED, { ...EPOCH, epoch: 8 }, /another key epoch/],
      [WIPED, { ...EPOCH, destroyedAt: '2026-01-15T11:00:00.000Z' }, /before the wipe/],
      [{ ...WIPED, checks: { ...WIPED.checks, blobAbsent: false } }, EPOCH, /a check failed/],
      [{ ...WIPED, checks: {} }, EPOCH, /a check failed/],
      [{ v: 1 }, EPOCH, /not a wipe receipt/],
    ];
    for (const [wiped, epoch, complaint] of cases) {
      const done = await run('receipt', await pair(wiped, epoch), '--key', keyFile);
      assert.equal(done.status, 10);
      assert.match(done.err, complaint);
    }
  });

  const CALLS = ['call_1', 'call_2', 'call_3'];
  const copy = (call: string, outcome: string, at: string | null) => ({ carrier: 'telnyx', call, outcome, at });
  const FURTHER = {
    ...{ v: 1, fax: 'fax_1', call: 'call_2', carrier: 'telnyx', outcome: 'purged', detail: 'gone' },
    ...{ at: '2026-01-15T12:05:00.000Z', tries: 2, method: 'carrier-purge' },
  };

  test('further receipts tell what became of copies at carriers, the latest of each call', async () => {
    const key = await generateSigningKey();
    const keyFile = await file('carriers.key', key.publicJwk);
    const first = {
      ...WIPED,
      carriers: [
        copy('call_1', 'purged', '2026-01-15T11:59:00.000Z'),
        copy('call_2', 'pending', null),
        copy('call_3', 'pending', null),
      ],
    };
    const late = { ...FURTHER, outcome: 'kept', at: '2026-01-15T12:01:00.000Z' };
    const path = await file('carriers.json', {
      receipt: await signReceipt(first, key),
      epochReceipt: null,
      carrierReceipts: [await signReceipt(FURTHER, key), await signReceipt(late, key)],
    });
    const done = await run('receipt', path, '--key', keyFile);
    assert.equal(done.status, 0, done.err);
    const told = /copies at carriers {2}(.*)/.exec(done.out)?.[1];
    assert.equal(
      told,
      'telnyx: purged 2026-01-15T11:59:00.000Z; telnyx: purged 2026-01-15T12:05:00.000Z; telnyx: pending',
    );
    const shown = JSON.parse((await run('receipt', path, '--key', keyFile, '--json')).out);
    assert.deepEqual(
      [shown.receipt.carriers.map(({ call }: { call: string }) => call), shown.carrierReceipts.length],
      [CALLS, 2],
    );
  });

  test('a further receipt alone is checked as such, and with others only if it is of their fax', async () => {
    const key = await generateSigningKey();
    const keyFile = await file('further.key', key.publicJwk);
    const alone = await run('receipt', await file('further.jws', await signReceipt(FURTHER, key)), '--key', keyFile);
    assert.equal(alone.status, 0, alone.err);
    assert.match(alone.out, /copy +purged/);
    const receipt = await signReceipt(WIPED, key);
    for (const [claims, complaint] of [
      [{ ...FURTHER, fax: 'fax_2' }, /another fax/],
      [{ ...FURTHER, outcome: 'pending' }, /not a receipt of a carrier/],
      [{ ...FURTHER, method: 'kek-destroyed' }, /not a receipt of a carrier/],
      [{ ...FURTHER, call: undefined }, /not a receipt of a carrier/],
    ] as const) {
      const done = await run(
        'receipt',
        await file('odd.json', { receipt, carrierReceipts: [await signReceipt(claims, key)] }),
        ...['--key', keyFile],
      );
      assert.equal(done.status, 10);
      assert.match(done.err, complaint);
    }
    const forged = { receipt, carrierReceipts: [await signReceipt(FURTHER, await generateSigningKey())] };
    assert.equal((await run('receipt', await file('forged.json', forged), '--key', keyFile)).status, 10);
    assert.equal(
      (await run('receipt', await file('no.json', { receipt, carrierReceipts: [7] }), '--key', keyFile)).status,
      2,
    );
  });

  test('a changed receipt, and one of another key, are not genuine', async () => {
    const key = await generateSigningKey();
    const jws = await signReceipt(WIPED, key);
    const [head, , signature] = jws.split('.');
    const payload = Buffer.from(JSON.stringify({ ...WIPED, fax: 'fax_2' })).toString('base64url');
    const keyFile = await file('own.key', key.publicJwk);
    assert.equal(
      (await run('receipt', await file('a', `${head}.${payload}.${signature}`), '--key', keyFile)).status,
      10,
    );
    const other = await file('other.key', (await generateSigningKey()).publicJwk);
    assert.equal((await run('receipt', await file('b', jws), '--key', other)).status, 10);
    assert.equal((await run('receipt', await file('c', 'no receipt'), '--key', keyFile)).status, 10);
  });

  test('a receipt that carries its proof needs no key file; a pin that is known is compared', async () => {
    const [root, signer] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const key = await certifyReceiptKey(signer, root, Date.UTC(2026, 0, 1));
    const receipt = await file('certified.jws', await signReceipt(WIPED, key));
    const alone = await run('receipt', receipt);
    assert.equal(alone.status, 0, alone.err);
    assert.match(alone.out, new RegExp(`pin ${root.pin} \\(compare`));
    assert.match((await run('receipt', receipt, '--pin', root.pin)).out, /as expected/);
    const other = await run('receipt', receipt, '--pin', signer.pin);
    assert.equal(other.status, 10);
    assert.match(other.err, /another gateway signed this/);
    const bare = await file('bare.jws', await signReceipt(WIPED, signer));
    assert.equal((await run('receipt', bare)).status, 10, 'no proof inside and no key given');
    const foreign = { ...(await certifyReceiptKey(signer, root, 0)), ...(await generateSigningKey()) };
    const forged = await file('forged.jws', await signReceipt(WIPED, foreign));
    assert.equal((await run('receipt', forged)).status, 10, 'another key than the certified one');
  });

  test('a value that begins with a dash is a value, and the name of an option is none', async () => {
    const [root, signer] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const key = await certifyReceiptKey(signer, root, 0);
    const receipt = await file('dashed.jws', await signReceipt(WIPED, key));
    for (const pin of [`-${'x'.repeat(42)}`, `-j${'x'.repeat(41)}`, `--${'x'.repeat(41)}`]) {
      const done = await run('receipt', receipt, '--pin', pin);
      assert.equal(done.status, 10);
      assert.match(done.err, /another gateway signed this/);
    }
    for (const last of ['--json', '-h', '--']) {
      const done = await run('receipt', receipt, '--pin', last);
      assert.equal(done.status, 2);
      assert.match(done.err, /--pin/);
    }
  });

  test('a receipt that is none, or a key that is none, is refused', async () => {
    const receipt = await file('lonely.jws', 'a.b.c');
    assert.equal((await run('receipt', receipt)).status, 10);
    assert.equal((await run('receipt', receipt, '--key', await file('odd.key', 'odd'))).status, 2);
    assert.equal((await run('receipt', join(folder, 'missing'), '--key', receipt)).status, 2);
  });

  test('a webhook is checked by the secret in a file', async () => {
    const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
    const body = JSON.stringify({ type: 'fax.received', timestamp: '2020-01-01T00:00:00.000Z', data: {} });
    const at = new Date(Date.UTC(2020, 0, 1));
    const signature = new Webhook(secret).sign('evt_1', at, body);
    const options = ['--id', 'evt_1', '--timestamp', String(at.getTime() / 1_000), '--signature', signature];
    const key = ['--secret-file', await file('whsec', `${secret}\n`)];
    const path = await file('body.json', body);
    assert.equal((await run('webhook', path, ...options, ...key, '--any-age')).status, 0);
    assert.equal((await run('webhook', path, ...options, ...key)).status, 10);
    assert.equal(
      (await run('webhook', await file('other.json', `${body} `), ...options, ...key, '--any-age')).status,
      10,
    );
    assert.equal((await run('webhook', path, ...options)).status, 2);
  });
});
