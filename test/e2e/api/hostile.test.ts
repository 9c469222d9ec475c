import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import { type Rig, startRig } from './rig.ts';
import { post, SealedClient } from './sealed-client.ts';

const TO = '/v1/faxes?to=%2B49302222222';
/** Three records: two full ones and a short last one. */
const DOCUMENT = Buffer.alloc(150_000, 'pages:1 of something private ');

describe('an upload that goes wrong leaves nothing', () => {
  let rig: Rig;
  let account: Account;
  let client: SealedClient;
  let keys = 0;

  before(async () => {
    rig = await startRig({ limits: { documentBytes: 400_000 } });
    account = await rig.account('acme', {}, ['+49301111111']);
  });
  after(() => rig.stop());
  beforeEach(async () => {
    const { secret } = await rig.apiUser(account, `user-${keys}`);
    client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: `user-${keys++}`, secret });
  });

  const head = () => ({
    m: 'POST',
    p: TO,
    h: { 'content-type': 'text/plain', 'idempotency-key': `key-${keys++}` },
  });

  const assertNothingLeft = async (): Promise<void> => {
    for (const table of ['faxes', 'idempotency_keys', 'vault_keys', 'vault_objects', 'wipe_intents']) {
      const { rows } = await rig.sql(`select * from ${table}`);
      assert.deepEqual(rows, [], table);
    }
    assert.deepEqual(await rig.files(), []);
  };

  test('when its last record was changed', async () => {
    const bytes = await client.bytes(head(), [DOCUMENT]);
    bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
    const answer = await post(rig.origin, '/sfx1/m', 'application/octet-stream', [bytes]);
    assert.equal(answer.status, 400);
    assert.match(answer.body.toString(), /sealed_message_rejected/);
    await assertNothingLeft();
  });

  test('when it was cut anywhere, also between two records', async () => {
    const header = 96;
    const record = 65_536 + 16;
    for (const length of [header + record, header + 2 * record, header + 2 * record + 1, header + 2 * record + 500]) {
      const bytes = await client.bytes(head(), [DOCUMENT]);
      assert.ok(length < bytes.length);
      const answer = await post(rig.origin, '/sfx1/m', 'application/octet-stream', [bytes.subarray(0, length)]);
      assert.match(answer.body.toString(), /sealed_message_rejected/);
      await assertNothingLeft();
    }
  });

  test('when two of its records changed places', async () => {
    const bytes = await client.bytes(head(), [DOCUMENT]);
    const [a, b] = [96, 96 + 65_552];
    const first = Buffer.from(bytes.subarray(a, b));
    bytes.copyWithin(a, b, b + 65_552);
    first.copy(bytes, b);
    const answer = await post(rig.origin, '/sfx1/m', 'application/octet-stream', [bytes]);
    assert.match(answer.body.toString(), /sealed_message_rejected/);
    await assertNothingLeft();
  });

  test('when the connection breaks in the middle', async () => {
    const bytes = await client.bytes(head(), [DOCUMENT]);
    await new Promise<void>((resolve) => {
      const headers = { 'content-type': 'application/octet-stream', 'content-length': bytes.length };
      const outgoing = httpRequest(`${rig.origin}/sfx1/m`, { method: 'POST', headers, agent: false });
      outgoing.on('error', () => resolve());
      outgoing.write(bytes.subarray(0, 100_000), () => setTimeout(() => outgoing.destroy(), 50));
      outgoing.on('close', () => resolve());
    });
    await until(async () => (await rig.sql('select * from idempotency_keys')).rows.length === 0);
    await assertNothingLeft();
  });

  test('when the right to send ends in the middle', async () => {
    let uploading: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      uploading = resolve;
    });
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 50; chunk++) {
        yield Buffer.alloc(5_000, 'x');
        if (chunk === 30) uploading();
        if (chunk > 30) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const { h } = head();
    const answer = client.send('POST', TO, h, endless());
    await started;
    const session = (await rig.gateway.access.sessions.list({ account: account.id })).at(-1);
    assert.ok(session?.login);
    await rig.gateway.access.changeUser(session.login.user, { disabled: true }, 'local');
    assert.equal((await answer).json().code, 'session_ended');
    await assertNothingLeft();
  });

  test('and neither does one over plain HTTPS whose right ends in the middle', async () => {
    const open = await rig.account('open', { sealed: 'optional' }, ['+49301111119']);
    const { user, secret } = await rig.apiUser(open, 'desk');
    async function* upload(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first half ');
      await until(async () => (await rig.sql('select 1 from vault_objects')).rows.length > 0);
      await rig.gateway.access.changeUser(user.id, { disabled: true }, 'local');
      yield Buffer.from('second half');
    }
    const headers = { authorization: `Bearer ${secret}`, 'idempotency-key': 'plain' };
    const answer = await post(rig.origin, TO, 'text/plain', upload(), headers);
    assert.match(answer.body.toString(), /access_denied/);
    await assertNothingLeft();
  });

  test('when the document is refused, however large it is', async () => {
    const cases: readonly [string, Buffer, string][] = [
      [`${TO}&retries=99`, DOCUMENT, 'request_invalid'],
      [TO, Buffer.from('reject:damaged'), 'document_rejected'],
      [TO, Buffer.alloc(0), 'document_rejected'],
      [TO, Buffer.alloc(3_000_000, 'x'), 'document_too_large'],
    ];
    for (const [path, document, code] of cases) {
      const answer = await client.send('POST', path, head().h, [document]);
      assert.equal(answer.json().code, code);
      await assertNothingLeft();
    }
  });

  test('when a form is not whole, or holds what it may not', async () => {
    const part = (name: string, text: string) =>
      `--b\r\ncontent-disposition: form-data; name="${name}"; filename="a.txt"\r\n\r\n${text}\r\n`;
    const field = (name: string, text: string) =>
      `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
    const cases: readonly [string, string][] = [
      [`${part('document', 'a')}${field('to', '+49302222222')}`, 'body_invalid'],
      [`${part('surprise', 'a')}--b--\r\n`, 'request_invalid'],
      [`${part('document', 'a')}${field('__proto__.x', '1')}--b--\r\n`, 'request_invalid'],
      [`${part('document', 'a')}${field('note', 'x'.repeat(70_000))}--b--\r\n`, 'request_invalid'],
      [`${part('document', 'a')}--b--\r\n`, 'request_invalid'],
      [`${part('document', 'a').repeat(25)}${field('to', '+49302222222')}--b--\r\n`, 'option_invalid'],
    ];
    for (const [form, code] of cases) {
      const headers = { 'content-type': 'multipart/form-data; boundary=b', 'idempotency-key': `form-${keys++}` };
      const answer = await client.send('POST', '/v1/faxes', headers, [Buffer.from(form)]);
      assert.equal(answer.json().code, code, answer.body.toString());
      await assertNothingLeft();
    }
  });

  test('and garbage under a fresh sequence number does not use it up', async () => {
    const bytes = await client.bytes({ m: 'GET', p: '/v1/session', h: {} });
    const bad = Buffer.from(bytes);
    bad[100] = (bad[100] ?? 0) ^ 1;
    assert.equal((await post(rig.origin, '/sfx1/m', 'application/octet-stream', [bad])).status, 400);
    assert.equal((await post(rig.origin, '/sfx1/m', 'application/octet-stream', [bytes])).status, 200);
    assert.equal((await post(rig.origin, '/sfx1/m', 'application/octet-stream', [bytes])).status, 409);
  });

  test('nor does small JSON whose seal breaks reach its resource', async () => {
    const json = { 'content-type': 'application/json' };
    const padded = Buffer.from(`${' '.repeat(70_000)}{"url":"https://example.com/"}`);
    const bytes = await client.bytes({ m: 'POST', p: '/v1/webhooks', h: json }, [padded]);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const answer = await post(rig.origin, '/sfx1/m', 'application/octet-stream', [bytes]);
    assert.match(answer.body.toString(), /sealed_message_rejected/);
    assert.deepEqual((await client.json('GET', '/v1/webhooks')).json().items, []);
  });

  test('and none of it counts as a fault of ours', () => {
    assert.deepEqual(
      rig.log.lines.filter((line) => line.startsWith('error')),
      [],
    );
  });
});

/** Asks again until `condition` holds; the test's own time limit ends a wait in vain. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
