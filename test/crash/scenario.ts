import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../../api/client/index.ts';
import { prepareAccount } from './account.ts';
import { aftermath } from './aftermath.ts';
import { Customer, type Order } from './customer.ts';
import { freePort } from './free-port.ts';
import { clusterOf, GatewayProcess } from './gateway-process.ts';
import { type Evidence, judge, type Verdict } from './judge.ts';
import { readLineLog } from './line-log.ts';
import { planOrders } from './orders.ts';
import { createRandom, type Random } from './random.ts';
import { MOMENTS, type Moment, TelephoneProcess } from './telephone-process.ts';

/** What is to be tried. */
export interface Trial {
  readonly kills: number;
  readonly faxes: number;
  /** Plans documents and moments; the machine adds what it likes. */
  readonly seed: number;
  /** Hears what happens, line by line. */
  readonly say?: (line: string) => void;
}

/** How long the last life may take to finish everything, ms; a failed call waits five seconds for the next. */
const FINISH = 120_000;

/** Kills a gateway again and again while it sends and receives, then judges what the telephone saw. */
export async function runTrial(trial: Trial): Promise<Verdict> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'sealfax-crash-')));
  const random = createRandom(trial.seed);
  const begun = performance.now();
  const say = (line: string) => trial.say?.(`${((performance.now() - begun) / 1_000).toFixed(1)} s ${line}`);
  const telephone = await TelephoneProcess.start(directory);
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

async function openCustomer(gateway: GatewayProcess, orders: readonly Order[]): Promise<Customer> {
  await gateway.start().ready;
  const { owner, app } = gateway.secrets;
  await prepareAccount(owner.connection, owner.secret, orders);
  await gateway.kill();
  return new Customer(connect(app.connection, app.secret), orders);
}

/** When a life ends: some time after its start or its readiness, or just after something on the line. */
type KillPlan =
  | { readonly after: 'spawn' | 'ready'; readonly ms: number }
  | { readonly after: Moment; readonly ms: number };

function planKill(random: Random): KillPlan {
  const kind = random.next();
  if (kind < 0.15) return { after: 'spawn', ms: random.below(1_500) };
  if (kind < 0.45) return { after: 'ready', ms: random.below(2_500) };
  return { after: MOMENTS[random.below(MOMENTS.length)] ?? 'mcf', ms: random.below(12) };
}

async function killAt(
  gateway: GatewayProcess,
  telephone: TelephoneProcess,
  plan: KillPlan,
  isReady: () => void,
): Promise<string> {
  const { ready } = gateway.start();
  ready.catch(() => undefined);
  if (plan.after !== 'spawn') {
    await ready;
    isReady();
    if (plan.after !== 'ready') await telephone.heard(plan.after);
  }
  await pause(plan.ms);
  await gateway.kill();
  await ready;
  return `${plan.ms} ms after ${plan.after}`;
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
