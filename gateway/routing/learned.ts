import type { CallResult } from '../fax/call-result.ts';
import type { Fax } from '../fax/fax.ts';
import { describeFacts, learn, quietAt, type TeachingCall, teaches } from '../fax/learned.ts';
import type { Lessons } from '../gateway.ts';
import type { Clock } from '../ports/clock.ts';
import type { LearnedRecords } from '../ports/learned-records.ts';
import type { Log } from '../ports/log.ts';

/** What is learned from calls with. */
export interface LearnedParts {
  readonly records: LearnedRecords;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly log: Log;
  /** Days that CDRs are kept where the policy of their account says nothing else; 0 means for good. */
  readonly retentionDays: number;
}

/** Learns from calls, and says what was learned. */
export interface Learned extends Lessons {
  /** A call of `fax` has ended. Never throws: a lesson that is lost is learned again. */
  heard(fax: Pick<Fax, 'account' | 'to' | 'line'>, result: CallResult): Promise<void>;
  /** When to call again instead of at `at`: later, where the number is known to be busy then and the fax has the time. */
  quieter(fax: Pick<Fax, 'to' | 'deadline' | 'retryInterval'>, at: number): Promise<number>;
  /** Forgets what is too old or too much; from time to time, in any process. */
  tidy(): Promise<void>;
}

/** Numbers of which something is remembered at most, some hundred octets each. */
const MOST_NUMBERS = 200_000;
/** A retry is put off by so much at most, ms: whoever waits for a fax has not asked for a quiet line. */
const LONGEST_WAIT = 2 * 3_600_000;
/** Pause between two tidyings, ms. */
const TIDY_EVERY = 600_000;

/** @see Learned */
export function createLearned({ records, clock, log, retentionDays }: LearnedParts): Learned {
  let tidiedAt = Number.NEGATIVE_INFINITY;
  const lost = (error: unknown) => log.warn({ error: String(error) }, 'what a call has taught could not be kept');
  return {
    async heard(fax, result) {
      const now = clock.now();
      const call: TeachingCall = { settings: fax.line, result, startedAt: now };
      const about = teaches(call);
      if (about === 'nothing') return;
      const options = { known: about === 'known', account: fax.account, days: retentionDays };
      await records.learn(fax.to, (facts) => learn(facts, call, now), options, now).catch(lost);
    },
    async quieter({ to, deadline, retryInterval }, at) {
      const now = clock.now();
      const known = await records.learned(to, now).catch(() => undefined);
      if (known === undefined) return at;
      // One more call has to fit in before the deadline.
      const last = deadline === null ? Number.POSITIVE_INFINITY : deadline - 1_000 * retryInterval;
      return quietAt(known.facts, at, Math.min(at + LONGEST_WAIT, last), now);
    },
    async tidy() {
      if (clock.monotonic() - tidiedAt < TIDY_EVERY) return;
      tidiedAt = clock.monotonic();
      await records.tidy(MOST_NUMBERS, clock.now());
    },
    async about(number) {
      const now = clock.now();
      const known = await records.learned(number, now);
      return known === undefined ? undefined : { ...known, sentences: describeFacts(known.facts, now) };
    },
    forget: (number, actor) => records.forget(number, actor, clock.now()),
  };
}
