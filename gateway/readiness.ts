import type { Gateway } from './gateway.ts';
import type { CarrierAdapter } from './ports/carrier-adapter.ts';
import type { CarrierRecords } from './ports/carrier-records.ts';
import type { Clock } from './ports/clock.ts';

/** What was asked, by name, and what came of it. */
export type Readiness = Awaited<ReturnType<Gateway['ready']>>;

/** A check that takes longer, in ms, has failed: a server that hangs answers nobody, and whoever asks wants an answer. */
const CHECK_WITHIN = 3_000;

const SILENT = { ok: false, detail: 'does not answer' };

/** Who is asked. A check that rejects says that somebody does not answer. */
export interface ReadinessParts {
  readonly records: { check(): Promise<void>; readonly carriers: Pick<CarrierRecords, 'conditions'> };
  readonly queue: { check(): Promise<void> };
  /** None where this process makes no calls. */
  readonly carriers: readonly Pick<CarrierAdapter, 'name' | 'health'>[];
  readonly clock: Clock;
}

/** Asks everybody at once and answers within 3 s, for /readyz. */
export async function readiness({ records, queue, carriers, clock }: ReadinessParts): Promise<Readiness> {
  const [database, bell, obstacles, healths] = await Promise.all([
    soon(clock, verdict(records.check()), SILENT),
    soon(clock, verdict(queue.check()), SILENT),
    carriers.length === 0 ? NO_OBSTACLES : soon(clock, obstaclesOf(records.carriers, clock), NO_OBSTACLES),
    Promise.all(carriers.map(async (one) => ({ name: one.name, ...(await soon(clock, one.health(), SILENT)) }))),
  ]);
  const told = healths.map(({ name, ok, detail }) => {
    // A pause is a decision, and so is an open breaker: the gateway is ready, and does what it was told.
    return [`carrier ${name}`, { ok, detail: [...(obstacles.get(name) ?? []), detail].join('; ') }] as const;
  });
  return { database, queue: bell, ...Object.fromEntries(told) };
}

/** What keeps calls from a carrier, by its name. */
type Obstacles = ReadonlyMap<string, readonly string[]>;

const NO_OBSTACLES: Obstacles = new Map();

/** None as well when the records do not answer, which is said by their own line. */
async function obstaclesOf(carriers: ReadinessParts['records']['carriers'], clock: Clock): Promise<Obstacles> {
  const told = await carriers.conditions(clock.now()).catch(() => undefined);
  const all = (told?.carriers ?? []).map(({ name, paused, breaker: { state } }): [string, string[]] => [
    name,
    [
      ...(paused === null ? [] : ['paused']),
      ...(state === 'closed' ? [] : [state === 'open' ? 'left alone' : 'on trial']),
    ],
  ]);
  return new Map(all);
}

const verdict = (check: Promise<void>) =>
  check.then(
    () => ({ ok: true, detail: 'answers' }),
    () => SILENT,
  );

/** What `check` comes to, or `late` when it has come to nothing in time. */
function soon<T>(clock: Clock, check: Promise<T>, late: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(CHECK_WITHIN, () => resolve(late));
    check.then(resolve, reject).finally(cancel);
  });
}
