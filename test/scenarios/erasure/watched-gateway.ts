import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Client, connect, connectAdmin } from '../../../api/client/index.ts';
import { openSmall } from '../../../crypto/index.ts';
import { Needles } from './needles.ts';
import { ACCOUNT, type GatewayFacts, SECRETS_FD, type SecretKind, SecretReader, USER } from './secrets.ts';

const ENTRY = fileURLToPath(new URL('./gateway-child.ts', import.meta.url));
/** Seconds of a key epoch: the shortest that the settings allow. */
const EPOCH = 5;

/** After this long it is killed: a gateway that does not stop must not hang its test. */
const STOP_MS = 20_000;

/** Numbers of the account; a fax from one to the other rings through. */
export const SENDER = '+15550190001';
export const RECEIVER = '+15550190002';

/** A gateway in a child process, of which the test knows every key. */
export interface WatchedGateway {
  readonly pid: number;
  readonly dataDir: string;
  readonly keyDir: string;
  /** A user in a sealed session. */
  readonly client: Client;
  /** What it wrote to standard error. */
  log(): string;
  rootKey(): Promise<Uint8Array>;
  /** Hexadecimal names of the secrets of a kind, as told so far. */
  told(kind: SecretKind): ReadonlySet<string>;
  /** KEKs whose end has not been ordered. */
  livingKeks(): readonly Uint8Array[];
  /** Every key that must not be anywhere any more. */
  deadKeys(): Promise<Needles>;
  stop(): Promise<void>;
}

/** Starts it on an empty directory, with an account, two numbers and a user. @param settings beside or in place of ours */
export async function startWatchedGateway(settings: Readonly<Record<string, string>> = {}): Promise<WatchedGateway> {
  const home = await mkdtemp(join(tmpdir(), 'sealfax-erasure-'));
  const dataDir = join(home, 'data');
  const keyDir = join(home, 'keys');
  const secrets = new Map<SecretKind, Map<string, Uint8Array>>();
  const of = (kind: SecretKind) => secrets.get(kind) ?? new Map<string, Uint8Array>();
  const child = startChild(dataDir, keyDir, settings);
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8');
  });
  const reader = new SecretReader((kind, bytes) => secrets.set(kind, of(kind).set(hexOf(bytes), bytes)));
  (child.stdio[SECRETS_FD] as Readable).on('data', (chunk: Buffer) => reader.push(chunk));
  const rootKey = async () =>
    new Uint8Array(Buffer.from(await readFile(join(keyDir, 'root.key'), 'utf8'), 'base64url'));
  const livingKeks = () => [...of('kek')].flatMap(([name, kek]) => (of('destroyed').has(name) ? [] : [kek]));
  const stop = async () => {
    await ended(child);
    await rm(home, { recursive: true, force: true });
  };
  try {
    const facts = await factsOf(child, () => log);
    return {
      pid: child.pid ?? 0,
      dataDir,
      keyDir,
      client: await openAccount(facts),
      log: () => log,
      rootKey,
      livingKeks,
      told: (kind) => new Set(of(kind).keys()),
      async deadKeys() {
        const needles = new Needles();
        const lasting = await lastingKeys(keyDir, await rootKey());
        const spared = new Set([...of('public').keys(), ...[...lasting, ...livingKeks()].map(hexOf)]);
        for (const kind of ['dek', 'destroyed', 'c2s', 's2c', 'derived'] as const) {
          for (const [name, key] of of(kind)) if (!spared.has(name)) needles.addKey(kind, key);
        }
        return needles;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The root key, and what lies sealed under it: keys that a gateway has for all of its life. */
async function lastingKeys(keyDir: string, rootKey: Uint8Array): Promise<Uint8Array[]> {
  const keys = [rootKey];
  for (const file of await readdir(keyDir)) {
    if (!file.endsWith('.sealed')) continue;
    const name = file.slice(0, -'.sealed'.length);
    keys.push(await openSmall(rootKey, `key ${name}`, await readFile(join(keyDir, file))));
  }
  return keys;
}

function startChild(dataDir: string, keyDir: string, settings: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [ENTRY], {
    env: {
      PATH: process.env.PATH,
      SEALFAX_DATA_DIR: dataDir,
      SEALFAX_KEY_DIR: keyDir,
      SEALFAX_PORT: '0',
      SEALFAX_LOOPBACK_SPEED: 'instant',
      SEALFAX_EPOCH_SECONDS: String(EPOCH),
      SEALFAX_LOG_LEVEL: 'debug',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}

async function factsOf(child: ChildProcess, log: () => string): Promise<GatewayFacts> {
  if (child.stdout === null) throw new Error('no standard output');
  for await (const line of createInterface(child.stdout)) return JSON.parse(line) as GatewayFacts;
  throw new Error(`the gateway did not start: ${log()}`);
}

async function openAccount({ admin: owner, user }: GatewayFacts): Promise<Client> {
  const admin = connectAdmin(owner.connection, owner.password);
  const account = await admin.createAccount({ name: ACCOUNT, policy: { csid: SENDER } });
  for (const number of [SENDER, RECEIVER]) await admin.addNumber(account.id, { number });
  const { secret } = await admin.createUser(account.id, { name: USER });
  await admin.close();
  return connect(user, secret ?? '');
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await over;
  clearTimeout(late);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
