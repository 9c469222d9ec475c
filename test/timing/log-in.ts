// Whether the time of a refused log-in tells whom it named: `npm run test:timing`, with `-- --tries N` for fewer tries
// and `-- --only GROUP` for those of one group (a part of its name). The tries of a group are mixed, each in a session of
// its own at a real server on loopback with PostgreSQL behind it. Groups run side by side, each with a server of its own:
// a refusal waits most of its time, and what one group costs another strikes all of its cases alike.
import { spawn } from 'node:child_process';
import { Agent, request as httpRequest } from 'node:http';
import { parseArgs } from 'node:util';
import { openResponse, sealRequest, textBody } from '../../crypto/client.ts';
import { generateSigningKey, newApiSecret, signTranscript, totpCode } from '../../crypto/index.ts';
import { type Rig, startRig } from '../e2e/api/rig.ts';
import { SealedClient } from '../e2e/api/sealed-client.ts';
import { totpSecretOf } from '../totp-secret.ts';
import { worst } from './welch.ts';

/** Above it a difference is there (Goodwill et al. 2011): by chance once in 100,000 comparisons. */
const LIMIT = 4.5;
const PASSWORD = 'a long enough password';
/** Rounds before those that count: caches, compiled code, first dummies. */
const WARM_UP = 20;

/** A log-in that is refused, or for the control one that is not. */
interface Case {
  readonly name: string;
  body(client: SealedClient): Record<string, unknown> | Promise<Record<string, unknown>>;
  /** Done before each try, outside of what is timed. */
  before?(): Promise<unknown>;
  readonly admitted?: boolean;
}

/** Where a try goes: a server, and the one connection to it. */
interface Way {
  readonly rig: Rig;
  readonly agent: Agent;
}

/** Cases whose times are held against those of the first one. */
interface Group {
  readonly cases: readonly Case[];
  /** Its last case must differ, or the test would see nothing. */
  readonly control?: boolean;
}

const GROUPS = [
  'by API secret',
  'by client key',
  'by password, looked at',
  'by password, too soon',
  'control: what is let in takes another time',
] as const;

const { values } = parseArgs({
  options: { tries: { type: 'string', default: '10000' }, only: { type: 'string' } },
});
/** In a comparison, of both cases together. */
const tries = Number(values.tries);
if (!Number.isSafeInteger(tries) || tries < 100) throw new RangeError('--tries is a whole number from 100 on');

const chosen = GROUPS.filter((name) => name.includes(values.only ?? ''));
const [single, ...more] = chosen;
if (single === undefined) throw new RangeError(`--only names none of: ${GROUPS.join('; ')}`);
const good = more.length === 0 ? await measure(single) : await sideBySide(chosen);
if (!good) process.exitCode = 1;

/** A process for each group. Whether all of them were good. */
async function sideBySide(names: readonly string[]): Promise<boolean> {
  const ends = names.map((name) => {
    const args = [import.meta.filename, '--tries', String(tries), '--only', name];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    return new Promise<boolean>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code === 0));
    });
  });
  return (await Promise.all(ends)).every((one) => one);
}

/** Whether a group's comparisons came out as they must, on a gateway of its own. */
async function measure(name: (typeof GROUPS)[number]): Promise<boolean> {
  const rig = await startRig({ settings: { hello: { burst: 10_000_000, perMinute: 10_000_000 } } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const group = (await groupsOf(rig))[name];
    return judged(name, group, await timesOf(name, group, { rig, agent }));
  } finally {
    agent.destroy();
    await rig.stop();
  }
}

async function groupsOf(world: Rig): Promise<Record<(typeof GROUPS)[number], Group>> {
  const { access } = world.gateway;
  const account = await world.account('acme');
  const { secret } = await world.apiUser(account, 'desk');
  const coded = await world.apiUser(account, 'coded');
  const { secret: shared } = await access.enableTotp(coded.user.id, 'local');
  await access.confirmTotp(coded.user.id, totpCode(totpSecretOf(shared), Math.floor(Date.now() / 30_000)), 'local');
  const off = await world.apiUser(account, 'off');
  await access.changeUser(off.user.id, { disabled: true }, 'local');
  const far = await world.apiUser(account, 'far', ['192.0.2.0/24']);
  const keyed = await world.apiUser(account, 'keyed');
  const key = await generateSigningKey();
  await access.changeUser(keyed.user.id, { clientKey: Buffer.from(key.publicSpki).toString('base64url') }, 'local');
  await access.createPasswordUser('admin', null, 'root', PASSWORD, [], 'local');
  await access.createPasswordUser('admin', null, 'second', PASSWORD, [], 'local');
  const stranger = await generateSigningKey();

  const wrong = () => newApiSecret();
  const unknownAccount = {
    name: 'unknown account',
    body: () => ({ account: 'nobody', user: 'desk', secret: wrong() }),
  };
  const by = (name: string, user: string, of = wrong): Case => ({
    name,
    body: () => ({ account: 'acme', user, secret: of() }),
  });
  const signed = (name: string, of: string, user: string): Case => ({
    name,
    body: async ({ session }) => {
      const signature = Buffer.from(await signTranscript(session.th, stranger)).toString('base64url');
      return { account: of, user, signature };
    },
  });
  const guess = (name: string, user: string, before?: () => Promise<unknown>): Case => ({
    name,
    body: () => ({ realm: 'admin', user, secret: `${PASSWORD}, but wrong` }),
    ...(before === undefined ? {} : { before }),
  });
  const forget = () => world.sql('delete from login_tries');
  return {
    'by API secret': {
      cases: [
        unknownAccount,
        by('unknown user', 'nobody'),
        by('wrong secret', 'desk'),
        by('wrong secret of a user with a code', 'coded'),
        by('right secret of a user with a code, without it', 'coded', () => coded.secret),
        by('right secret of a disabled user', 'off', () => off.secret),
        by('right secret from an address that is not allowed', 'far', () => far.secret),
        { ...unknownAccount, name: 'unknown account, again' },
      ],
    },
    'by client key': {
      cases: [
        signed('unknown account', 'nobody', 'keyed'),
        signed('unknown user', 'acme', 'nobody'),
        signed('user without a key', 'acme', 'desk'),
        signed('wrong signature', 'acme', 'keyed'),
      ],
    },
    'by password, looked at': {
      cases: [guess('unknown user', 'nobody', forget), guess('wrong password', 'root', forget)],
    },
    'by password, too soon': {
      cases: [guess('unknown user', 'nobody'), guess('known user', 'root')],
    },
    'control: what is let in takes another time': {
      cases: [unknownAccount, { ...by('right secret', 'desk', () => secret), admitted: true }],
      control: true,
    },
  };
}

/** Milliseconds of each try, by the name of its case, in an order by lot. */
async function timesOf(name: string, { cases }: Group, way: Way): Promise<Map<string, number[]>> {
  const times = new Map(cases.map((one): [string, number[]] => [one.name, []]));
  const rounds = Math.ceil(tries / 2);
  process.stdout.write(`${name}: ${rounds * cases.length} tries\n`);
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const one of shuffled(cases)) {
      const time = await timed(one, way);
      if (round >= 0) times.get(one.name)?.push(time);
    }
  }
  return times;
}

async function timed({ body, before, admitted }: Case, { rig, agent }: Way): Promise<number> {
  const client = await SealedClient.open(rig.origin, rig.pin);
  const text = JSON.stringify(await body(client));
  await before?.();
  const head = { m: 'POST', p: '/v1/session', h: { 'content-type': 'application/json' } };
  const sealed = sealRequest(client.session, client.nextSeq(), head, textBody(text));
  const parts: Uint8Array[] = [];
  for await (const part of sealed.bytes) parts.push(Buffer.from(part));
  const began = performance.now();
  const answer = await post(`${rig.origin}/sfx1/m`, agent, Buffer.concat(parts));
  const took = performance.now() - began;
  const { head: opened } = await openResponse(client.session, sealed, [answer]);
  if (opened.s !== (admitted === true ? 200 : 401)) throw new Error(`a log-in was answered with ${opened.s}`);
  return took;
}

function post(address: string, agent: Agent, body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': body.length };
    const outgoing = httpRequest(address, { method: 'POST', headers, agent }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () => resolve(Buffer.concat(parts)));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Prints a group's comparisons, all at once. Whether each of them was good. */
function judged(name: string, { cases, control }: Group, times: ReadonlyMap<string, readonly number[]>): boolean {
  const [first, ...others] = cases;
  const known = times.get(first?.name ?? '') ?? [];
  const lines = [name, `  ${(first?.name ?? '').padEnd(52)} median ${medianOf(known).toFixed(3)} ms`];
  let all = true;
  for (const one of others) {
    const other = times.get(one.name) ?? [];
    const { t, apart } = worst(known, other);
    const good = Math.abs(t) >= LIMIT === (control === true);
    all &&= good;
    const figures = `median ${medianOf(other).toFixed(3)} ms  apart ${(apart * 1_000).toFixed(0)} µs  t ${t.toFixed(2)}`;
    lines.push(`  ${one.name.padEnd(52)} ${figures}  ${good ? 'good' : 'BAD'}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return all;
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((one) => ({ one, lot: Math.random() }))
    .toSorted((a, b) => a.lot - b.lot)
    .map(({ one }) => one);
}
