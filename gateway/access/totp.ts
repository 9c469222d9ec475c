import { acceptedTotpStep, newTotpSecret, openSmall, sealSmall, wipe } from '../../crypto/index.ts';
import type { UserId } from '../fax/ids.ts';
import type { AccessRow, TotpRow } from '../ports/account-records.ts';
import type { Log } from '../ports/log.ts';

/** What a code is compared with when none was sent: no code has its form. */
const NO_CODE = '------';

/** The verdict on a log-in's code. `step` is what has to be used up before it opens anything; null when nothing has. */
export interface CodeVerdict {
  readonly right: boolean;
  readonly step: number | null;
}

/** Checks the time-based code of a log-in against a row. */
export interface CodeCheck {
  /** The same work for users with a code, without one, and nobody. @param now milliseconds since 1970 */
  check(code: string | null, row: AccessRow | undefined, now: number): Promise<CodeVerdict>;
}

/** Seals the secret of `user`, bound to the user's id so that rows cannot be exchanged. */
export function sealTotpSecret(sealKey: Uint8Array, user: UserId, secret: Uint8Array): Promise<Uint8Array> {
  return sealSmall(sealKey, user, secret);
}

/** @param sealKey the gateway's record-seal key, 32 bytes */
export function createCodeCheck(sealKey: Uint8Array, log: Log): CodeCheck {
  let nobody: Promise<TotpRow> | undefined;
  const dummy = (): Promise<TotpRow> => {
    nobody ??= sealedDummy(sealKey);
    return nobody;
  };

  const open = (context: string, { sealed }: TotpRow): Promise<Uint8Array | null> =>
    openSmall(sealKey, context, sealed).catch(() => {
      log.warn({ user: context }, 'the TOTP secret of this user does not open; switch it off and on again');
      return null;
    });

  return {
    async check(code, row, now) {
      const spare = await dummy();
      const totp = row?.totp ?? null;
      const secret = await (row === undefined || totp === null ? open(NOBODY, spare) : open(row.user.id, totp));
      // What does not open (another key, another user's row) has no right code.
      if (secret === null) return { right: false, step: null };
      const step = acceptedTotpStep(secret, code ?? NO_CODE, now, totp?.lastStep ?? 0);
      wipe(secret);
      if (row !== undefined && totp === null) return { right: true, step: null };
      return { right: row !== undefined && step !== null, step };
    },
  };
}

/** Context of the dummy's seal; no user has this id. */
const NOBODY = 'nobody';

async function sealedDummy(sealKey: Uint8Array): Promise<TotpRow> {
  const secret = newTotpSecret();
  const sealed = await sealSmall(sealKey, NOBODY, secret);
  wipe(secret);
  return { sealed, lastStep: 0 };
}
