/**
 * The telephone line beside its limits and Asterisk:
 *
 *     node ops/bench/t38.ts [--only sip,time,lab,memory,flood,load,asterisk] [--seconds 300] [--first 200] [--calls N]
 *
 * `--first`: calls at once that the search begins with; `--calls`: no search, one run with so many. All of it takes about half
 * an hour of a machine that does nothing else and has two cores; `lab` and `asterisk` need root and Debian's packages.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CHARTS, readChart } from './codec.ts';
import { callTimeLines, timeCall } from './t38-call.ts';
import { describeFlood, runFlood } from './t38-flood.ts';
import {
  type CallMemory,
  describeRun,
  LATENESS_LIMIT,
  LATER,
  LOAD_HEAD,
  type LoadRun,
  MEMORY_LIMIT,
  measureMemory,
  runCalls,
  searchCalls,
} from './t38-load.ts';
import { describeSip, runSip } from './t38-sip.ts';

/** What the command line asks for. */
interface Wishes {
  readonly seconds: number;
  readonly first: number;
  readonly calls: number | undefined;
}

const PARTS = { sip, time, lab, memory, flood, load, asterisk } as const;
type Part = keyof typeof PARTS;

const LAB_BENCH = fileURLToPath(new URL('../../test/interop/bench.ts', import.meta.url));
const FLOOD = { rate: 2_000, seconds: 8 } as const;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function sip(): Promise<void> {
  say(describeSip(runSip()));
}

async function time(): Promise<void> {
  const chart = join(CHARTS, 'itu1.tif');
  if (!existsSync(chart)) {
    say('not measured: the ITU-T charts are not here');
    return;
  }
  const page = readChart(chart);
  say(callTimeLines(await timeCall(page)).join('\n'));
  const { taken } = await timeCall(page, 'internet');
  say(`At the pace of Internet-aware ends, which wait for no modem, it takes ${(taken / 1_000).toFixed(2)} s.`);
}

async function lab(): Promise<void> {
  inLab('one');
}

async function memory(): Promise<void> {
  const { call, early, late } = await measureMemory();
  const both = ({ placed, taken }: CallMemory) => `placed ${placed.toFixed(2)}, taken ${taken.toFixed(2)} MiB`;
  say(`Memory of a call: ${both(call)} (limit ${MEMORY_LIMIT}).`);
  say(`Alive in all: ${both(early)}; ${LATER} s later ${both(late)}.`);
}

async function flood(): Promise<void> {
  say(describeFlood(await runFlood(FLOOD.rate, FLOOD.seconds)).join('\n'));
}

/** How it is measured stands in t38-load.ts and t38-lateness.ts. */
async function load({ calls, first, seconds }: Wishes): Promise<void> {
  say(
    `Calls at once, one page each, one after the other without a pause; ours on both cores, one places and one takes.`,
  );
  say(
    `Kept: 99.9 % of the media datagrams of both within ${LATENESS_LIMIT} ms, every page the same, no call failed.\n`,
  );
  for (const line of LOAD_HEAD) say(line);
  const ran = (run: LoadRun) => say(describeRun(run));
  if (calls !== undefined) ran(await runCalls(calls, seconds));
  else {
    const best = await searchCalls(first, seconds, ran);
    say(best === undefined ? '\nNo number of calls is kept here.' : `\n${best.calls} calls at once per core.`);
  }
}

async function asterisk(): Promise<void> {
  inLab('at-once');
}

function inLab(...words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [LAB_BENCH, ...words], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`the bench in the laboratory ended with status ${status}`);
}

function isPart(word: string): word is Part {
  return Object.hasOwn(PARTS, word);
}

async function main(): Promise<void> {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({ options: { only: option, seconds: option, first: option, calls: option } });
  const parts = values.only?.split(',') ?? Object.keys(PARTS);
  const calls = values.calls === undefined ? undefined : Number(values.calls);
  const wishes = { seconds: Number(values.seconds ?? 300), first: Number(values.first ?? 200), calls };
  for (const part of parts) {
    if (!isPart(part)) throw new RangeError(`there is no part ${part}; there are ${Object.keys(PARTS).join(', ')}`);
    say(`\n### ${part}\n`);
    await PARTS[part](wishes);
  }
}

await main();
