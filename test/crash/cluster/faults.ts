import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../random.ts';
import { MOMENTS, type TelephoneProcess } from '../telephone-process.ts';
import { type Cluster, LEASE, type Member } from './cluster.ts';

/** What a fault may reach. */
export interface Scene {
  readonly cluster: Cluster;
  readonly telephone: TelephoneProcess;
  readonly random: Random;
  /** A file system of its own with little room, on which the vault lies; undefined where none could be made. */
  readonly smallDisk: string | undefined;
  /** Sets the clock of the member of that name, as libfaketime reads it; undefined where there is no such library. */
  readonly setClock: ((offset: string) => Promise<void>) | undefined;
}

/** One kind of fault: it strikes, and leaves everything running again. Answers what it did. */
export interface Fault {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  /** Whether this machine can do it. */
  possible?(scene: Scene): boolean;
  strike(scene: Scene): Promise<string>;
}

const MS = 1_000;
/** A lease, the grace after it, and something for the look that finds it. */
const BEYOND_LEASE = ((LEASE * 4) / 3 + 3) * MS;

const one = <T>(list: readonly T[], random: Random): T => {
  const found = list[random.below(list.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
};

/** Just after something on the line, or just some time. */
async function moment({ telephone, random }: Scene): Promise<string> {
  if (random.next() < 0.3) {
    const ms = random.below(1_500);
    await pause(ms);
    return `after ${ms} ms`;
  }
  const what = one(MOMENTS, random);
  await telephone.heard(what);
  const ms = random.below(12);
  await pause(ms);
  return `${ms} ms after ${what}`;
}

async function killAndStart(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(({ process }) => process.kill()));
  await Promise.all(members.map(({ process }) => process.start().ready));
}

async function asleep({ process }: Member, ms: number): Promise<void> {
  process.signal('SIGSTOP');
  await pause(ms);
  process.signal('SIGCONT');
}

async function parted({ database }: Member, ms: number): Promise<void> {
  database.cut();
  await pause(ms);
  database.mend();
}

/** Processes below `pid`: rendering children and what confines them. */
async function descendants(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(pids.map(parentOf));
  const found = new Set([pid]);
  for (let more = true; more; ) {
    const next = pids.map(Number).filter((id, at) => !found.has(id) && found.has(parents[at] ?? 0));
    for (const id of next) found.add(id);
    more = next.length > 0;
  }
  found.delete(pid);
  return [...found];
}

async function parentOf(pid: string): Promise<number> {
  const facts = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc_pid_stat(5): state and parent follow the name in parentheses.
  return Number(facts.slice(facts.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'kill worker',
    weight: 30,
    async strike(scene) {
      const when = await moment(scene);
      const victim = one(scene.cluster.workers, scene.random);
      await killAndStart([victim]);
      return `${victim.name} ${when}`;
    },
  },
  {
    name: 'kill api',
    weight: 15,
    async strike(scene) {
      const when = await moment(scene);
      const victim = one(scene.cluster.apis, scene.random);
      await killAndStart([victim]);
      return `${victim.name} ${when}`;
    },
  },
  {
    name: 'kill workers',
    weight: 5,
    async strike(scene) {
      const when = await moment(scene);
      await killAndStart(scene.cluster.workers);
      return `both ${when}`;
    },
  },
  {
    name: 'kill child',
    weight: 10,
    possible: () => process.platform === 'linux',
    async strike({ cluster, random }) {
      await pause(random.below(400));
      const parent = one(cluster.members, random);
      const children = await descendants(parent.process.pid ?? 0);
      if (children.length === 0) return `${parent.name} had none`;
      const victim = one(children, random);
      return `${victim} of ${parent.name}${end(victim) ? '' : ', gone already'}`;
    },
  },
  {
    name: 'kill database',
    weight: 8,
    async strike(scene) {
      const when = await moment(scene);
      const before = scene.cluster.postgres.pid;
      end(before);
      for (let wait = 0; wait < 300 && scene.cluster.postgres.pid === before; wait++) await pause(20);
      return when;
    },
  },
  {
    name: 'kill redis',
    weight: 8,
    async strike(scene) {
      const when = await moment(scene);
      const ms = scene.random.below(800);
      await scene.cluster.redis.kill();
      await pause(ms);
      await scene.cluster.redis.restart();
      return `${when}, away for ${ms} ms, back empty`;
    },
  },
  {
    name: 'flush redis',
    weight: 8,
    async strike(scene) {
      const when = await moment(scene);
      await scene.cluster.redis.command('FLUSHALL');
      return when;
    },
  },
  {
    name: 'stop worker',
    weight: 3,
    async strike(scene) {
      const when = await moment(scene);
      const victim = one(scene.cluster.workers, scene.random);
      const ms = scene.random.next() < 0.5 ? scene.random.below(3_000) : BEYOND_LEASE;
      await asleep(victim, ms);
      return `${victim.name} ${when} for ${ms} ms`;
    },
  },
  {
    name: 'part worker',
    weight: 4,
    async strike(scene) {
      const when = await moment(scene);
      const victim = one(scene.cluster.workers, scene.random);
      const ms = scene.random.next() < 0.5 ? scene.random.below(3_000) : BEYOND_LEASE;
      await parted(victim, ms);
      return `${victim.name} from the database ${when} for ${ms} ms`;
    },
  },
  {
    name: 'part api',
    weight: 2,
    async strike(scene) {
      const victim = one(scene.cluster.apis, scene.random);
      const ms = scene.random.below(3_000);
      await parted(victim, ms);
      return `${victim.name} from the database for ${ms} ms`;
    },
  },
  {
    name: 'fill disk',
    weight: 4,
    possible: ({ smallDisk }) => smallDisk !== undefined,
    async strike({ smallDisk = '', random }) {
      const ms = 300 + random.below(2_000);
      const ballast = join(smallDisk, 'ballast');
      // Writes until there is no room, then leaves what it could write.
      await writeFile(ballast, Buffer.alloc(1 << 28)).catch(() => undefined);
      await pause(ms);
      await rm(ballast, { force: true });
      return `for ${ms} ms`;
    },
  },
  {
    name: 'step clock',
    weight: 4,
    possible: ({ setClock }) => setClock !== undefined,
    async strike({ setClock, random }) {
      const offset = random.next() < 0.5 ? '+3600' : '-3600';
      await setClock?.(offset);
      await pause(1_000 + random.below(3_000));
      await setClock?.('+0');
      return `of worker-2 by ${offset} s and back`;
    },
  },
];

/** One of the faults that are possible, by their weights. */
export function chooseFault(faults: readonly Fault[], random: Random): Fault {
  const total = faults.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.next() * total;
  for (const fault of faults) {
    left -= fault.weight;
    if (left < 0) return fault;
  }
  return one(faults, random);
}
