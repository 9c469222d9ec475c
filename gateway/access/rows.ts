import { base64url, constantTimeEqual, sha256 } from '../../crypto/index.ts';
import type { Verifiers } from '../fax/account.ts';
import type { PasskeyId, UserId } from '../fax/ids.ts';
import type { AccountPolicy } from '../fax/policy.ts';
import type { AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Session } from '../ports/session-store.ts';

/** Rows are read again after this time, so that a revocation elsewhere is felt within 5 s. Milliseconds. */
const ROW_AGE = 2_000;
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

const accessPolicy = ({ tlsIntercepted, allowSuite128, localPasswords }: AccountPolicy) => [
  tlsIntercepted,
  allowSuite128,
  localPasswords,
];

/** While an older secret goes on beside the present one, sessions rest on it: they end with it, and not before. */
function lastingSecret({ secretMac, oldSecret }: Verifiers): string | null {
  const mac = oldSecret?.mac ?? secretMac;
  return mac === null ? null : base64url(mac);
}

/**
 * A digest of everything a session rests on. When it changes, the session ends: new password, new rules, disabled.
 *
 * @param passkey the one that the session was logged in to with; null: none
 */
export function accessStamp(row: AccessRow, passkey: PasskeyId | null): string {
  const { user, account, verifiers, totp } = row;
  const facts = [
    [user.disabled, user.cidrs, user.clientKey],
    [user.role, user.scope, row.scopeDisabled, user.scopes],
    [verifiers.passwordHash, lastingSecret(verifiers)],
    totp === null ? null : base64url(totp.sealed),
    account === null ? null : [account.disabled, account.cidrs, accessPolicy(account.policy)],
    passkey === null || row.passkeys.includes(passkey),
  ];
  return base64url(sha256(new TextEncoder().encode(JSON.stringify(facts))));
}

/** A session as far as its rights are concerned. */
export type HeldSession = Pick<Session, 'sid' | 'login'>;

/** Whether the row still is what the session was logged in on, or what its own user has made of it within the session. */
export function sessionHolds(row: AccessRow, { sid, login }: HeldSession): boolean {
  if (login === null) return false;
  const stamp = accessStamp(row, login.passkey);
  return login.stamp === stamp || earlierStamps(row, { sid, login }).includes(login.stamp);
}

/** Stamps that the session has outlived; none when it is not the one, or something else has changed since. */
export function earlierStamps({ kept, ...row }: AccessRow, { sid, login }: HeldSession): readonly string[] {
  if (kept === null || login === null || !constantTimeEqual(kept.session, sha256(sid))) return [];
  return kept.stamps.at(-1) === accessStamp({ kept, ...row }, login.passkey) ? kept.stamps : [];
}
