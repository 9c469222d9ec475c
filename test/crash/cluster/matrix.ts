import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect } from '../../../api/client/index.ts';
import { unpackedPackages } from '../../servers/debian.ts';
import { prepareAccount } from '../account.ts';
import { blobs, forgedReceipts, pinnedVerifier, rowsLeft } from '../aftermath.ts';
import { Customer, type Order } from '../customer.ts';
import { type Evidence, isSound, judge, type Verdict } from '../judge.ts';
import { readLineLog } from '../line-log.ts';
import { planOrders } from '../orders.ts';
import { createRandom } from '../random.ts';
import type { Trial } from '../scenario.ts';
import { TelephoneProcess } from '../telephone-process.ts';
import { Cluster, EPOCH, type Extras } from './cluster.ts';
import { chooseFault, FAULTS, type Scene } from './faults.ts';

/** How long the cluster may take to finish everything after the last fault, ms. */
const FINISH = 240_000;
/** A wiped image is beyond recovery one epoch and one minute later (VAULT); an upload that died expires after two minutes. */
const ERASED_WITHIN = (120 + EPOCH + 60) * 1_000;
const SMALL_DISK = '64m';

/** A trial of the cluster; `only` names the faults that it takes, all of them by default. */
export interface MatrixTrial extends Trial {
  readonly only?: readonly string[];
}

/** Faults of every kind strike a cluster again and again while it sends and receives; the telephone judges it. */
export async function runMatrix(trial: MatrixTrial): Promise<Verdict> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'sealfax-matrix-')));
  const random = createRandom(trial.seed);
  const begun = performance.now();
  const say = (line: string) => trial.say?.(`${((performance.now() - begun) / 1_000).toFixed(1)} s ${line}`);
  const telephone = await TelephoneProcess.start(directory);
  const disk = await smallDisk(directory);
  const clock = await adjustableClock(directory);
  const cluster = await Cluster.start(directory, telephone, clock?.extras);
  try {
    const orders = planOrders(trial.faxes, random);
    const { customer, pin } = await open(cluster, orders);
    say('the account is open');
    const scene: Scene = { cluster, telephone, random, smallDisk: disk?.path, setClock: clock?.set };
    const possible = FAULTS.filter((fault) => fault.possible?.(scene) ?? true);
    for (const { name } of FAULTS) if (!possible.some((fault) => fault.name === name)) say(`not here: ${name}`);
    const faults = possible.filter(({ name }) => trial.only?.includes(name) ?? true);
    for (let kill = 0; kill < trial.kills && !customer.failed; kill++) {
      customer.release(Math.ceil(((kill + 2) * trial.faxes) / trial.kills));
      const fault = chooseFault(faults, random);
      const what = await fault.strike(scene);
      customer.hurry();
      say(`${kill + 1} ${fault.name}: ${what}; ${customer.summary()}`);
    }
    customer.release(trial.faxes);
    await customer.finish(FINISH, cluster);
    say(`finished: ${customer.summary()}`);
    const verdict = judge(await evidence({ cluster, telephone, customer, orders, pin }));
    say('judged');
    if (!isSound(verdict)) say(cluster.complaints);
    return verdict;
  } finally {
    await cluster.remove();
    telephone.stop();
    await disk?.remove();
    await rm(directory, { recursive: true, force: true });
  }
}

async function open(cluster: Cluster, orders: readonly Order[]): Promise<{ customer: Customer; pin: string }> {
  await cluster.begin();
  const { owner, app } = cluster.secrets;
  await prepareAccount(cluster.addressed(owner.connection), owner.secret, orders);
  const pin = new URL(app.connection).searchParams.get('pin') ?? '';
  return { customer: new Customer(connect(cluster.addressed(app.connection), app.secret), orders), pin };
}

async function evidence(parts: {
  readonly cluster: Cluster;
  readonly telephone: TelephoneProcess;
  readonly customer: Customer;
  readonly orders: readonly Order[];
  readonly pin: string;
}): Promise<Evidence> {
  const { cluster, telephone, customer, orders, pin } = parts;
  const outcomes = await customer.outcomes();
  const extra = await customer.surplus();
  await customer.close();
  await erased(cluster);
  const ends = await cluster.drain();
  const left = await cluster.query(async (client) => [
    ...(await rowsLeft(client)),
    ...(await forgedReceipts(client, pinnedVerifier(pin))),
  ]);
  const processes = await Promise.all(cluster.members.map(({ process }) => process.leftovers(cluster.vault)));
  return {
    outcomes,
    calls: readLineLog(telephone.log),
    own: new Set(orders.filter(({ own }) => own).map(({ to }) => to)),
    received: customer.received,
    orphans: [...ends, ...left, ...extra, ...(await blobs(cluster.vault)), ...processes.flat()],
  };
}

/** Waits for the second receipt of every fax, and for the end of uploads whose process died, as long as the promises allow. */
async function erased(cluster: Cluster): Promise<void> {
  const late = performance.now() + ERASED_WITHIN;
  const open = (): Promise<number> =>
    cluster.query(async (client) => {
      const { rows } = await client.query<{ count: string }>(
        `select (select count(*) from faxes where id not in (select fax from receipts where epoch_jws is not null))
           + (select count(*) from vault_keys where state = 'uploading') as count`,
      );
      return Number(rows[0]?.count ?? 0);
    });
  while ((await open()) > 0 && performance.now() < late) await pause(500);
}

/** A file system of its own below `directory`, where root may mount one. */
async function smallDisk(directory: string): Promise<{ readonly path: string; remove(): Promise<void> } | undefined> {
  const path = join(directory, 'vault');
  await mkdir(path, { mode: 0o700 });
  const run = promisify(execFile);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK},mode=0700`, 'tmpfs', path]);
  } catch {
    return undefined;
  }
  return { path, remove: async () => void (await run('umount', ['--lazy', path])) };
}

/** A clock for worker-2 that can be stepped: Debian's libfaketime, which reads its offset from a file. */
async function adjustableClock(
  directory: string,
): Promise<{ readonly extras: Extras; set(offset: string): Promise<void> } | undefined> {
  const root = await unpackedPackages('libfaketime', ['libfaketime']);
  if (root === undefined) return undefined;
  const file = join(directory, 'clock');
  const set = async (offset: string) => {
    await writeFile(`${file}.new`, `${offset}\n`);
    await rename(`${file}.new`, file);
  };
  await set('+0');
  const { stdout } = await promisify(execFile)('find', [root, '-name', 'libfaketimeMT.so.1']);
  const extras = {
    'worker-2': {
      LD_PRELOAD: stdout.trim(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  };
  return { extras, set };
}
