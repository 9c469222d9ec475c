import { base64url, sha256 } from '../../crypto/index.ts';
import type { UserId } from '../fax/ids.ts';
import type { AccountPolicy } from '../fax/policy.ts';
import type { AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';

/** Rows are read again after this time, so that a revocation elsewhere is felt within 5 s. Milliseconds. */
export const ROW_AGE = 2_000;
/** Rows kept; the oldest go first. */
const MAX_ROWS = 10_000;

interface Cached {
  readonly row: Promise<AccessRow | undefined>;
  readonly at: number;
}

/** Access rows by user, at most `ROW_AGE` old. */
export interface AccessRows {
  row(user: UserId): Promise<AccessRow | undefined>;
  /** Forgets what a change in this process has made stale. */
  forget(): void;
}

export function createAccessRows(accounts: Pick<AccountRecords, 'accessById'>, clock: Clock): AccessRows {
  const cache = new Map<UserId, Cached>();
  const read = (user: UserId): Promise<AccessRow | undefined> => {
    const row = accounts.accessById(user);
    cache.delete(user);
    cache.set(user, { row, at: clock.monotonic() });
    row.catch(() => cache.delete(user));
    if (cache.size > MAX_ROWS) dropFirst(cache);
    return row;
  };
  return {
    row(user) {
      const cached = cache.get(user);
      if (cached !== undefined && clock.monotonic() - cached.at < ROW_AGE) return cached.row;
      return read(user);
    },
    forget: () => cache.clear(),
  };
}

function dropFirst(map: Map<unknown, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

const accessPolicy = ({ tlsIntercepted, allowSuite128 }: AccountPolicy) => [tlsIntercepted, allowSuite128];

/** A digest of everything a session rests on. When it changes, the session ends: new password, new rules, disabled. */
export function accessStamp(row: AccessRow): string {
  const { user, account, verifiers, totp } = row;
  const facts = [
    [user.disabled, user.cidrs, user.clientKey],
    [user.role, user.scope, row.scopeDisabled],
    [verifiers.passwordHash, verifiers.secretMac === null ? null : base64url(verifiers.secretMac)],
    totp === null ? null : base64url(totp.sealed),
    account === null ? null : [account.disabled, account.cidrs, accessPolicy(account.policy)],
  ];
  return base64url(sha256(new TextEncoder().encode(JSON.stringify(facts))));
}
