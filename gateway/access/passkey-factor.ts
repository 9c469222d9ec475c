import { base64url, passkeyChallenge } from '../../crypto/index.ts';
import type { UserId } from '../fax/ids.ts';
import type { LoginAttempt } from '../gateway.ts';
import type { AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { Log } from '../ports/log.ts';
import type { PasskeyRow } from '../ports/passkey-records.ts';
import { type FirstFactor, type FirstVerdict, type Presented, WRONG } from './factor.ts';
import type { PasskeyChallenges } from './passkey-challenge.ts';
import { checkAssertion } from './webauthn.ts';

/** What the factor looks at. */
export interface PasskeyFactorParts {
  readonly accounts: Pick<AccountRecords, 'passkeyOf' | 'usePasskey' | 'accessById'>;
  readonly challenges: PasskeyChallenges;
  /** Origins of the console. */
  readonly origins: () => readonly string[];
  readonly log: Log;
}

/**
 * A passkey says whose it is, and that its keeper has verified the person: possession and person at once, so that no
 * code is asked. What it answers at a log-in is derived from the session's transcript, within a session a challenge that
 * was made for it. A credential id is found by nobody who has not met it, so that what is unknown costs what it costs.
 */
export function createPasskeyFactor({ accounts, challenges, origins, log }: PasskeyFactorParts): FirstFactor {
  const challengeOf = async ({ session, now }: Presented): Promise<(challenge: string) => boolean> => {
    if (session.login !== null) return (challenge) => challenges.holds(challenge, session.th, now);
    const derived = await passkeyChallenge(session.th);
    return (challenge) => challenge === derived;
  };

  const check = async (presented: Presented, passkey: PasskeyRow): Promise<FirstVerdict> => {
    const { passkey: assertion } = presented.attempt;
    if (assertion === null) return WRONG;
    const ceremony = { origins: origins(), isChallenge: await challengeOf(presented) };
    const verdict = await checkAssertion(assertion, passkey, ceremony);
    const facts = { user: passkey.user, passkey: passkey.id };
    if (verdict.fault !== null) {
      log.info({ ...facts, fault: verdict.fault }, 'the answer of a passkey does not hold');
      return WRONG;
    }
    const { counter } = verdict.holds;
    return {
      right: true,
      suffices: true,
      async use() {
        const used = await accounts.usePasskey(passkey.id, counter, presented.now);
        if (!used && counter <= passkey.counter)
          log.warn({ ...facts, alert: 'passkey_counter' }, 'a passkey counted back: there may be a copy of it');
        return used;
      },
      detail: { passkey: passkey.id },
      login: { passkey: passkey.id },
    };
  };

  return {
    method: 'passkey',
    guessable: false,
    presented: ({ passkey }) => passkey !== null,
    async begin(presented) {
      const { attempt } = presented;
      const passkey = await accounts.passkeyOf(attempt.passkey?.id ?? '');
      const row = passkey === undefined ? undefined : await accounts.accessById(passkey.user);
      if (passkey === undefined || row === undefined || !names(attempt, row)) return { row: undefined, check: nobodys };
      return { row, check: async (looked) => (looked === undefined ? WRONG : check(presented, passkey)) };
    },
  };
}

const nobodys = async (): Promise<FirstVerdict> => WRONG;

/** Whether what was sent beside the passkey is about its holder, where it says anything. */
function names({ realm, account, user, passkey }: LoginAttempt, row: AccessRow): boolean {
  const handle = passkey?.userHandle ?? null;
  const isHolder = handle === null || handle === userHandle(row.user.id);
  const isNamed = user === '' || (user === row.user.name && account === null);
  return realm === 'admin' && row.user.realm === 'admin' && isHolder && isNamed;
}

/** What stands for a user in its passkeys: the id and nothing of the person (Web Authentication Level 3 §14.6.1). */
export function userHandle(user: UserId): string {
  return base64url(new TextEncoder().encode(user));
}
