/**
 * The part of the bench `t38` that needs the laboratory; `ops/bench/t38.ts` runs it, and it prints Markdown.
 *
 *     node test/interop/bench.ts one          one page from us to Asterisk beside Asterisk to Asterisk, in turns
 *     node test/interop/bench.ts at-once [N…]  that many calls at once from Asterisk to Asterisk, one on each core
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Engine } from './engine.ts';
import { type AsteriskResult, dial, type Origination, originate, resultsOf, taken } from './lab/asterisk.ts';
import { jsonLines, Lab, labHindrance } from './lab/lab.ts';
import { bitmapsOf, difference, writeSheet } from './lab/pages.ts';

/** Calls of each kind; they take turns, so that whatever else the machine does meets both. */
const ROUNDS = 3;
const OUR_PORT = 15_190;
/** Calls at once that are tried one after the other until one fails; the laboratory has audio ports for 500. */
const STEPS = [25, 50, 100, 200, 400] as const;
/** ms in which all of them must have ended. */
const ALL_WITHIN = 300_000;
/** ms between the beginnings of two calls. */
const SPREAD = 50;

let numbers = 0;
const fresh = (): string => `7${String(++numbers).padStart(4, '0')}100`;
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Seconds of a page from us to the carrier, from INVITE to the end of the call. @throws when it fails or comes otherwise */
async function ours(engine: Engine, lab: Lab, page: string): Promise<number> {
  const number = fresh();
  const started = performance.now();
  const { result } = await engine.send(number, page);
  const took = (performance.now() - started) / 1_000;
  if (result.cause !== 'ok') throw new Error(`our call failed: ${result.cause}, ${result.detail}`);
  await assertSame(lab, number, page);
  return took;
}

/** The same from the far Asterisk, from the call file to the line that it writes at the end. */
async function theirs(lab: Lab, page: string): Promise<number> {
  const number = fresh();
  const started = performance.now();
  const sent = await originate(lab, 'far', order(lab, number, page));
  const took = (performance.now() - started) / 1_000;
  if (sent.status !== 'SUCCESS') throw new Error(`Asterisk's call failed: ${sent.error}`);
  await assertSame(lab, number, page);
  return took;
}

function order(lab: Lab, number: string, page: string): Origination {
  const channel = `PJSIP/gw/sip:${number}@127.0.0.1:${lab.layout.ports.carrierSip}`;
  return { channel, does: 'send', variables: { FAXFILE: page } };
}

async function assertSame(lab: Lab, number: string, page: string): Promise<void> {
  const got = await taken(lab, 'carrier', number);
  const how = difference(await bitmapsOf(page), await bitmapsOf(got.file));
  if (how !== undefined) throw new Error(`the page came otherwise: ${how}`);
}

async function oneByOne(lab: Lab): Promise<void> {
  const page = await writeSheet(join(lab.layout.state, 'pages'), 'a4-fine');
  const engine = await Engine.start(lab, OUR_PORT, { account: 'gw' });
  try {
    const [mine, others]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      mine.push(await ours(engine, lab, page));
      others.push(await theirs(lab, page));
    }
    const [us, them] = [median(mine), median(others)];
    say(`One page to Asterisk, A4 fine, V.17 14,400 with error correction, median of ${ROUNDS} in turns:`);
    say(
      `ours ${us.toFixed(2)} s, Asterisk to Asterisk ${them.toFixed(2)} s, ratio ${(us / them).toFixed(3)} (limit 1)`,
    );
  } finally {
    await engine.stop();
  }
}

/** Each of the two on a core of its own, as our two stations are. */
async function atOnce(lab: Lab, steps: readonly number[]): Promise<void> {
  const page = await writeSheet(join(lab.layout.state, 'pages'), 'a4-fine');
  hold(processOf('far'), 0);
  hold(processOf('carrier'), 1);
  say(
    'Asterisk to Asterisk, one on each core, every call of one page, 20 begun a second. Counted are calls that succeed and',
  );
  say('pages that are the same; when its packets leave is not measured.');
  say('');
  say('| calls at once | succeeded | pages the same | seconds a call, median and longest | core of the sender |');
  say('|---|---|---|---|---|');
  for (const calls of steps) if (!(await together(lab, calls, page))) break;
}

/** Whether all calls of a step succeeded with the same page. */
async function together(lab: Lab, calls: number, page: string): Promise<boolean> {
  const [begun, spent] = [performance.now(), spentBy(processOf('far'))];
  const started = new Map<string, { readonly number: string; readonly at: number }>();
  for (let call = 0; call < calls; call++) {
    const number = fresh();
    const job = await dial(lab, 'far', order(lab, number, page));
    started.set(job, { number, at: performance.now() });
    await pause(SPREAD);
  }
  const ended = await endsOf(lab, started);
  const core = (spentBy(processOf('far')) - spent) / ((performance.now() - begun) / 1_000);
  const good = ended.filter((one) => one.good);
  const same = await countSame(
    lab,
    good.map(({ number }) => number),
    page,
  );
  const times = ended.map(({ seconds }) => seconds);
  const took = `${median(times).toFixed(0)}, ${Math.max(...times).toFixed(0)} s`;
  say(`| ${calls} | ${good.length} | ${same} | ${took} | ${(100 * core).toFixed(0)} % |`);
  return good.length === calls && same === calls;
}

interface End {
  readonly number: string;
  readonly good: boolean;
  /** To within half a second. */
  readonly seconds: number;
}

/** Looks into the results for all calls together, seldom: many readers of that file would be a load of their own. */
async function endsOf(
  lab: Lab,
  started: ReadonlyMap<string, { readonly number: string; readonly at: number }>,
): Promise<End[]> {
  const ended = new Map<string, End>();
  for (const end = performance.now() + ALL_WITHIN; ended.size < started.size && performance.now() < end; ) {
    await pause(500);
    for (const { job, status } of await jsonLines<AsteriskResult>(resultsOf(lab, 'far'))) {
      const call = started.get(job);
      if (call === undefined || ended.has(job)) continue;
      const seconds = (performance.now() - call.at) / 1_000;
      ended.set(job, { number: call.number, good: status === 'SUCCESS', seconds });
    }
  }
  return [...ended.values()];
}

async function countSame(lab: Lab, numbers: readonly string[], page: string): Promise<number> {
  const wanted = await bitmapsOf(page);
  await pause(2_000);
  const results = await jsonLines<AsteriskResult>(resultsOf(lab, 'carrier'));
  const files = new Map(results.map(({ called, file }) => [called, file]));
  let same = 0;
  for (const number of numbers) {
    const file = files.get(number);
    if (file !== undefined && difference(wanted, await bitmapsOf(file)) === undefined) same++;
  }
  return same;
}

/** Process of an Asterisk of the laboratory, by its configuration file. */
function processOf(member: 'carrier' | 'far'): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = readOr(`/proc/${name}/cmdline`).split('\0');
    if (words[0]?.endsWith('asterisk') && words.some((word) => word.endsWith(`/${member}/etc/asterisk.conf`))) {
      return Number(name);
    }
  }
  throw new Error(`the ${member} Asterisk does not run`);
}

function hold(pid: number, core: 0 | 1): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
}

/** Seconds of processor time: fields 14 and 15 of /proc/pid/stat in ticks of 10 ms (proc(5)). */
function spentBy(pid: number): number {
  const text = readOr(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The process may have ended meanwhile. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function main([what, ...steps]: readonly string[]): Promise<void> {
  const hindrance = await labHindrance();
  if (hindrance !== undefined) {
    say(`not measured: ${hindrance}`);
    return;
  }
  const lab = await Lab.start({ far: true });
  try {
    if (what === 'at-once') await atOnce(lab, steps.length > 0 ? steps.map(Number) : STEPS);
    else await oneByOne(lab);
  } finally {
    await lab.stop();
  }
}

await main(process.argv.slice(2));
