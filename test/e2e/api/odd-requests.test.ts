import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PROBLEMS } from '../../../api/errors.ts';
import { type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'X'];
const PATHS = [
  '/',
  '//',
  '/v1',
  '/v1/faxes',
  '/v1/faxes/',
  '/v1/faxes/%00',
  '/v1/faxes/%ff',
  '/v1/faxes/%2e%2e/%2e%2e/etc/passwd',
  '/v1/faxes/../../healthz',
  '/v1/faxes?to=%00&to=1&to[]=2&__proto__=1&constructor.prototype=2',
  '/v1/faxes?limit=1e9',
  '/v1/faxes?limit=-1',
  '/v1/faxes?cursor=AAAA',
  `/v1/faxes?cursor=${'A'.repeat(600)}`,
  '/v1/faxes?since=yesterday',
  '/v1/faxes?tag=x',
  '/v1/faxes?number=123',
  '/v1/faxes?state=nonsense',
  '/v1/faxes?batch=bat_0',
  '/v1/events?after=-1',
  '/v1/events?after=Latest',
  '/v1/events/stream?after=latest',
  '/v1/events?after=99999999999999999999',
  '/v1/events?wait=26',
  '/v1/cdrs?result=all',
  '/v1/cdrs.csv?fax=fax_1',
  '/v1/cdrs/summary?group=year',
  '/v1/cdrs/summary?by=number',
  '/v1/cdrs/summary?timeZone=%2B05:30',
  '/v1/cdrs/summary?from=2026-02-30',
  '/v1/cdrs/summary?from=2026-03-01&to=2026-03-01',
  '/v1/inbound/next',
  '/v1/inbound/fax_00000000000000000000000000/pages/0',
  '/v1/inbound/fax_00000000000000000000000000/document?format=exe',
  '/v1/webhooks/whe_00000000000000000000000000',
  '/v1/webhooks/deliveries?state=x',
  '/v1/admin/accounts',
  '/v1/session',
  '/sfx1/hello',
  '/sfx1/m',
  '/reference/../server.ts',
  '*',
];
const BODIES: readonly (readonly [string, Uint8Array])[] = [
  ['', Buffer.alloc(0)],
  ['application/json', Buffer.alloc(0)],
  ['application/json', Buffer.from('null')],
  ['application/json', Buffer.from('[]')],
  ['application/json', Buffer.from('{"to":{"a":1},"tags":[],"cover":7,"documents":9}')],
  ['application/json; charset=utf-16', Buffer.from('{}')],
  ['application/json', Buffer.from([0xff, 0xfe, 0x00])],
  ['application/json', Buffer.from('['.repeat(5_000))],
  ['multipart/form-data', Buffer.from('--b--')],
  ['text/plain', Buffer.from('reject:damaged')],
  ['not a media type', Buffer.from('x')],
];

describe('odd requests inside the seal', () => {
  let rig: Rig;
  let client: SealedClient;

  before(async () => {
    rig = await startRig();
    const account = await rig.account('acme', {}, ['+49301111111']);
    const { secret } = await rig.apiUser(account, 'desk');
    client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
  });
  after(() => rig.stop());

  test('get a sealed answer: a success, or a problem of the table that is not our mistake', async () => {
    let seen = 0;
    for (const path of PATHS.filter((one) => one.startsWith('/'))) {
      for (const method of METHODS.filter((one) => !(one === 'DELETE' && path === '/v1/session'))) {
        const [type, body] = BODIES[seen % BODIES.length] ?? ['', Buffer.alloc(0)];
        const key = { 'idempotency-key': `odd-${seen++}` };
        const headers = type === '' ? key : { ...key, 'content-type': type };
        const answer = await client.send(method, path, headers, [body]);
        await check(answer, `${method} ${path} ${type}`);
      }
    }
    assert.ok(seen > 350);
  });

  test('with every body on every resource that takes one', async () => {
    let keys = 0;
    for (const path of ['/v1/faxes', '/v1/batches', '/v1/inbound/next', '/v1/webhooks', '/v1/session']) {
      for (const [type, body] of BODIES) {
        const headers = {
          'idempotency-key': `body-${path}-${keys++}`,
          ...(type === '' ? {} : { 'content-type': type }),
        };
        await check(await client.send('POST', path, headers, [body]), `${path} ${type} ${body.length}`);
      }
    }
  });

  test('leave no fault of ours in the log', () => {
    assert.deepEqual(
      rig.log.lines.filter((line) => line.startsWith('error')),
      [],
    );
  });

  async function check(answer: Awaited<ReturnType<SealedClient['send']>>, what: string): Promise<void> {
    if (answer.status < 400) return;
    if (answer.body.length === 0) return assert.ok(answer.status < 500, what);
    const code = answer.json().code as keyof typeof PROBLEMS;
    assert.equal(PROBLEMS[code]?.status, answer.status, `${what}: ${answer.body}`);
    assert.notEqual(code, 'internal', what);
  }
});
