import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCli } from '../../../ops/cli/index.ts';
import { type Bends, jsonBody, startSmallGateway } from '../client/small-gateway.ts';
import { rememberingIo } from './console.ts';

const json = (value: unknown) => ({ status: 200, body: jsonBody(value) });
const FACTS = {
  ...{ method: 'password', provenAt: '2026-11-22T10:00:00.000Z', password: true, totp: true, totpPending: false },
  ...{ recoveryCodes: 7, passkeys: 0 },
};
const SESSION = {
  ...{ id: 'abc', current: true, method: 'password', address: '192.0.2.1', device: 'console' },
  ...{ at: '2026-11-22T10:00:00.000Z', provenAt: '2026-11-22T10:00:00.000Z', tlsIntercepted: 'no' },
};

describe('one’s own sign-in on the command line', () => {
  let folder = '';
  let asked: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealfax-cli-'));
  });
  after(() => rm(folder, { recursive: true }));

  const answer: Bends['answer'] = ({ head, body }) => {
    const text = Buffer.from(body).toString('utf8');
    if (head.p !== '/v1/session') asked.push(`${head.m} ${head.p} ${text}`.trim());
    if (head.p === '/v1/admin/users') return json({ items: [{ name: 'ben', id: 'usr_1', cidrs: [] }] });
    if (head.p.endsWith('/sign-in')) return json(FACTS);
    if (head.p.endsWith('/totp')) return json({ secret: 'ABC', uri: 'otpauth://totp/x?secret=ABC' });
    if (head.p.endsWith('/recovery-codes')) return json({ codes: ['AAAA-1', 'BBBB-2'] });
    if (head.m === 'GET') return json({ items: [SESSION] });
    return { status: 204 };
  };
  async function run(argv: string[], io: Parameters<typeof rememberingIo>[0] = {}) {
    asked = [];
    const gateway = await startSmallGateway({ answer });
    const { io: terminal, shown } = rememberingIo(io);
    const environment = {
      SEALFAX_ADMIN_CONNECTION: gateway.connection,
      ...{ SEALFAX_ADMIN_SECRET: 'owner', XDG_CONFIG_HOME: folder },
    };
    try {
      return { status: await runCli(argv, environment, terminal), ...shown };
    } finally {
      await gateway.close();
    }
  }

  test('says what one logs in with', async () => {
    const { out } = await run(['me']);
    assert.match(out, /authenticator +yes\nrecovery codes +7\n/);
  });

  test('sets password, authenticator and recovery codes', async () => {
    assert.equal((await run(['me', 'password'], { answers: ['odd socks on a line'] })).status, 0);
    assert.deepEqual(asked, ['PUT /v1/admin/me/password {"password":"odd socks on a line"}']);
    assert.equal((await run(['me', 'totp', 'on'])).out, 'ABC\notpauth://totp/x?secret=ABC\n');
    assert.equal((await run(['me', 'totp', 'confirm'], { input: ' 123 456\n' })).status, 0);
    assert.deepEqual(asked, ['POST /v1/admin/me/totp/confirm {"code":"123456"}']);
    assert.equal((await run(['me', 'totp', 'confirm'], { answers: ['12345'] })).status, 2);
    assert.equal((await run(['me', 'totp', 'off'])).status, 0);
    assert.deepEqual(asked, ['DELETE /v1/admin/me/totp']);
    assert.equal((await run(['me', 'totp', 'maybe'])).status, 2);
    assert.equal((await run(['me', 'recovery'])).out, 'AAAA-1\nBBBB-2\n');
  });

  test('lists and ends sessions, own ones and those of others', async () => {
    assert.match(
      (await run(['session', 'list'])).out,
      /abc +2026-11-22T10:00:00.000Z +192\.0\.2\.1 +console +password +this one/,
    );
    await run(['session', 'end']);
    assert.deepEqual(asked, ['DELETE /v1/admin/me/sessions']);
    await run(['session', 'end', 'admin', 'ben', '--session', 'abc']);
    assert.equal(asked.at(-1), 'DELETE /v1/admin/users/usr_1/sessions/abc');
    await run(['session', 'list', 'admin', 'ben']);
    assert.equal(asked.at(-1), 'GET /v1/admin/users/usr_1/sessions');
    assert.equal((await run(['session', 'end', 'admin'])).status, 2);
  });
});
