import { acceptedTotpStep, newTotpSecret, openSmall, sealSmall, wipe } from '../../crypto/index.ts';
import type { UserId } from '../fax/ids.ts';
import type { AccessRow, AccountRecords, TotpRow } from '../ports/account-records.ts';
import type { Log } from '../ports/log.ts';
import type { SecondFactor } from './factor.ts';
import type { WrongCodes } from './wrong-codes.ts';

/** What a code is compared with when none was sent: no code has its form. */
const NO_CODE = '------';

/** Seals the secret of `user`, bound to the user's id so that rows cannot be exchanged. */
export function sealTotpSecret(sealKey: Uint8Array, user: UserId, secret: Uint8Array): Promise<Uint8Array> {
  return sealSmall(sealKey, user, secret);
}

/** What the time-based code looks at and writes. */
export interface CodeParts {
  readonly accounts: Pick<AccountRecords, 'useTotpStep'>;
  readonly wrongCodes: WrongCodes;
  /** The gateway's record-seal key, 32 bytes. */
  readonly sealKey: Uint8Array;
  readonly log: Log;
}

/** The time-based code of a user who has a TOTP secret; users without one need none. */
export function createCodeFactor({ accounts, wrongCodes, sealKey, log }: CodeParts): SecondFactor {
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

  /** The time step that the code is right for; null when it is wrong, or what is stored does not open. */
  const rightStep = async (code: string | null, row: AccessRow | undefined, now: number): Promise<number | null> => {
    const spare = await dummy();
    const totp = row?.totp ?? null;
    const secret = await (row === undefined || totp === null ? open(NOBODY, spare) : open(row.user.id, totp));
    if (secret === null) return null;
    const step = acceptedTotpStep(secret, code ?? NO_CODE, now, totp?.lastStep ?? 0);
    wipe(secret);
    return step;
  };

  /**
   * A code opens once. It is used up last, so that nobody without the secret can burn the codes of others. Wrong ones from
   * elsewhere stop no known source: its own are few, because the pace of its tries counts them.
   */
  const useStep = async (
    { user, totp }: AccessRow,
    step: number | null,
    { sent, known }: { readonly sent: boolean; readonly known: boolean },
  ): Promise<boolean> => {
    if (totp === null) return true;
    if (step === null) {
      if (sent && !known) await wrongCodes.add(user.id);
      return false;
    }
    return (known || !(await wrongCodes.tooMany(user.id))) && accounts.useTotpStep(user.id, totp.sealed, step);
  };

  return {
    // Whoever presents nothing is asked for a code.
    presented: () => true,
    async check({ attempt, now }, row, known) {
      const step = await rightStep(attempt.totp, row, now);
      const sent = attempt.totp !== null;
      return { sent, use: async () => row !== undefined && useStep(row, step, { sent, known }) };
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
