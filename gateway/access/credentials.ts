import {
  acceptedTotpStep,
  hashPassword,
  newTotpSecret,
  openSmall,
  sha256,
  totpSecretText,
  totpUri,
  wipe,
} from '../../crypto/index.ts';
import type { UserId } from '../fax/ids.ts';
import type { Credentials } from '../gateway.ts';
import type { AccessRow, AccountRecords, KeptSession } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Session, SessionStore } from '../ports/session-store.ts';
import { AccessError } from './errors.ts';
import { checkPassword } from './password-rules.ts';
import { newRecoveryCodes, recoveryMac } from './recovery.ts';
import { type AccessRows, accessStamp, earlierStamps } from './rows.ts';
import { sealTotpSecret } from './totp.ts';
import type { WrongCodes } from './wrong-codes.ts';

/** Changes that one session outlives; it lasts an hour. */
const MOST_STAMPS = 32;

/** What changes of passwords and codes work on. */
export interface CredentialParts {
  readonly accounts: AccountRecords;
  readonly sessions: SessionStore;
  readonly rows: AccessRows;
  readonly wrongCodes: WrongCodes;
  readonly serverKey: Uint8Array;
  readonly sealKey: Uint8Array;
  readonly clock: Clock;
}

export function createCredentials(parts: CredentialParts): Credentials {
  const { accounts, sessions, rows, wrongCodes, serverKey, sealKey, clock } = parts;
  const rowOf = async (user: UserId): Promise<AccessRow> => {
    const row = await accounts.accessById(user);
    if (row === undefined) throw new AccessError('user_unknown', 'no such user');
    return row;
  };
  const endOthers = async (user: UserId, within: Session | null): Promise<void> => {
    rows.forget();
    await sessions.endWhere(within === null ? { user } : { user, except: within.sid });
  };

  /** The step that a code of the waiting secret is right for. */
  const confirmedStep = async (user: UserId, pending: Uint8Array, code: string): Promise<number | null> => {
    const secret = await openSmall(sealKey, user, pending);
    try {
      return acceptedTotpStep(secret, code, clock.now(), 0);
    } finally {
      wipe(secret);
    }
  };

  return {
    async setPassword(user, password, actor, within) {
      const row = await rowOf(user);
      const { name } = row.user;
      const holder = { name, account: row.account?.name ?? null, totp: row.totp !== null };
      const { text, alone } = checkPassword(password, holder);
      const passwordHash = await hashPassword(text);
      const after = { ...row, verifiers: { ...row.verifiers, passwordHash } };
      const change = { verifiers: { passwordHash }, passwordAlone: alone, ...keptIn(within, row, after) };
      await accounts.updateUser(user, change, actor, clock.now());
      await endOthers(user, within);
    },

    async pendTotp(user, actor) {
      const row = await rowOf(user);
      const secret = newTotpSecret();
      try {
        const totpPending = await sealTotpSecret(sealKey, user, secret);
        await accounts.updateUser(user, { totpPending }, actor, clock.now());
        const holder = `${row.user.name}@${row.account?.name ?? 'admin'}`;
        return { secret: totpSecretText(secret), uri: totpUri(secret, 'Sealfax', holder) };
      } finally {
        wipe(secret);
      }
    },

    async confirmTotp(user, code, actor, within) {
      const pending = (await accounts.secondSteps(user))?.pending ?? null;
      if (pending === null) throw new AccessError('totp_missing', 'no authenticator waits for its first code');
      const tooMany = await wrongCodes.tooMany(user);
      const step = tooMany ? null : await confirmedStep(user, pending, code);
      if (step === null) {
        if (!tooMany) await wrongCodes.add(user);
        throw new AccessError('code_wrong', 'this is not a code of the authenticator at this moment', '/code');
      }
      const row = await rowOf(user);
      const after = { ...row, totp: { sealed: pending, lastStep: step } };
      const { kept = null } = keptIn(within, row, after);
      if (!(await accounts.confirmTotp(user, pending, step, kept, actor, clock.now())))
        throw new AccessError('totp_missing', 'another authenticator has been set up meanwhile');
      await endOthers(user, within);
    },

    async removeTotp(user, actor, within) {
      const row = await rowOf(user);
      const change = { totp: null, ...keptIn(within, row, { ...row, totp: null }) };
      await accounts.updateUser(user, change, actor, clock.now());
      await endOthers(user, within);
    },

    async newRecoveryCodes(user, actor) {
      const { totp } = await rowOf(user);
      if (totp === null)
        throw new AccessError('totp_missing', 'recovery codes stand in for an authenticator: set one up first');
      const codes = newRecoveryCodes();
      const macs = codes.map((code) => recoveryMac(serverKey, user, code));
      await accounts.putRecoveryCodes(user, macs, actor, clock.now());
      return codes;
    },
  };
}

/** The mark that lets a session outlive the change from `before` to `after` that its own user makes in it. */
function keptIn(within: Session | null, before: AccessRow, after: AccessRow): { readonly kept?: KeptSession } {
  if (within === null || within.login === null) return {};
  const { passkey } = within.login;
  const stamps = [...earlierStamps(before, within), accessStamp(before, passkey), accessStamp(after, passkey)];
  return { kept: { session: sha256(within.sid), stamps: stamps.slice(-MOST_STAMPS) } };
}
