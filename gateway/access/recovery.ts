import { hmacSha256, randomBytes } from '../../crypto/index.ts';
import type { UserId } from '../fax/ids.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { SecondFactor } from './factor.ts';

/** How many a user gets at once. */
const RECOVERY_CODES = 10;
/** 80 bits, far more than the 64 of NIST SP 800-63B §3.1.2.1: nobody guesses one, so that none needs a pace. Characters. */
const LENGTH = 16;
/** Crockford's base32: nothing in it is taken for something else when it is read from paper. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Fresh recovery codes, in groups of four for people: `4GZT-9P0M-…`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = [...randomBytes(LENGTH)].map((octet) => ALPHABET.charAt(octet & 31)).join('');
    return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
  });
}

/** What is stored of a code: bound to its user, so that rows cannot be exchanged. How it was typed does not matter. */
export function recoveryMac(serverKey: Uint8Array, user: UserId | null, code: string): Uint8Array {
  const letters = code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return hmacSha256(serverKey, new TextEncoder().encode(JSON.stringify(['recovery code', user, letters])));
}

/** What a recovery code looks at and writes. */
export interface RecoveryParts {
  readonly accounts: Pick<AccountRecords, 'useRecoveryCode'>;
  readonly serverKey: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
}

/** A recovery code in the place of an authenticator's. Users without an authenticator need none, and none is used up. */
export function createRecoveryFactor({ accounts, serverKey, clock }: RecoveryParts): SecondFactor {
  return {
    presented: ({ recovery }) => recovery !== null,
    async check({ attempt, address }, row) {
      const mac = recoveryMac(serverKey, row?.user.id ?? null, attempt.recovery ?? '');
      const use = async (): Promise<boolean> => {
        if (row === undefined || row.totp === null) return row !== undefined;
        return accounts.useRecoveryCode(row.user.id, mac, address, clock.now());
      };
      return { sent: true, use };
    },
  };
}
