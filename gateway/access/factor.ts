import type { LoginAttempt } from '../gateway.ts';
import type { AccessRow } from '../ports/account-records.ts';
import type { LoginMethod, Session, SessionLogin } from '../ports/session-store.ts';

/** A log-in, or a proof within a session that is logged in, on its way through the factors. */
export interface Presented {
  readonly attempt: LoginAttempt;
  /** Its transcript hash binds what is signed; its `login` is null at the log-in itself. */
  readonly session: Session;
  /** Where it comes from, canonical text. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * One way to say who one is. Log-in takes the first of its table that is presented, never one that the stored row
 * chooses, so that the work tells nothing of the row.
 */
export interface FirstFactor {
  readonly method: LoginMethod;
  presented(attempt: LoginAttempt): boolean;
  /** Whether somebody could guess it: such tries have a pace (`LoginTries`). */
  readonly guessable: boolean;
  /** Finds whom it names; everything that needs no row may be checked already. @throws SealError `busy` */
  begin(presented: Presented): Promise<Claim>;
}

/** Whom a first factor names. */
export interface Claim {
  /** Undefined: nobody. */
  readonly row: AccessRow | undefined;
  /** Against `row`, or against dummies of the same cost when it is undefined. Nothing is used up or written yet. */
  check(row: AccessRow | undefined): Promise<FirstVerdict>;
}

/** What a first factor found. */
export interface FirstVerdict {
  readonly right: boolean;
  /** It proves possession and person at once (a passkey that verified its user, a provider that did): no code is asked. */
  readonly suffices: boolean;
  /** Uses up what is right once, when all else holds; false refuses after all. The last step of a log-in. */
  use(): Promise<boolean>;
  /** For the audit log, ids only. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** What the session remembers of it. */
  readonly login?: Partial<Pick<SessionLogin, 'identity' | 'passkey' | 'provenAt'>>;
}

/** The second step of a user who has one. */
export interface SecondFactor {
  presented(attempt: LoginAttempt): boolean;
  /**
   * The same work for users with a second step, without one, and nobody.
   *
   * @param known a source that logged in before, whose tries in a row are counted with the first factor (`LoginTries`)
   */
  check(presented: Presented, row: AccessRow | undefined, known: boolean): Promise<SecondVerdict>;
}

/** What a second factor found. */
export interface SecondVerdict {
  /** Whether anything was presented, for the audit log. */
  readonly sent: boolean;
  /** Uses up what is right once; false when it was wrong, or used before. Asked only when the first factor was right. */
  use(): Promise<boolean>;
}

/** A verdict on what nobody has. */
export const WRONG: FirstVerdict = { right: false, suffices: false, use: async () => false };
