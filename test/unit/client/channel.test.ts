import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { ConnectOptions } from '../../../api/client/index.ts';
import { ApiProblem, ClientError, connect, connectAdmin, processMemory } from '../../../api/client/index.ts';
import { generateSigningKey, passkeyChallenge, verifyTranscript } from '../../../crypto/index.ts';
import type { Bends } from './small-gateway.ts';
import { jsonBody, problem, startSmallGateway } from './small-gateway.ts';

const closing: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

async function gateway(bends: Partial<Bends> = {}) {
  const one = await startSmallGateway(bends);
  closing.push(one.close);
  return one;
}

function client(connection: string, proof: Parameters<typeof connect>[1] = 'sfk_test', options: ConnectOptions = {}) {
  const one = connect(connection, proof, options);
  closing.push(one.close);
  return one;
}

const numbers = () => ({ status: 200, body: jsonBody({ items: [{ number: '+15550001' }] }) });
const failsWith = (code: string, reason?: string) => (error: unknown) =>
  error instanceof ClientError && error.code === code && (reason === undefined || error.reason === reason);

describe('a session', () => {
  test('logs in with the first message, inside the seal, and says what it saw of TLS', async () => {
    const { connection, opened, logins, leaf } = await gateway({ answer: numbers });
    const sdk = client(connection, 'sfk_test', { device: 'ward 3' });
    assert.deepEqual(await sdk.numbers(), [{ number: '+15550001' }]);
    assert.deepEqual(
      opened.map((one) => `${one.seq} ${one.head.m} ${one.head.p}`),
      ['0 POST /v1/session', '1 GET /v1/numbers'],
    );
    assert.deepEqual(logins, [
      {
        realm: 'api',
        account: 'clinic',
        user: 'app',
        secret: 'sfk_test',
        signature: null,
        device: 'ward 3',
        tlsLeaf: leaf,
      },
    ]);
  });

  test('a passkey answers the challenge of the transcript, and says by itself whose it is', async () => {
    const asked: string[] = [];
    const answer = { id: 'aWQ', clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA', userHandle: null };
    const passkey = async (challenge: string) => {
      asked.push(challenge);
      return answer;
    };
    const { connection, logins, sessions, opened } = await gateway({ answer: numbers });
    await client(connection, { passkey }).numbers();
    const th = sessions.get(opened[0]?.sid ?? '')?.session.th ?? assert.fail();
    assert.deepEqual(asked, [await passkeyChallenge(th)]);
    const { user, secret, signature, ...rest } = logins[0] ?? assert.fail();
    assert.deepEqual([user, secret, signature, rest.passkey], ['', undefined, undefined, answer]);
  });
  test('a registered key signs the transcript instead of a secret', async () => {
    const { connection, logins, sessions, opened } = await gateway({ answer: numbers });
    const key = await generateSigningKey();
    await client(connection, key).numbers();
    const { secret, signature } = logins[0] ?? assert.fail();
    assert.equal(secret, null);
    const th = sessions.get(opened[0]?.sid ?? '')?.session.th ?? assert.fail();
    assert.equal(await verifyTranscript(th, Buffer.from(String(signature), 'base64url'), key.publicSpki), true);
  });

  test('a user with a code is asked for it at each log-in, once the gateway has proved itself', async () => {
    const { connection, strangerConnection, logins, sessions } = await gateway({ answer: numbers });
    const codes = ['111 111', '222222', 'none'];
    let asked = 0;
    const totp = async () => codes[asked++] ?? '';
    const sdk = client(connection, 'sfk_test', { totp });
    await sdk.numbers();
    await sdk.numbers();
    sessions.clear();
    await sdk.numbers();
    assert.deepEqual(
      logins.map((login) => login.totp),
      ['111111', '222222'],
    );
    sessions.clear();
    await assert.rejects(sdk.numbers(), failsWith('usage'));
    assert.equal(asked, 3);
    await assert.rejects(client(strangerConnection, 'sfk_test', { totp }).numbers(), failsWith('untrusted_server'));
    assert.equal(asked, 3, 'a stranger does not make anybody type');
    assert.equal(logins.length, 2);
  });

  test('a person who types slowly logs in to a fresh session', async (t) => {
    const { connection, seen, logins } = await gateway({ answer: numbers });
    const now = performance.now.bind(performance);
    const totp = () => {
      t.mock.method(performance, 'now', () => now() + 25_000);
      return '123456';
    };
    await client(connection, 'sfk_test', { totp }).numbers();
    assert.equal(seen.hellos, 2);
    assert.deepEqual(
      logins.map((login) => login.totp),
      ['123456'],
    );
  });

  test('an administrator logs in to the other realm, without an account', async () => {
    const { connection, logins } = await gateway({ answer: () => ({ status: 200, body: jsonBody({ items: [] }) }) });
    const admin = connectAdmin(connection, 'a password');
    closing.push(admin.close);
    assert.deepEqual(await admin.accounts(), []);
    assert.equal(logins[0]?.realm, 'admin');
    assert.equal(logins[0]?.account, null);
  });

  test('requests at the same time share one handshake', async () => {
    const { connection, seen, logins } = await gateway({ answer: numbers });
    const sdk = client(connection);
    await Promise.all([sdk.numbers(), sdk.numbers(), sdk.numbers()]);
    assert.equal(seen.hellos, 1);
    assert.equal(logins.length, 1);
  });

  test('a session that the gateway has forgotten is followed by a new one', async () => {
    const { connection, sessions, seen } = await gateway({ answer: numbers });
    const sdk = client(connection);
    await sdk.numbers();
    sessions.clear();
    await sdk.numbers();
    assert.equal(seen.hellos, 2);
  });

  test('a client that may not renew logs in once, and then no more', async () => {
    const { connection, sessions, seen, logins } = await gateway({ answer: numbers });
    const sdk = client(connection, 'a password', { renew: false });
    await sdk.numbers();
    await sdk.numbers();
    sessions.clear();
    await assert.rejects(sdk.numbers(), failsWith('session_over'));
    await assert.rejects(sdk.numbers(), failsWith('session_over'), 'the next one too');
    assert.equal(seen.hellos, 1);
    assert.equal(logins.length, 1);
  });

  test('a log-in that failed does not count as the one', async () => {
    const { connection, logins } = await gateway({ answer: numbers });
    const codes = ['not a code', '123456'];
    const sdk = client(connection, 'a password', { renew: false, totp: () => codes.shift() ?? '' });
    await assert.rejects(sdk.numbers(), failsWith('usage'));
    assert.equal((await sdk.numbers()).length, 1);
    assert.equal(logins.length, 1);
  });

  test('a session near its end is left before a request meets the end', async () => {
    const { connection, seen } = await gateway({ answer: numbers, life: 15 });
    const sdk = client(connection);
    await sdk.numbers();
    await sdk.numbers();
    assert.ok(seen.hellos >= 2);
  });

  test('a refused log-in is a problem of the gateway, and is not repeated', async () => {
    const { connection, logins } = await gateway();
    await assert.rejects(client(connection, 'wrong').numbers(), {
      name: 'ApiProblem',
      code: 'access_denied',
      status: 401,
    });
    assert.equal(logins.length, 1);
  });

  test('close logs out; afterwards every call is refused', async () => {
    const { connection, opened } = await gateway({ answer: numbers });
    const sdk = client(connection);
    await sdk.numbers();
    await sdk.close();
    assert.deepEqual(opened.at(-1)?.head.m, 'DELETE');
    await assert.rejects(sdk.numbers(), failsWith('closed'));
  });
});

describe('what a client refuses', () => {
  test('another root than the pinned one, before any secret leaves', async () => {
    const { strangerConnection, logins } = await gateway({ answer: numbers });
    await assert.rejects(client(strangerConnection).numbers(), failsWith('untrusted_server', 'root_not_pinned'));
    assert.equal(logins.length, 0);
  });

  test('a statement older than one seen before', async () => {
    const memory = processMemory();
    const newer = await gateway({ answer: numbers, statementSeq: 9 });
    await client(newer.connection, 'sfk_test', { memory }).numbers();
    const older = await gateway({ answer: numbers, statementSeq: 8 });
    const sdk = client(older.connection, 'sfk_test', { memory });
    await assert.rejects(sdk.numbers(), failsWith('untrusted_server', 'statement_rollback'));
  });

  test('no statement that a gateway behind the same name shows late', async () => {
    const known = [9, 5];
    const memory = { ...processMemory(), highest: async () => known.shift() ?? 5 };
    const { connection, seen } = await gateway({ answer: numbers, statementSeq: 5 });
    assert.deepEqual(await client(connection, 'sfk_test', { memory }).numbers(), [{ number: '+15550001' }]);
    assert.equal(seen.hellos, 2);
  });

  test('an unsealed answer, whatever it claims', async () => {
    const { connection, bends } = await gateway({ answer: numbers });
    const sdk = client(connection);
    await sdk.numbers();
    bends.intercept = (request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[]}');
      return true;
    };
    await assert.rejects(sdk.faxes.resend('fax_1', 'all'), failsWith('transport_rejected'));
  });

  test('one flipped bit, a cut answer, and the answer to another request', async () => {
    let kept: Uint8Array[] = [];
    const { connection, bends } = await gateway({ answer: numbers });
    const post = (sdk: ReturnType<typeof client>) => sdk.faxes.resend('fax_1', 'all');
    const sdk = client(connection);
    bends.tamper = async function* flip(bytes) {
      for await (const chunk of bytes) yield chunk.map((byte, index) => (index === chunk.length - 1 ? byte ^ 1 : byte));
    };
    await assert.rejects(post(sdk), failsWith('answer_rejected'));
    delete bends.tamper;
    await sdk.numbers();
    bends.tamper = async function* cut(bytes) {
      for await (const chunk of bytes) yield chunk.subarray(0, chunk.length - 1);
    };
    await assert.rejects(post(sdk), failsWith('answer_rejected'));
    bends.tamper = async function* keep(bytes) {
      for await (const chunk of bytes) {
        kept.push(chunk);
        yield chunk;
      }
    };
    await sdk.numbers();
    bends.tamper = async function* old(bytes) {
      for await (const _ of bytes);
      yield* kept;
    };
    await assert.rejects(post(sdk), failsWith('answer_rejected', 'binding'));
    kept = [];
  });
});

describe('a refusal', () => {
  test('carries code, reason, pointers and Retry-After', async () => {
    const refusal = problem(422, 'document_rejected', {
      reason: 'encrypted',
      errors: [{ pointer: '/document/0', detail: 'locked' }],
    });
    const { connection } = await gateway({ answer: () => ({ ...refusal, headers: { 'retry-after': '7' } }) });
    await assert.rejects(client(connection).numbers(), (error: unknown) => {
      assert.ok(error instanceof ApiProblem);
      assert.deepEqual(
        [error.status, error.code, error.reason, error.retryAfter, error.message],
        [422, 'document_rejected', 'encrypted', 7_000, 'document_rejected happened'],
      );
      assert.deepEqual(error.errors, [{ pointer: '/document/0', detail: 'locked' }]);
      return true;
    });
  });

  test('without a problem document is one all the same', async () => {
    const { connection } = await gateway({ answer: () => ({ status: 500, body: [new Uint8Array([0xff])] }) });
    await assert.rejects(client(connection).numbers(), { name: 'ApiProblem', code: 'unknown', status: 500 });
  });
});

describe('a retry', () => {
  test('is sealed anew under the same Idempotency-Key, with the whole document', async () => {
    let broken = 0;
    const { connection, bends, opened } = await gateway({
      answer: () => ({ status: 202, body: jsonBody({ id: 'fax_1' }) }),
    });
    bends.tamper = async function* cutOnce(bytes) {
      for await (const chunk of bytes) {
        if (opened.at(-1)?.head.p === '/v1/faxes' && broken === 0) {
          broken += 1;
          return;
        }
        yield chunk;
      }
    };
    const sdk = client(connection);
    const fax = await sdk.faxes.send({ to: '+4930123456', documents: [new Uint8Array(200_000).fill(7)] });
    assert.equal(fax.id, 'fax_1');
    const posts = opened.filter((one) => one.head.p === '/v1/faxes');
    assert.equal(posts.length, 2);
    const [first, second] = posts;
    assert.ok(first && second);
    assert.equal(first.head.h['idempotency-key'], second.head.h['idempotency-key']);
    assert.deepEqual(first.body, second.body);
    assert.notEqual(first.seq, second.seq);
  });

  test('is not made when carrying it out twice would do harm', async () => {
    const { connection, bends, opened } = await gateway({ answer: numbers });
    const sdk = client(connection);
    await sdk.numbers();
    bends.tamper = async function* nothing() {};
    await assert.rejects(sdk.webhooks.create({ url: 'https://example.org' }), failsWith('answer_rejected'));
    assert.equal(opened.filter((one) => one.head.p === '/v1/webhooks').length, 1);
  });

  test('waits for a gateway that is busy', async () => {
    let refusals = 0;
    const { connection, bends } = await gateway({ answer: numbers });
    bends.intercept = (request, response) => {
      if (refusals++ > 0) return false;
      request.resume();
      response.writeHead(503, { 'retry-after': '0' }).end();
      return true;
    };
    assert.equal((await client(connection).numbers()).length, 1);
    assert.equal(refusals > 1, true);
  });

  test('ends when the caller gives up', async () => {
    const { connection, bends } = await gateway({ answer: numbers });
    const sdk = client(connection);
    await sdk.numbers();
    const giveUp = new AbortController();
    bends.intercept = () => {
      giveUp.abort();
      return true;
    };
    const documents = [new Uint8Array(10)];
    await assert.rejects(
      sdk.faxes.send({ to: '+4930123456', documents }, { signal: giveUp.signal }),
      failsWith('aborted'),
    );
  });

  test('no gateway at all is unreachable', async () => {
    const { connection, close } = await startSmallGateway();
    await close();
    const sdk = client(connection);
    await assert.rejects(sdk.webhooks.create({ url: 'https://example.org' }), failsWith('unreachable', 'ECONNREFUSED'));
  });
});
