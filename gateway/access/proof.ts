import type { LoginAttempt } from '../gateway.ts';
import type { AccessRow } from '../ports/account-records.ts';
import type { LoginMethod } from '../ports/session-store.ts';
import { AccessError } from './errors.ts';
import type { FirstFactor, FirstVerdict, Presented, SecondFactor } from './factor.ts';
import type { LoginTries } from './login-tries.ts';

/** What both factors said of a log-in, before anything of them is used up. */
export interface Proof extends Pick<FirstVerdict, 'right' | 'detail' | 'login'> {
  /** Whom it named; undefined: nobody. */
  readonly row: AccessRow | undefined;
  readonly method: LoginMethod;
  /** It came too soon after others and was looked at against nobody. */
  readonly tooSoon: boolean;
  /**
   * Uses up what is right once, when the first factor was right. Null: both hold. Otherwise they do not after all, and
   * why, for the audit log.
   */
  use(): Promise<Readonly<Record<string, unknown>> | null>;
  /** The log-in was right in everything: counting of tries begins anew. */
  end(): Promise<void>;
}

/** Both factors of a log-in, or of a proof within a session. */
export interface Proofs {
  /** The same work for whomever it names. @throws AccessError access_denied; SealError `busy` */
  check(presented: Presented): Promise<Proof>;
}

/** The factors, in the order in which they are looked for. */
export interface ProofParts {
  readonly first: readonly FirstFactor[];
  /** The last one takes what none before it does. */
  readonly second: readonly SecondFactor[];
  readonly tries: LoginTries;
}

export function createProofs({ first, second, tries }: ProofParts): Proofs {
  const factorOf = (attempt: LoginAttempt): FirstFactor => {
    const factor = first.find((one) => one.presented(attempt));
    // Nobody's row has been looked at: this says what the gateway takes, and nothing of anybody.
    if (factor === undefined) throw new AccessError('access_denied', 'this gateway does not take such a log-in');
    return factor;
  };
  const secondOf = (attempt: LoginAttempt): SecondFactor | undefined => second.find((one) => one.presented(attempt));

  return {
    async check(presented) {
      const { attempt, address } = presented;
      const { begin, method, guessable } = factorOf(attempt);
      const claim = await begin(presented);
      const { row } = claim;
      const stored = row?.verifiers.passwordHash ?? null;
      const taken = guessable ? await tries.take(attempt, address, stored) : null;
      const tooSoon = taken === 'too_soon';
      // What comes too soon costs the same and is looked at against nobody.
      const looked = tooSoon ? undefined : row;
      const verdict = await claim.check(looked);
      const code = await secondOf(attempt)?.check(presented, looked, taken === 'known');
      const { right, suffices, detail = {}, login = {} } = verdict;
      return {
        ...{ row, method, tooSoon, right, detail, login },
        async use() {
          if (!suffices && !(await code?.use())) return { code: code?.sent === true ? 'wrong' : 'missing' };
          return (await verdict.use()) ? null : { used: method };
        },
        async end() {
          if (taken !== null) await tries.end(attempt, address, stored, taken);
        },
      };
    },
  };
}
