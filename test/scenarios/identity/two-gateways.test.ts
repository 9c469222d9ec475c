// Two gateways on one PostgreSQL and one Redis: what a provider says to one of them holds at the other.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newKey } from '../../../crypto/index.ts';
import { createIdentities, type IdentityStage } from '../../../gateway/access/index.ts';
import type { UserId } from '../../../gateway/fax/ids.ts';
import type { LoginAttempt } from '../../../gateway/gateway.ts';
import type { Session, SessionStore } from '../../../gateway/ports/session-store.ts';
import { createRecords, type Records } from '../../../gateway/records/index.ts';
import { connectRedis, createRedisSessions } from '../../../gateway/redis/index.ts';
import { systemClock } from '../../../ops/system-clock.ts';
import { askedProvider } from '../../asked-provider.ts';
import { assertEnded, newLogin, newSession, TEST_LIMITS, untilEnded } from '../../conformance/session-store.ts';
import { silentLog, startTestPostgres } from '../../postgres.ts';
import { redisMissing, startTestRedis } from '../../servers/redis.ts';

const skip = (await redisMissing()) ?? false;
const silentMetrics = { count: () => undefined, observe: () => undefined, gauge: () => undefined };
const HOUR = 3_600_000;
const ORIGIN = 'https://fax.example.org';
const ATTEMPT: LoginAttempt = {
  ...{ realm: 'admin', account: null, user: '', device: '', tlsLeaf: null, secret: null, signature: null },
  ...{ passkey: null, token: null, totp: null, recovery: null },
  oidc: { provider: 'corp', code: 'c', verifier: 'v', nonce: 'n', redirectUri: `${ORIGIN}/console/`, iss: null },
};

describe('an identity provider and two gateways', { skip }, () => {
  const closing: (() => Promise<unknown>)[] = [];
  /** It is asked again at once. */
  const provider = { ...askedProvider(), every: 0 };
  const [rootKey, sealKey] = [newKey(), newKey()];
  let records: Records;
  let user: UserId;
  let one: { readonly store: SessionStore; readonly stage: IdentityStage };
  let two: typeof one;

  before(async () => {
    const [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()]);
    closing.unshift(
      () => postgres.stop(),
      () => redis.stop(),
    );
    records = createRecords({ pool: postgres.pool(), log: silentLog });
    closing.unshift(() => records.close());
    await records.migrate();
    const { accounts, identities } = records;
    const gateway = () => {
      const connection = connectRedis({ url: redis.url, options: { keyPrefix: redis.prefix }, log: silentLog });
      const store = createRedisSessions({
        ...{ redis: connection, rootKey, limits: TEST_LIMITS, clock: systemClock, log: silentLog },
      });
      closing.unshift(
        () => store.close(),
        () => connection.close(),
      );
      const stage = createIdentities({
        ...{ providers: [provider], accounts, identities, sessions: store, sealKey, origins: () => [ORIGIN] },
        ...{ clock: systemClock, log: silentLog, metrics: silentMetrics },
      });
      return { store, stage };
    };
    one = gateway();
    two = gateway();
  });
  after(async () => {
    for (const close of closing) await close();
  });

  /** Signs in at the first gateway, by the factor that its log-in asks. */
  const signIn = async (): Promise<Session> => {
    const now = systemClock.now();
    const made = newSession({ createdAt: now, expiresAt: now + HOUR });
    await one.store.add(made);
    const session = await one.store.get(made.sid, now);
    const [factor] = one.stage.factors;
    assert.ok(session !== undefined && factor !== undefined);
    const { row, check } = await factor.begin({ attempt: ATTEMPT, session, address: '192.0.2.1', now });
    const verdict = await check(row);
    assert.ok(verdict.right && (await verdict.use()));
    user = row?.user.id ?? assert.fail();
    assert.ok(await one.store.login(made.sid, { ...newLogin(user), account: null, realm: 'admin' }, now));
    return session;
  };

  test('a log-out that is told to one ends the session at the other', { timeout: 5_000 }, async () => {
    const session = await signIn();
    const { issuer } = provider;
    provider.loggedOut = async () => ({ state: 'logout', issuer, subject: 'ann', sid: 'p-1', at: systemClock.now() });
    assert.equal(await two.stage.desk.loggedOut('corp', 'a token'), 'ended');
    await untilEnded(session);
    assertEnded(session);
  });

  test('what the other one finds out by asking ends it as well', { timeout: 5_000 }, async () => {
    const session = await signIn();
    provider.ask = async () => ({ state: 'refused', reason: 'invalid_grant' });
    await two.stage.watch.look();
    await untilEnded(session);
    assertEnded(session);
    const [entry] = await records.accounts.auditLog({ limit: 1 });
    assert.partialDeepStrictEqual(entry, { action: 'session.end', object: user, detail: { reason: 'refused' } });
  });
});
