import { spawnSync } from 'node:child_process';
import { diffieHellman, generateKeyPairSync, sign, verify } from 'node:crypto';
import {
  createHandshakeServer,
  generateSigningKey,
  issueStatement,
  newKey,
  openObject,
  sealObject,
  startHandshake,
} from '../../crypto/index.ts';

const HOST = 'fax.example.org';
const ROUNDS = 100;
const MEGABYTES = 64;

/** One measured line: what, how many a second of wall time, and CPU milliseconds for each. */
export interface CryptoFigure {
  readonly what: string;
  readonly perSecond: number;
  readonly cpuMs: number;
}

async function measure(what: string, rounds: number, work: () => unknown): Promise<CryptoFigure> {
  await work();
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  for (let round = 0; round < rounds; round++) await work();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { what, perSecond: rounds / seconds, cpuMs: (user + system) / 1000 / rounds };
}

/** The limit of the design: one key generation, one agreement and two ECDSA operations, called bare and at once. */
function bareCalls(): Promise<CryptoFigure> {
  const peer = generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey;
  const signer = generateKeyPairSync('ec', { namedCurve: 'P-521' });
  const message = new Uint8Array(300);
  return measure('bare node:crypto: keygen + derive + sign + verify', ROUNDS, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
    diffieHellman({ privateKey, publicKey: peer });
    const signature = sign('sha512', message, signer.privateKey);
    verify('sha512', message, signer.publicKey, signature);
  });
}

async function server() {
  const [root, handshakeKey] = await Promise.all([generateSigningKey(), generateSigningKey()]);
  const keys = [{ publicKey: handshakeKey.publicSpki }];
  const suites = ['P521-HKDF512-A256GCM'] as const;
  const statement = await issueStatement({ seq: 1, hosts: [HOST], keys, suites, ttl: 86_400 }, root, Date.now());
  return { pin: root.pin, hello: createHandshakeServer({ handshakeKey, statement, hosts: [HOST] }) };
}

async function handshakes(): Promise<CryptoFigure[]> {
  const { pin, hello } = await server();
  const { request } = await startHandshake({ pins: [pin], aud: HOST, now: Date.now() });
  const alone = await measure('hello on the server, one at a time', ROUNDS, () => hello.hello(request, Date.now()));
  const wave = await measure('hello on the server, 32 at a time (per wave)', ROUNDS / 20, () =>
    Promise.all(Array.from({ length: 32 }, () => hello.hello(request, Date.now(), true))),
  );
  const many = { what: 'hello on the server, 32 waiting', perSecond: wave.perSecond * 32, cpuMs: wave.cpuMs / 32 };
  const both = await measure('whole handshake, both sides in one process', ROUNDS / 2, async () => {
    const client = await startHandshake({ pins: [pin], aud: HOST, now: Date.now() });
    const { response } = await hello.hello(client.request, Date.now());
    await client.finish(JSON.stringify(response));
  });
  return [alone, many, both];
}

async function objects(): Promise<CryptoFigure[]> {
  const dek = newKey();
  const context = { fax: 'fax_bench', object: 'doc/0' };
  const chunks = Array.from({ length: MEGABYTES }, () => new Uint8Array(1_000_000));
  const sealed: Uint8Array[] = [];
  const seal = await measure(`seal ${MEGABYTES} MB as a stored object`, 3, async () => {
    sealed.length = 0;
    for await (const part of sealObject(dek, context, chunks)) sealed.push(part);
  });
  const open = await measure(`open ${MEGABYTES} MB of a stored object`, 3, async () => {
    for await (const part of openObject(dek, context, sealed)) part.at(0);
  });
  return [seal, open];
}

function printFigure({ what, perSecond, cpuMs }: CryptoFigure): void {
  console.log(`${what.padEnd(56)} ${perSecond.toFixed(1).padStart(8)} /s ${cpuMs.toFixed(2).padStart(9)} ms CPU each`);
}

/** `openssl speed` of the same curve, when the command is there: its build may have faster P-521 code than Node's. */
function printOpenssl(): void {
  const speed = spawnSync('openssl', ['speed', '-seconds', '1', 'ecdhp521', 'ecdsap521'], { encoding: 'utf8' });
  if (speed.status !== 0) {
    console.log('openssl speed: no openssl command here');
    return;
  }
  const lines = speed.stdout.split('\n').filter((line) => /nistp521|op\/s|sign\/s/.test(line));
  console.log(`openssl speed (the system's):\n${lines.join('\n')}`);
}

/** Prints handshakes and sealing beside their limits, in one run. */
export async function run(): Promise<void> {
  const bare = await bareCalls();
  const [hello, ...others] = await handshakes();
  printFigure(bare);
  if (hello !== undefined) {
    printFigure(hello);
    console.log(`  CPU of a hello / bare calls: ${(hello.cpuMs / bare.cpuMs).toFixed(2)} (limit 1.15)`);
  }
  for (const figure of [...others, ...(await objects())]) printFigure(figure);
  printOpenssl();
}

if (process.argv[1] === import.meta.filename) await run();
