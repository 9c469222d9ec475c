import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import {
  type Admin,
  ApiProblem,
  beginSignIn,
  connect,
  connectAdmin,
  endSignIn,
  type OidcAnswer,
  type SignInDoor,
} from '../../../api/client/index.ts';
import { benchDirectory } from '../../../ops/bench/service.ts';
import { runCli } from '../../../ops/cli/index.ts';
import { readConfig } from '../../../ops/config.ts';
import { type RunningGateway, startGateway } from '../../../ops/gateway.ts';
import { rememberingIo } from '../../unit/cli/console.ts';
import { type RealProvider, startRealProvider } from './real-provider.ts';

const CONSOLE = 'https://fax.example.org';
const REDIRECT = `${CONSOLE}/console/`;
const AUDIENCE = 'https://fax.example.org/api';
const CLIENT = { id: 'sealfax-console', secret: 'a secret of the console' };
const PROGRAM = { id: 'clinic', secret: 'a secret of the clinic' };

/** Until `holds`, which is asked every tenth of a second; a question to the provider is due every second here. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('it has not come');
}

describe('users of an OpenID provider', () => {
  let provider: RealProvider;
  let gateway: RunningGateway;
  let owner: Admin;
  const open: Admin[] = [];

  const closing: (() => Promise<unknown>)[] = [];
  before(async () => {
    provider = await startRealProvider({
      client: CLIENT,
      redirectUri: () => REDIRECT,
      gateway: () => gateway.url,
      programs: [PROGRAM],
    });
    closing.unshift(() => provider.stop());
    const directory = await benchDirectory();
    closing.unshift(() =>
      Promise.all([directory.remove(), rm(`${directory.path}-keys`, { recursive: true, force: true })]),
    );
    const corp = {
      ...{ name: 'corp', title: 'Example Corp', issuer: provider.issuer, clientId: CLIENT.id, secret: CLIENT.secret },
      ...{ audience: AUDIENCE, recheckSeconds: 1, introspect: false },
      roles: [
        { value: 'fax-owners', role: 'owner' },
        { value: 'fax-operators', role: 'operator' },
        { value: 'fax-main', role: 'auditor', account: 'main' },
        { value: 'fax-nowhere', role: 'auditor', account: 'nowhere' },
      ],
    };
    gateway = await startGateway(
      readConfig({
        ...{ SEALFAX_DATA_DIR: directory.path, SEALFAX_PORT: '0', SEALFAX_LOG_LEVEL: 'silent' },
        ...{ SEALFAX_CONSOLE_ORIGINS: CONSOLE, SEALFAX_OIDC: JSON.stringify([corp]) },
      }),
    );
    closing.unshift(() => gateway.stop());
    const first = gateway.firstStart;
    assert.ok(first !== null);
    owner = connectAdmin(first.admin.connection, first.admin.password);
    open.push(owner);
  });
  after(async () => {
    for (const admin of open) await admin.close();
    for (const close of closing) await close();
  });

  const door = async (): Promise<SignInDoor> => {
    const [first] = await doors();
    assert.ok(first);
    return first;
  };
  /** As a browser asks, which has been told to trust the gateway's own certificate. */
  const doors = () =>
    new Promise<SignInDoor[]>((resolve, reject) => {
      const asked = get(new URL('/v1/oidc', gateway.url), { rejectUnauthorized: false }, async (reply) => {
        const { items } = JSON.parse(await text(reply)) as { items: SignInDoor[] };
        resolve(items);
      });
      asked.once('error', reject);
    });
  const answerOf = async (person: string): Promise<{ readonly oidc: OidcAnswer }> => {
    const { begun, address } = await beginSignIn(await door(), REDIRECT);
    return endSignIn(begun, await provider.visit(address, person));
  };
  const signIn = (proof: { readonly oidc: OidcAnswer }): Admin => {
    const admin = connectAdmin(gateway.connection('admin', 'somebody'), proof, { renew: false });
    open.push(admin);
    return admin;
  };
  const person = (id: string, roles: string[], name = `${id}@example.org`) => provider.people.set(id, { roles, name });
  const ended = async (admin: Admin): Promise<boolean> =>
    admin.me().then(
      () => false,
      (error: unknown) => {
        assert.ok(
          error instanceof Error && ['session_over', 'transport_rejected'].includes(String(Reflect.get(error, 'code'))),
        );
        return true;
      },
    );
  const refusedWith = (code: string, words: RegExp) => (error: unknown) => {
    assert.ok(error instanceof ApiProblem, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  };
  const audit = async (action: string) =>
    (await owner.audit({ limit: 50 })).items.filter((one) => one.action === action);

  test('a first sign-in makes the administrator that a rule describes, and a later one finds it', async () => {
    person('ann', ['staff', 'fax-operators']);
    const me = await signIn(await answerOf('ann')).me();
    assert.partialDeepStrictEqual(me, { name: 'ann-example.org', role: 'operator', scope: null });
    const again = await signIn(await answerOf('ann')).me();
    assert.equal(again.id, me.id);
    assert.partialDeepStrictEqual(await owner.identityOf(me.id), { provider: 'corp', subject: 'ann' });
    const [made] = (await audit('user.create')).filter(({ object }) => object === me.id);
    assert.partialDeepStrictEqual(made, { actor: 'gateway', detail: { role: 'operator', issuer: provider.issuer } });
    assert.ok((await audit('login')).some(({ detail }) => detail.method === 'oidc' && detail.provider === 'corp'));
  });

  test('who comes in by a provider makes no other way in, which would outlive its right there', async () => {
    person('lou', ['fax-operators']);
    const admin = signIn(await answerOf('lou'));
    assert.equal((await admin.signIn.facts()).provider, 'corp');
    const refused = refusedWith('identity_refused', /an owner may give you another way in/);
    await assert.rejects(admin.signIn.setPassword('a password that would stay'), refused);
    await assert.rejects(admin.passkeys.begin(), refused);
  });

  test('a rule may bind to one account', async () => {
    person('mia', ['fax-main']);
    const me = await signIn(await answerOf('mia')).me();
    assert.partialDeepStrictEqual(me, { role: 'auditor', scope: { name: 'main' } });
  });

  test('whom no rule gives a role is told so, and nobody is made', async () => {
    const before = (await owner.administrators()).length;
    person('eve', ['staff']);
    await assert.rejects(
      signIn(await answerOf('eve')).me(),
      refusedWith('identity_refused', /no rule .* gives you a role/),
    );
    person('joe', ['fax-nowhere']);
    await assert.rejects(
      signIn(await answerOf('joe')).me(),
      refusedWith('identity_refused', /account that there is not/),
    );
    assert.equal((await owner.administrators()).length, before);
    const [entry] = await audit('login.denied');
    assert.partialDeepStrictEqual(entry, { actor: 'unknown', detail: { provider: 'corp', reason: 'no_account' } });
  });

  test('a name that is taken leads to nobody who is there already', async () => {
    person('impostor', ['fax-operators'], 'owner');
    const me = await signIn(await answerOf('impostor')).me();
    assert.notEqual(me.name, 'owner');
    assert.match(me.name, /^corp-[A-Za-z0-9]{12}$/);
  });

  test('a code opens once, for the nonce, verifier and address that it was asked with', async () => {
    person('tom', ['fax-operators']);
    const used = await answerOf('tom');
    await signIn(used).me();
    const denied = refusedWith('identity_refused', /does not confirm/);
    await assert.rejects(signIn(used).me(), denied);
    const verifier = { oidc: { ...(await answerOf('tom')).oidc, verifier: 'v'.repeat(43) } };
    await assert.rejects(signIn(verifier).me(), denied);
    const nonce = { oidc: { ...(await answerOf('tom')).oidc, nonce: 'n'.repeat(43) } };
    await assert.rejects(signIn(nonce).me(), denied);
    const iss = { oidc: { ...(await answerOf('tom')).oidc, iss: 'https://evil.example.org' } };
    await assert.rejects(signIn(iss).me(), denied);
    const elsewhere = { oidc: { ...(await answerOf('tom')).oidc, redirectUri: 'https://evil.example.org/console/' } };
    await assert.rejects(
      signIn(elsewhere).me(),
      refusedWith('identity_refused', /not an address of the gateway’s console/),
    );
    const unknown = { oidc: { ...used.oidc, provider: 'other' } };
    await assert.rejects(signIn(unknown).me(), refusedWith('identity_refused', /do not sign in by this provider/));
  });

  test('sessions last as long as the provider says so, with refresh tokens that are good for one question each', async () => {
    person('zoe', ['fax-operators']);
    person('lea', ['fax-owners']);
    person('kim', ['fax-operators']);
    const [zoe, lea, kim] = [await answerOf('zoe'), await answerOf('lea'), await answerOf('kim')].map(signIn);
    assert.ok(zoe !== undefined && lea !== undefined && kim !== undefined);
    const { id } = await zoe.me();
    assert.equal((await lea.me()).role, 'owner');
    await kim.me();
    provider.people.set('zoe', { disabled: true, roles: [], name: 'zoe' });
    person('lea', ['fax-operators']);
    await until(async () => (await ended(zoe)) && (await ended(lea)) && (provider.refreshed.get('kim') ?? 0) >= 2);
    assert.equal((await kim.me()).role, 'operator');
    const left = (await audit('session.end')).find(({ object }) => object === id);
    assert.partialDeepStrictEqual(left, { actor: 'gateway', detail: { reason: 'refused', told: 'invalid_grant' } });
    assert.equal((await signIn(await answerOf('lea')).me()).role, 'operator', 'with the role of today');
  });

  test('a log-out at the provider ends the session at once, and nobody else’s', async () => {
    person('max', ['fax-operators']);
    person('ida', ['fax-operators']);
    const [out, stays] = [signIn(await answerOf('max')), signIn(await answerOf('ida'))];
    const { id } = await out.me();
    await stays.me();
    await provider.logOut('max');
    assert.equal(await ended(out), true);
    assert.equal(await ended(stays), false);
    const [entry] = await audit('session.end');
    assert.partialDeepStrictEqual(entry, { object: id, detail: { provider: 'corp', reason: 'logout' } });
  });

  /** The command line, as the owner. */
  const run = async (argv: readonly string[]): Promise<string> => {
    const { io, shown } = rememberingIo();
    const { connection, password } = gateway.firstStart?.admin ?? { connection: '', password: '' };
    await runCli(argv, { SEALFAX_ADMIN_CONNECTION: connection, SEALFAX_ADMIN_SECRET: password }, io);
    return shown.out + shown.err;
  };

  test('an API user brings a token of the provider in place of a secret', async () => {
    await owner.createUser('main', { name: 'clinic' });
    const link = ['user', 'identity', 'main', 'clinic', '--provider', 'corp', '--subject', PROGRAM.id];
    assert.equal(await run(link), `clinic is ${PROGRAM.id} at corp\n`);
    assert.match(await run(['identity-providers']), /corp +Example Corp +http:\S+ +administrators, API users/);
    const token = () => provider.clientToken(PROGRAM.id, PROGRAM.secret, AUDIENCE);
    const client = connect(gateway.connection('main', 'clinic'), { token });
    assert.partialDeepStrictEqual(await client.session(), { realm: 'api', user: { name: 'clinic' } });
    await client.close();
    const other = await provider.clientToken(PROGRAM.id, PROGRAM.secret, 'https://other.example.org');
    const wrong = connect(gateway.connection('main', 'clinic'), { token: other });
    await assert.rejects(wrong.numbers(), refusedWith('identity_refused', /tokens of this issuer|does not confirm/));
    await wrong.close();
    const foreign = connect(gateway.connection('main', 'app'), { token });
    await assert.rejects(foreign.numbers(), refusedWith('access_denied', /./));
    await foreign.close();
    assert.equal(await run(['user', 'identity', 'main', 'clinic', '--remove']), 'clinic is nobody at a provider\n');
    assert.match(await run([...link, '--remove']), /--remove alone/);
    const gone = connect(gateway.connection('main', 'clinic'), { token });
    await assert.rejects(gone.numbers(), refusedWith('identity_refused', /no user/));
    await gone.close();
  });

  test('an account may do without passwords that are kept here', async () => {
    const password = 'a long enough password';
    await owner.createUser('main', { name: 'desk', password });
    const desk = () => connect(gateway.connection('main', 'desk'), password, { renew: false });
    const before = desk();
    await before.session();
    await owner.changeAccount('main', { policy: { localPasswords: 'refused' } });
    await assert.rejects(before.session(), 'the session that rests on one ends');
    const after = desk();
    await assert.rejects(after.session(), refusedWith('access_denied', /./));
    await owner.changeAccount('main', { policy: { localPasswords: 'allowed' } });
    const again = desk();
    assert.equal((await again.session()).user.name, 'desk');
    for (const client of [before, after, again]) await client.close();
  });
});
