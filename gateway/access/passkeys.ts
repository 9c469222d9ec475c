import type { PasskeyId, UserId } from '../fax/ids.ts';
import type { Passkeys, Principal } from '../gateway.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { PasskeyRow } from '../ports/passkey-records.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { AccessError } from './errors.ts';
import type { PasskeyChallenges } from './passkey-challenge.ts';
import { userHandle } from './passkey-factor.ts';
import type { AccessRows } from './rows.ts';
import { checkRegistration, PASSKEY_ALGORITHMS, type PasskeyFault } from './webauthn.ts';

/** What passkeys are kept by. */
export interface PasskeyParts {
  readonly accounts: Pick<AccountRecords, 'addPasskey' | 'passkeys' | 'renamePasskey' | 'removePasskey'>;
  readonly sessions: Pick<SessionStore, 'list' | 'end'>;
  readonly rows: Pick<AccessRows, 'forget'>;
  readonly challenges: PasskeyChallenges;
  /** Origins of the console. */
  readonly origins: () => readonly string[];
  readonly clock: Pick<Clock, 'now'>;
}

/** What whoever registers a passkey is told; at a log-in nothing of it is. */
const SENTENCES: Readonly<Record<PasskeyFault, string>> = {
  malformed: 'this is not the answer of a browser that was asked for a passkey',
  challenge: 'the challenge was not made for this session, or more than five minutes ago',
  origin:
    'the gateway does not know the console by this address; SEALFAX_NAMES and SEALFAX_CONSOLE_ORIGINS say which are its own',
  framed: 'the console was inside another page',
  attestation: 'the passkey came with a certificate, which is not asked for',
  authenticator: 'the keeper of the passkey has not verified you, or its signature does not hold',
};

/** Registering, listing, naming and removing passkeys. */
export function createPasskeyDesk({ accounts, sessions, rows, challenges, origins, clock }: PasskeyParts): Passkeys {
  const endRestingOn = async (user: UserId, passkey: PasskeyId): Promise<void> => {
    rows.forget();
    const resting = (await sessions.list({ user })).filter(({ login }) => login?.passkey === passkey);
    await Promise.all(resting.map(({ sid }) => sessions.end(sid)));
  };

  return {
    async options(principal) {
      const { user } = principal;
      const known = await accounts.passkeys(user.id);
      return {
        challenge: challenges.make(transcriptOf(principal), clock.now()),
        user: { handle: userHandle(user.id), name: user.name },
        algorithms: PASSKEY_ALGORITHMS,
        known: known.map(({ credential, transports, host }) => ({ credential, transports, host })),
      };
    },
    async add(principal, name, registration, actor) {
      const th = transcriptOf(principal);
      const isChallenge = (challenge: string) => challenges.holds(challenge, th, clock.now());
      const verdict = await checkRegistration(registration, { origins: origins(), isChallenge });
      if (verdict.fault !== null) throw new AccessError('passkey_invalid', SENTENCES[verdict.fault]);
      const user = principal.user.id;
      const made = await accounts.addPasskey({ ...verdict.holds, user, name }, actor, clock.now());
      rows.forget();
      return made;
    },
    list: async (user) => (await accounts.passkeys(user)).map(withoutKey),
    async rename(user, id, name, actor) {
      const renamed = await accounts.renamePasskey(user, id, name, actor, clock.now());
      if (renamed === undefined) throw unknown();
      return renamed;
    },
    async remove(user, id, actor) {
      if (!(await accounts.removePasskey(user, id, actor, clock.now()))) throw unknown();
      await endRestingOn(user, id);
    },
  };
}

const unknown = (): AccessError => new AccessError('passkey_unknown', 'the user has no such passkey');

function withoutKey({ id, user, name, host, synced, createdAt, usedAt }: PasskeyRow) {
  return { id, user, name, host, synced, createdAt, usedAt };
}

/** Administrators have a sealed session, always. */
function transcriptOf({ session }: Principal): Uint8Array {
  if (session === null) throw new AccessError('sealed_required', 'passkeys answer within a sealed session');
  return session.th;
}
