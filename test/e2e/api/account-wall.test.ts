import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { buildServer } from '../../../api/server.ts';
import { createHandshakeServer } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { ACCOUNT_GRANTS, ACCOUNT_ROLE } from '../../../gateway/records/wall.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

const PASSWORD = 'a password that nobody guesses';

/** A statement, and whether it ran as the role of accounts. */
interface Ran {
  readonly text: string;
  readonly walled: boolean;
}

/**
 * What is read as the gateway: who asks, before anything is theirs, and the image of a fax that was found behind the wall,
 * whose key the vault has.
 */
const OUTSIDE: ReadonlySet<string> = new Set(['accounts', 'users', 'pages', 'vault_keys']);

/** Everything that any connection of this process asks, while it is listened to. */
function listen(): { readonly ran: Ran[]; stop(): void } {
  const ran: Ran[] = [];
  const scoped = new WeakSet<object>();
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [asked] = args;
    const text = typeof asked === 'string' ? asked : String((asked as { text?: unknown } | undefined)?.text);
    if (/^begin\b/.test(text)) scoped.delete(this);
    if (text.includes(`set local role ${ACCOUNT_ROLE}`)) scoped.add(this);
    ran.push({ text, walled: scoped.has(this) });
    if (/^(commit|rollback)\b/.test(text)) scoped.delete(this);
    return Reflect.apply(query, this, args);
  } as typeof query;
  return {
    ran,
    stop: () => {
      pg.Client.prototype.query = query;
    },
  };
}

/** Tables in which rows are somebody's, that `text` names. */
function tablesOf(text: string): string[] {
  const names = Object.keys(ACCOUNT_GRANTS).join('|');
  const named = text.matchAll(new RegExp(`\\b(?:from|join|into|update)\\s+(${names})\\b`, 'g'));
  return [...new Set([...named].map(([, name]) => name ?? ''))].sort();
}

/** Paths of all routes that API users read by. */
async function readingPaths(rig: Rig): Promise<string[]> {
  const app = buildServer({ gateway: rig.gateway, handshake: createHandshakeServer(rig.identity) });
  const found: string[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === 'api' && [method].flat().includes('GET')) found.push(url);
  });
  await app.ready();
  await app.close();
  return [...new Set(found)];
}

describe('behind the wall', () => {
  let rig: Rig;
  let account: Account;
  let client: SealedClient;
  before(async () => {
    rig = await startRig();
    account = await rig.account('acme', {}, ['+49301111111']);
    const { secret } = await rig.apiUser(account, 'desk');
    client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
  });
  after(() => rig.stop());

  test('stands every statement by which API users read what is theirs', async () => {
    const received = await receiveFax(rig, account, '+49301111111', 'a page');
    const [ended] = await rig.records.faxes.callRecords(received);
    await client.json('POST', '/v1/webhooks', { url: 'https://example.com/' });
    // The stream of events does not end by itself; it reads as the long-poll does.
    const paths = (await readingPaths(rig)).filter((path) => path !== '/v1/events/stream');
    assert.ok(paths.length > 20, paths.join());
    const { ran, stop } = listen();
    try {
      for (const path of paths) {
        const asked = path
          .replace(/calls\/:id/, `calls/${ended?.cdr.call}`)
          .replace(':id', received)
          .replace(/:\w+/g, '1');
        const { status } = await client.send('GET', asked);
        assert.ok([200, 404, 409, 410].includes(status), `${asked}: ${status}`);
      }
    } finally {
      stop();
    }
    const outside = ran.filter(({ text, walled }) => !walled && tablesOf(text).length > 0);
    for (const { text } of outside) {
      assert.deepEqual(
        tablesOf(text).filter((table) => !OUTSIDE.has(table)),
        [],
        text,
      );
    }
    const inside = new Set(ran.filter(({ walled }) => walled).flatMap(({ text }) => tablesOf(text)));
    for (const table of [
      'faxes',
      'pages',
      'calls',
      'cdrs',
      'cdr_sums',
      'events',
      'endpoints',
      'deliveries',
      'numbers',
    ]) {
      assert.ok(inside.has(table), table);
    }
  });

  test('stands what administrators of one account read of faxes, calls, records, events and reports', async () => {
    const received = await receiveFax(rig, account, '+49301111111', 'a page');
    const [ended] = await rig.records.faxes.callRecords(received);
    const rank = { role: 'admin', scope: account.id } as const;
    await rig.gateway.access.createPasswordUser('admin', null, 'ben', PASSWORD, [], 'local', rank);
    const ben = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'ben', secret: PASSWORD });
    for (const path of [
      ...['faxes', `faxes/${received}`, `faxes/${received}/calls`, `faxes/${received}/why`, `faxes/${received}/pages`],
      ...[`calls/${ended?.cdr.call}`, 'calls/live', 'cdrs', 'cdrs.csv', 'cdrs.jsonl', 'cdrs/summary', 'overview'],
      ...['reports', 'audit', 'webhooks', 'accounts/acme/users', 'accounts/acme/numbers', 'accounts/acme/webhooks'],
    ]) {
      const { ran, stop } = listen();
      const { status } = await ben.send('GET', `/v1/admin/${path}`);
      stop();
      assert.equal(status, 200, path);
      const outside = ran.filter(({ walled }) => !walled).flatMap(({ text }) => tablesOf(text));
      assert.deepEqual(
        outside.filter((table) => table !== 'accounts' && table !== 'users'),
        [],
        path,
      );
      assert.ok(
        ran.some(({ walled }) => walled),
        path,
      );
    }
  });

  test('stands what their wishes change', async () => {
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'behind' };
    const { ran, stop } = listen();
    try {
      const sent = await client.send('POST', '/v1/faxes?to=%2B49302222222', headers, [Buffer.from('a letter')]);
      assert.equal(sent.status, 202);
      assert.equal((await client.json('POST', `/v1/faxes/${sent.json().id}/cancel`)).status, 200);
      const received = await receiveFax(rig, account, '+49301111111', 'a page');
      assert.equal((await client.json('POST', '/v1/inbound/next', {})).status, 200);
      assert.equal((await client.json('POST', `/v1/inbound/${received}/acknowledge`)).status, 200);
    } finally {
      stop();
    }
    const walled = ran.filter((one) => one.walled).map(({ text }) => text);
    for (const written of [
      /insert into faxes/,
      /insert into sending_counts/,
      /insert into cdrs/,
      /update cdr_sums|insert into cdr_sums/,
      /update faxes f set leased_until/,
      /insert into wipe_intents/,
      /insert into events/,
      /insert into audit/,
    ]) {
      assert.ok(
        walled.some((text) => written.test(text)),
        String(written),
      );
    }
  });
});
