import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { aftermath } from './aftermath.ts';
import { Customer, type Order } from './customer.ts';
import { clusterOf, GatewayProcess } from './gateway-process.ts';
import { type Evidence, judge, type Verdict } from './judge.ts';
import { readLineLog } from './line-log.ts';
import { documentOf, markedPage } from './marked-page.ts';
import { createRandom, type Random } from './random.ts';

/** What is to be tried. */
export interface Trial {
  readonly kills: number;
  readonly faxes: number;
  /** Plans documents and moments; the machine adds what it likes. */
  readonly seed: number;
  /** Hears what happens, line by line. */
  readonly say?: (line: string) => void;
}

/** Lines of the telephone after which a kill may strike. */
const MOMENTS = ['dial', 'answered', 'page', 'block', 'whole', 'mcf', 'end'] as const;
/**
 * Longest wait for such a line, ms: with nothing on the lines the kill strikes all the same. A slow machine needs most
 * of it to render the first page of a life; when once nothing came, nothing much is left to come.
 */
const MOMENT_WAIT = 15_000;
const QUIET_WAIT = 2_000;
/** Every so many faxes goes to a number of the gateway itself. */
const INBOUND_EVERY = 4;
/** How long the last life may take to finish everything, ms; a failed call waits five seconds for the next. */
const FINISH = 120_000;

/** Kills a gateway again and again while it sends and receives, then judges what the telephone saw. */
export async function runTrial(trial: Trial): Promise<Verdict> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'sealfax-crash-')));
  const random = createRandom(trial.seed);
  const begun = performance.now();
  const say = (line: string) => trial.say?.(`${((performance.now() - begun) / 1_000).toFixed(1)} s ${line}`);
  const telephone = await startTelephone(directory);
  const gateway = new GatewayProcess(await settingsOf(directory));
  try {
    const orders = planOrders(trial.faxes, random);
    const customer = await openCustomer(gateway, orders);
    say('the account is open');
    const released = (kill: number) => Math.ceil(((kill + 2) * trial.faxes) / trial.kills);
    for (let kill = 0; kill < trial.kills && !customer.failed; kill++) {
      customer.release(released(kill));
      const plan = planKill(random);
      const moment = await killAt(gateway, telephone, plan, () => customer.hurry());
      say(`kill ${kill + 1} ${moment}: ${customer.summary()}`);
    }
    customer.release(trial.faxes);
    await gateway.start().ready;
    customer.hurry();
    await customer.finish(FINISH, gateway);
    say(`finished: ${customer.summary()}`);
    const verdict = judge(await evidence({ directory, gateway, customer, orders }));
    say('judged');
    return verdict;
  } finally {
    await gateway.kill();
    telephone.stop();
    await stopDatabase(gateway, directory);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Every number answers, so that each fax can be delivered; every fourth rings through to the gateway itself. */
function planOrders(faxes: number, random: Random): Order[] {
  return Array.from({ length: faxes }, (_, fax) => {
    const pages = 1 + random.below(4);
    const own = fax % INBOUND_EVERY === INBOUND_EVERY - 1;
    const coded = Array.from({ length: pages }, (_, index) =>
      markedPage({ fax, page: index + 1 }, random.below(50), random),
    );
    const digits = String(fax).padStart(4, '0');
    return { fax, to: own ? `+1555777${digits}` : `+1555010${digits}`, own, pages, document: documentOf(coded) };
  });
}

async function settingsOf(directory: string): Promise<Record<string, string>> {
  return {
    SEALFAX_DATA_DIR: join(directory, 'data'),
    SEALFAX_PORT: String(await freePort()),
    SEALFAX_NAMES: 'localhost',
    SEALFAX_LOOPBACK_SOCKET: join(directory, 'telephone.sock'),
    SEALFAX_POLL_SECONDS: '1',
    SEALFAX_LOG_LEVEL: 'warn',
  };
}

/**
 * A free port below those that systems hand out by themselves (49152 on by RFC 6335 §6, 32768 on with Linux): the
 * gateway is away half of the time, and nobody else may get its port meanwhile.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    server.close();
    if (free) return port;
  }
}

/** The telephone process: hears its lines, outlives every gateway. */
interface Telephone {
  readonly lines: EventEmitter;
  /** How long a line is worth waiting for, ms. */
  patience: number;
  stop(): void;
}

async function startTelephone(directory: string): Promise<Telephone> {
  const files = [join(directory, 'telephone.sock'), join(directory, 'lines.log')];
  const child: ChildProcess = fork(resolve(import.meta.dirname, 'witness-process.ts'), files);
  const lines = new EventEmitter();
  child.on('message', (what) => lines.emit(String(what)));
  await once(lines, 'ready');
  return { lines, patience: MOMENT_WAIT, stop: () => void child.kill('SIGKILL') };
}

async function openCustomer(gateway: GatewayProcess, orders: readonly Order[]): Promise<Customer> {
  await gateway.start().ready;
  const { owner, app } = gateway.secrets;
  const admin = connectAdmin(owner.connection, owner.secret);
  const [account] = await admin.accounts();
  if (account === undefined) throw new Error('the first start made no account');
  const policy = { uncertainHold: 2, retries: 20, retryInterval: 5, channels: 4, csid: 'CRASH' };
  await admin.changeAccount(account.id, { policy });
  await admin.addNumber(account.id, { number: '+15557780000' });
  for (const { own, to } of orders) if (own) await admin.addNumber(account.id, { number: to });
  await admin.close();
  await gateway.kill();
  return new Customer(connect(app.connection, app.secret), orders);
}

/** When a life ends: some time after its start or its readiness, or just after something on the line. */
type KillPlan =
  | { readonly after: 'spawn' | 'ready'; readonly ms: number }
  | { readonly after: (typeof MOMENTS)[number]; readonly ms: number };

function planKill(random: Random): KillPlan {
  const kind = random.next();
  if (kind < 0.15) return { after: 'spawn', ms: random.below(1_500) };
  if (kind < 0.45) return { after: 'ready', ms: random.below(2_500) };
  return { after: MOMENTS[random.below(MOMENTS.length)] ?? 'mcf', ms: random.below(12) };
}

async function killAt(
  gateway: GatewayProcess,
  telephone: Telephone,
  plan: KillPlan,
  isReady: () => void,
): Promise<string> {
  const { ready } = gateway.start();
  ready.catch(() => undefined);
  if (plan.after !== 'spawn') {
    await ready;
    isReady();
    if (plan.after !== 'ready') await heard(telephone, plan.after);
  }
  await pause(plan.ms);
  await gateway.kill();
  await ready;
  return `${plan.ms} ms after ${plan.after}`;
}

async function heard(telephone: Telephone, what: string): Promise<void> {
  const late = pause(telephone.patience, 'late', { ref: false });
  const first = await Promise.race([once(telephone.lines, what), late]);
  telephone.patience = first === 'late' ? QUIET_WAIT : MOMENT_WAIT;
}

interface Scene {
  readonly directory: string;
  readonly gateway: GatewayProcess;
  readonly customer: Customer;
  readonly orders: readonly Order[];
}

async function evidence({ directory, gateway, customer, orders }: Scene): Promise<Evidence> {
  const outcomes = await customer.outcomes();
  const extra = await customer.surplus();
  await customer.close();
  const how = await gateway.stop();
  const dataDir = join(directory, 'data');
  const left = await gateway.leftovers(clusterOf(dataDir));
  return {
    outcomes,
    calls: readLineLog(join(directory, 'lines.log')),
    own: new Set(orders.filter(({ own }) => own).map(({ to }) => to)),
    received: customer.received,
    orphans: [...(how === 'status 0' ? [] : [`ended with ${how}`]), ...left, ...extra, ...(await aftermath(dataDir))],
  };
}

/** After a failure the database server of the killed gateway is still on its way out: the directory is removed behind it. */
async function stopDatabase(gateway: GatewayProcess, directory: string): Promise<void> {
  const cluster = clusterOf(join(directory, 'data'));
  for (let wait = 0; wait < 100 && (await gateway.leftovers(cluster)).length > 0; wait++) await pause(100);
}
