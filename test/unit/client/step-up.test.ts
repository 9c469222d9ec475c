import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ApiProblem, type ConnectOptions, connectAdmin, type Proof } from '../../../api/client/index.ts';
import { generateSigningKey, verifyTranscript } from '../../../crypto/index.ts';
import { jsonBody, type Opened, problem, startSmallGateway } from './small-gateway.ts';

const closing: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

const required = (error: unknown) => error instanceof ApiProblem && error.code === 'step_up_required';

/** A gateway that asks who is there before it adds administrators, once for each session; `right` judges the answer. */
async function askingGateway(proof: Proof, options: ConnectOptions = {}, right = true) {
  let proven = false;
  const proofs: Record<string, unknown>[] = [];
  const paths: string[] = [];
  const answer = ({ head, body }: Opened) => {
    paths.push(head.p);
    if (head.p === '/v1/admin/me/step-up') {
      proofs.push(JSON.parse(Buffer.from(body).toString('utf8')) as Record<string, unknown>);
      proven = right;
      return right ? { status: 200, body: jsonBody({ provenAt: 'now' }) } : problem(401, 'access_denied');
    }
    if (!proven) return problem(403, 'step_up_required');
    return { status: 201, body: jsonBody({ id: 'usr_1' }) };
  };
  const gateway = await startSmallGateway({ answer });
  const admin = connectAdmin(gateway.connection, proof, options);
  closing.push(gateway.close, () => admin.close());
  const add = () => admin.createAdministrator({ name: 'x', password: 'y', role: 'auditor' });
  return { gateway, admin, add, proofs, paths };
}

describe('a proof within a session', () => {
  test('is given from the credentials of the log-in, and the request is sent again', async () => {
    const codes = ['111111', '222222'];
    const { add, proofs, paths } = await askingGateway('the password', { totp: () => codes.shift() ?? '' });
    assert.equal((await add()).id, 'usr_1');
    assert.deepEqual(proofs, [{ secret: 'the password', signature: null, totp: '222222' }]);
    assert.deepEqual(paths, ['/v1/admin/users', '/v1/admin/me/step-up', '/v1/admin/users']);
  });

  test('is a signature of the session’s transcript for who logs in with a key', async () => {
    const key = await generateSigningKey();
    const { add, proofs, gateway } = await askingGateway(key);
    await add();
    const th = gateway.sessions.get(gateway.opened[0]?.sid ?? '')?.session.th ?? assert.fail();
    const signature = Buffer.from(String(proofs[0]?.signature), 'base64url');
    assert.equal(await verifyTranscript(th, signature, key.publicSpki), true);
  });

  test('is asked for where the page says so, once for all that wait for it', async () => {
    let asked = 0;
    let release = (): void => assert.fail();
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    const stepUp = async () => {
      asked++;
      await waiting;
      return { secret: 'typed', recovery: 'ABCD' };
    };
    const { add, proofs } = await askingGateway('the password', { stepUp });
    const adding = [add(), add(), add()];
    setImmediate(release);
    await Promise.all(adding);
    assert.deepEqual([asked, proofs], [1, [{ secret: 'typed', recovery: 'ABCD' }]]);
  });

  test('that the page has sent itself is not sent again', async () => {
    const page: { prove?: () => Promise<unknown> } = {};
    const stepUp = async () => {
      await page.prove?.();
      return 'proven' as const;
    };
    const { add, admin, proofs } = await askingGateway('the password', { stepUp });
    page.prove = () => admin.signIn.prove({ secret: 'typed' });
    await add();
    assert.deepEqual(proofs, [{ secret: 'typed' }]);
  });

  test('that nobody gives leaves the request refused, and so does a wrong one', async () => {
    const silent = await askingGateway('the password', { stepUp: async () => null });
    await assert.rejects(silent.add(), required);
    assert.deepEqual(silent.paths, ['/v1/admin/users']);
    const wrong = await askingGateway('the password', {}, false);
    await assert.rejects(wrong.add(), (error) => error instanceof ApiProblem && error.code === 'access_denied');
    assert.deepEqual(wrong.paths, ['/v1/admin/users', '/v1/admin/me/step-up']);
  });
});
