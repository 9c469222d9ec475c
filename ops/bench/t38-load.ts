/** How many calls one core can have at once, and what memory each of them takes; see `describeLoad` for what is measured. */
import { setTimeout as pause } from 'node:timers/promises';
import { startPair } from './t38-pair.ts';
import type { StationReport, UsageAnswer } from './t38-station.ts';

/** One run. */
export interface LoadRun {
  readonly calls: number;
  readonly seconds: number;
  readonly placing: StationReport;
  readonly taking: StationReport;
  readonly kept: boolean;
}

/** What is asked for. */
export const LATENESS_LIMIT = 30;
export const MEMORY_LIMIT = 1;

/** First calls begin so many a second: their training and their pages then fall on different moments. */
const RAMP_RATE = 20;
/** A call takes about half a minute; before the first ones are over the run is not at its load. */
const SHORTEST_RAMP = 30;

/** `calls` at once for `seconds`. */
export async function runCalls(calls: number, seconds: number): Promise<LoadRun> {
  const { placing, taking } = await startPair({ calls, ramp: Math.max(SHORTEST_RAMP, calls / RAMP_RATE), seconds });
  const [placed, taken] = await Promise.all([placing.report, taking.report]);
  return { calls, seconds, placing: placed, taking: taken, kept: isKept(placed) && isKept(taken) };
}

/** No call failed, no page differs, and 99.9 % of the datagrams left in time. */
function isKept({ late, failed, different, good, live }: StationReport): boolean {
  return late.p999 <= LATENESS_LIMIT && Object.keys(failed).length === 0 && different === 0 && good > 0 && live > 0;
}

/** Seconds of a run of the search. */
const SEARCH_SECONDS = 40;
/** The search ends when it knows the number so well. */
const PRECISION = 0.1;

/**
 * The largest number of calls that is kept: doubles from `first`, halves the interval to a tenth, and confirms what it found in
 * a run of `seconds`; less by a tenth until that is kept. Every run is told to `ran`.
 */
export async function searchCalls(
  first: number,
  seconds: number,
  ran: (run: LoadRun) => void,
): Promise<LoadRun | undefined> {
  const tried = async (calls: number, time: number) => {
    const run = await runCalls(calls, time);
    ran(run);
    return run;
  };
  let [good, bad] = [0, first];
  const shortly = Math.min(seconds, SEARCH_SECONDS);
  while ((await tried(bad, shortly)).kept) [good, bad] = [bad, 2 * bad];
  while (bad - good > PRECISION * bad && bad > 10) {
    const calls = Math.round((good + bad) / 2);
    if ((await tried(calls, shortly)).kept) good = calls;
    else bad = calls;
  }
  for (let calls = good; calls > 0; calls = Math.floor(0.9 * calls)) {
    const run = await tried(calls, seconds);
    if (run.kept) return run;
  }
  return undefined;
}

/** MiB, of the station that places calls and of the one that takes them. */
export interface CallMemory {
  readonly placed: number;
  readonly taken: number;
}

/** What memory calls take. */
export interface MemoryFigures {
  /** Resident, of each call more. */
  readonly call: CallMemory;
  /** What is alive of all calls, early and {@link LATER} seconds later. */
  readonly early: CallMemory;
  readonly late: CallMemory;
}

const FEW = 20;
const MANY = 120;
/** Seconds between two looks at the same load: each line has seen two more calls. */
export const LATER = 60;

/** What each call more takes: the difference between two runs after the garbage is gone, so that what a station takes for itself is not in it. */
export async function measureMemory(): Promise<MemoryFigures> {
  const [few] = await memoryWith(FEW, 0);
  const [many, later] = await memoryWith(MANY, LATER);
  const each = (more: UsageAnswer, less: UsageAnswer) => (more.memory - less.memory) / (MANY - FEW);
  return {
    call: { placed: each(many.placed, few.placed), taken: each(many.taken, few.taken) },
    early: { placed: many.placed.live, taken: many.taken.live },
    late: { placed: later.placed.live, taken: later.taken.live },
  };
}

interface Usage {
  readonly placed: UsageAnswer;
  readonly taken: UsageAnswer;
}

/** Read when calls have run for a while, so that there are some in each phase, and again so many seconds later. */
async function memoryWith(calls: number, more: number): Promise<readonly [Usage, Usage]> {
  const { placing, taking } = await startPair({ calls, ramp: SHORTEST_RAMP, seconds: 25 + more });
  const usage = async () => {
    const [placed, taken] = await Promise.all([placing.usage(), taking.usage()]);
    return { placed, taken };
  };
  await pause((SHORTEST_RAMP + 20) * 1_000);
  const early = await usage();
  await pause(more * 1_000);
  const late = more === 0 ? early : await usage();
  await Promise.all([placing.report, taking.report]);
  return [early, late];
}

/** A run as a row of the table of {@link LOAD_HEAD}. */
export function describeRun({ calls, seconds, placing, taking, kept }: LoadRun): string {
  const failures = [...Object.entries(placing.failed), ...Object.entries(taking.failed)];
  const lost = failures.map(([why, count]) => `${count} × ${why}`).join('; ') || 'none';
  const cells = [
    `${calls}, ${seconds} s`,
    describeStation(placing),
    describeStation(taking),
    `${taking.same} of ${taking.same + taking.different}`,
    lost,
    kept ? 'yes' : 'no',
  ];
  return `| ${cells.join(' | ')} |`;
}

export const LOAD_HEAD = [
  '| calls at once | placing: late p50, p99, p99.9, most; core; resident | taking | pages the same | calls failed | kept |',
  '|---|---|---|---|---|---|',
];

function describeStation({ late, cpu, resident }: StationReport): string {
  const times = [late.p50, late.p99, late.p999, late.most].map((ms) => Math.ceil(ms)).join(', ');
  const [begin, end] = resident.map((mib) => mib.toFixed(0));
  return `${times} ms; ${(100 * cpu).toFixed(0)} %; ${begin} → ${end} MiB`;
}
