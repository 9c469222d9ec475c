import type { CallResult } from './call-result.ts';
import type { Cause } from './cause.ts';
import { FIRST_LINE_SETTINGS, type LineSettings } from './policy.ts';

/** Something that calls to a number have shown. Times are ms since 1970. */
export interface Lesson {
  /** Of the call that showed it first. */
  readonly since: number;
  /** Of the last call that showed it again. */
  readonly confirmedAt: number;
}

/** Calls to a number within one hour of the day. */
export interface HourTally {
  /** Busy, or nobody answered. */
  readonly missed: number;
  readonly reached: number;
  /** When a call was missed last. */
  readonly at: number;
}

/** What calls to one number have taught, kept as JSON; what is absent is not known. */
export interface LearnedFacts {
  /** A call got through without T.38 after others with it had failed. */
  readonly audio?: Lesson;
  /** A call got through at no more than `rate` bit/s after faster ones had failed. */
  readonly slow?: Lesson & { readonly rate: number };
  /** A call got through without error correction after others with it had failed. */
  readonly noEcm?: Lesson;
  /** By hour of the day in UTC, `0` to `23`: the gateway knows no time zone of a number. */
  readonly hours?: Readonly<Record<string, HourTally>>;
}

/** An ended call, as far as it teaches. */
export interface TeachingCall {
  /** What it was placed with. */
  readonly settings: Pick<LineSettings, 't38' | 'maxRate' | 'ecm'>;
  readonly result: Pick<CallResult, 'cause' | 'pagesConfirmed' | 'line'>;
  readonly startedAt: number;
}

const DAY = 86_400_000;
/** A lesson that no call confirms is forgotten after so long, ms. */
export const LESSON_LIFE = 30 * DAY;
/** And one that is confirmed all the time is put to the test again: machines and lines get better, too. */
const LESSON_TEST = 90 * DAY;
/** Faster than this no lesson slows a call down, bit/s: V.29's rate, which the ladder falls back to. */
const SLOW = 9_600;
/** Calls of an hour beyond which older ones count half: a habit may change. */
const HOUR_MEMORY = 16;
/** An hour is avoided from so many missed calls on, if they are at least twice as many as those that were answered. */
const MISSED_ENOUGH = 3;
const HOUR = 3_600_000;

/** The far machine or the line between has failed the call: the causes that the ladder answers with other settings. */
const ABOUT_THE_LINE: readonly Cause[] = [
  'training_failed',
  'negotiation_failed',
  'page_rejected',
  'line_lost',
  'hung_up',
];
const MISSED: readonly Cause[] = ['busy', 'no_answer'];

/**
 * Whether a call may teach something of a number of which nothing is known; `known`: it can only confirm or refute what
 * is; `nothing`: it says nothing of the number.
 */
export function teaches(call: TeachingCall): 'anything' | 'known' | 'nothing' {
  const { cause } = call.result;
  if (MISSED.includes(cause)) return 'anything';
  if (gotThrough(call)) return Object.keys(lessonsOf(call, 0)).length > 0 ? 'anything' : 'known';
  return ABOUT_THE_LINE.includes(cause) || cause === 'no_fax' ? 'known' : 'nothing';
}

/** What is known after the call; null when nothing is. */
export function learn(facts: LearnedFacts, call: TeachingCall, now: number): LearnedFacts | null {
  const { audio, slow, noEcm, hours } = currentFacts(facts, now);
  const shown = gotThrough(call) ? lessonsOf(call, now) : undefined;
  const failed = ABOUT_THE_LINE.includes(call.result.cause);
  const { t38, maxRate, ecm } = call.settings;
  const next = present({
    audio: after(audio, shown, shown?.audio, failed && !t38),
    slow: after(slow, shown, shown?.slow, failed && maxRate <= (slow?.rate ?? 0)),
    noEcm: after(noEcm, shown, shown?.noEcm, failed && !ecm),
    hours: tallied(hours, call, now),
  });
  return Object.keys(next).length === 0 ? null : next;
}

/** `facts` without what has expired. */
export function currentFacts(facts: LearnedFacts, now: number): LearnedFacts {
  const fresh = <L extends Lesson>(lesson: L | undefined): L | undefined =>
    lesson !== undefined && now < lesson.confirmedAt + LESSON_LIFE && now < lesson.since + LESSON_TEST
      ? lesson
      : undefined;
  const hours = Object.entries(facts.hours ?? {}).filter(([, { at }]) => now < at + LESSON_LIFE);
  return present({
    audio: fresh(facts.audio),
    slow: fresh(facts.slow),
    noEcm: fresh(facts.noEcm),
    hours: hours.length === 0 ? undefined : Object.fromEntries(hours),
  });
}

/** What the first call to a number is placed with. */
export function firstLine(facts: LearnedFacts | null, now: number): Pick<LineSettings, 't38' | 'maxRate' | 'ecm'> {
  const { t38, maxRate, ecm } = FIRST_LINE_SETTINGS;
  const { audio, slow, noEcm } = currentFacts(facts ?? {}, now);
  return {
    t38: t38 && audio === undefined,
    maxRate: Math.min(maxRate, slow?.rate ?? maxRate),
    ecm: ecm && noEcm === undefined,
  };
}

/**
 * When to call instead of at `at`: the beginning of the next hour in which the number is not known to be missed, or `at`
 * itself where that would be after `latest`, or every hour is as bad.
 */
export function quietAt(facts: LearnedFacts | null, at: number, latest: number, now: number): number {
  const { hours = {} } = currentFacts(facts ?? {}, now);
  let moved = at;
  for (let tried = 0; tried < 24 && isMissed(hours[hourOf(moved)]); tried++) moved = moved - (moved % HOUR) + HOUR;
  return moved > latest || isMissed(hours[hourOf(moved)]) ? at : moved;
}

/** What is known, a sentence each, for people. */
export function describeFacts(facts: LearnedFacts, now: number): string[] {
  const { audio, slow, noEcm, hours = {} } = currentFacts(facts, now);
  const avoided = Object.keys(hours)
    .filter((hour) => isMissed(hours[hour]))
    .toSorted((a, b) => Number(a) - Number(b))
    .map((hour) => `${hour.padStart(2, '0')}:00`);
  return [
    ...(audio === undefined ? [] : [`calls get through without T.38 (${since(audio)})`]),
    ...(slow === undefined ? [] : [`calls get through at ${slow.rate} bit/s (${since(slow)})`]),
    ...(noEcm === undefined ? [] : [`calls get through without error correction (${since(noEcm)})`]),
    ...(avoided.length === 0 ? [] : [`busy or not answered in the hours from ${avoided.join(', ')} UTC`]),
  ];
}

function since({ since, confirmedAt }: Lesson): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return `since ${day(since)}, last ${day(confirmedAt)}`;
}

function gotThrough({ result }: TeachingCall): boolean {
  return result.cause === 'ok' && result.pagesConfirmed > 0;
}

/** What a call that got through shows. Settings below the first ones come from failed calls, or from an earlier lesson. */
function lessonsOf({ settings, result: { line } }: TeachingCall, now: number): Omit<LearnedFacts, 'hours'> {
  const lesson: Lesson = { since: now, confirmedAt: now };
  const trained = line !== null && line.retrains > 0 ? line.rate : settings.maxRate;
  const rate = Math.min(settings.maxRate, trained);
  return present({
    // A carrier that took T.38 all the same has shown the contrary.
    audio: !settings.t38 && line?.t38 !== true ? lesson : undefined,
    slow: rate <= SLOW && rate > 0 ? { ...lesson, rate } : undefined,
    noEcm: !settings.ecm && line?.ecm !== true ? lesson : undefined,
  });
}

/**
 * A lesson after a call. One that got through confirms it or does without it; one that failed although it was heeded
 * refutes it; others say nothing.
 */
function after<L extends Lesson>(
  old: L | undefined,
  gotThrough: object | undefined,
  shown: L | undefined,
  refuted: boolean,
): L | undefined {
  if (gotThrough === undefined) return refuted ? undefined : old;
  return shown === undefined ? undefined : { ...shown, since: old?.since ?? shown.since };
}

function tallied(hours: LearnedFacts['hours'], call: TeachingCall, now: number): LearnedFacts['hours'] {
  const hour = hourOf(call.startedAt);
  const old = hours?.[hour];
  const missed = MISSED.includes(call.result.cause);
  if (!missed && (old === undefined || !isAnswer(call.result.cause))) return hours;
  const { missed: misses, reached } = old ?? { missed: 0, reached: 0 };
  const part = misses + reached >= HOUR_MEMORY ? 0.5 : 1;
  return {
    ...hours,
    [hour]: {
      missed: misses * part + (missed ? 1 : 0),
      reached: reached * part + (missed ? 0 : 1),
      at: missed ? now : (old?.at ?? now),
    },
  };
}

function isAnswer(cause: Cause): boolean {
  return cause === 'ok' || cause === 'no_fax' || ABOUT_THE_LINE.includes(cause);
}

function isMissed(tally: HourTally | undefined): boolean {
  return tally !== undefined && tally.missed >= MISSED_ENOUGH && tally.missed >= 2 * tally.reached;
}

function hourOf(at: number): string {
  return String(new Date(at).getUTCHours());
}

function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
