import { apiSecretVerifier, fromBase64url, hashPassword, newApiSecret, pinOf } from '../../crypto/index.ts';
import type { Account, Realm, User } from '../fax/account.ts';
import type { AccountId, UserId } from '../fax/ids.ts';
import { OWNER, type Rank } from '../fax/role.ts';
import type { Scope } from '../fax/scope.ts';
import type { Credentials, UserChange } from '../gateway.ts';
import type { AccountRecords, Actor } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { actorOf } from './actor.ts';
import { parseRules } from './cidr.ts';
import { AccessError } from './errors.ts';
import { checkPassword } from './password-rules.ts';
import type { AccessRows } from './rows.ts';

/** What changes of users and accounts work on. */
export interface ChangeParts {
  readonly accounts: AccountRecords;
  readonly sessions: SessionStore;
  readonly rows: AccessRows;
  readonly steps: Credentials;
  readonly serverKey: Uint8Array;
  readonly clock: Clock;
}

/** The changes of users and accounts. Each ends the sessions that it concerns. */
export function createUserChanges({ accounts, sessions, rows, steps, serverKey, clock }: ChangeParts) {
  const accountName = async (id: AccountId | null): Promise<string | null> =>
    id === null ? null : ((await accounts.account(id))?.name ?? null);

  const revoke = async (match: { readonly user?: UserId; readonly account?: AccountId }): Promise<void> => {
    rows.forget();
    await sessions.endWhere(match);
  };

  return {
    async createApiUser(
      account: AccountId,
      name: string,
      cidrs: readonly string[],
      actor: string | Actor,
      scopes: readonly Scope[] | null = null,
    ) {
      const secret = newApiSecret();
      const verifiers = { passwordHash: null, secretMac: apiSecretVerifier(serverKey, secret) };
      const row = {
        realm: 'api' as const,
        account,
        name: checkName(name),
        verifiers,
        cidrs: parseRules(cidrs),
        scopes,
      };
      return { user: await accounts.createUser(row, actorOf(actor), clock.now()), secret };
    },

    async createPasswordUser(
      realm: Realm,
      account: AccountId | null,
      name: string,
      password: string,
      cidrs: readonly string[],
      actor: string | Actor,
      rank: Rank = OWNER,
      scopes: readonly Scope[] | null = null,
    ): Promise<User> {
      if ((realm === 'admin') !== (account === null)) {
        throw new AccessError('realm_mismatch', 'API users belong to an account, admin users to none', '/account');
      }
      const wish = { realm, account, name: checkName(name), cidrs: parseRules(cidrs) };
      const row = realm === 'admin' ? { ...wish, rank } : { ...wish, scopes };
      const holder = { name, account: await accountName(account), totp: false };
      const verifiers = { passwordHash: await hashPassword(checkPassword(password, holder).text), secretMac: null };
      return accounts.createUser({ ...row, verifiers }, actorOf(actor), clock.now());
    },

    async rotateSecret(user: UserId, actor: string | Actor, overlap = 0): Promise<string> {
      const row = await accounts.accessById(user);
      if (row === undefined) throw new AccessError('user_unknown', 'no such user');
      if (row.user.realm !== 'api')
        throw new AccessError('realm_mismatch', 'admin users have a password, no API secret');
      const secret = newApiSecret();
      const verifiers = { secretMac: apiSecretVerifier(serverKey, secret) };
      const overlapUntil = overlap === 0 ? null : clock.now() + overlap;
      await accounts.updateUser(user, { verifiers, overlapUntil }, actorOf(actor), clock.now());
      if (overlap === 0) await revoke({ user });
      else rows.forget();
      return secret;
    },

    async endOldSecret(user: UserId, actor: string | Actor): Promise<User> {
      const changed = await accounts.updateUser(user, { overlapUntil: null }, actorOf(actor), clock.now());
      await revoke({ user });
      return changed;
    },

    async setPassword(user: UserId, password: string, actor: string | Actor): Promise<void> {
      await steps.setPassword(user, password, actorOf(actor), null);
    },
    enableTotp: (user: UserId, actor: string | Actor) => steps.pendTotp(user, actorOf(actor)),
    async confirmTotp(user: UserId, code: string, actor: string | Actor): Promise<void> {
      await steps.confirmTotp(user, code, actorOf(actor), null);
    },
    async disableTotp(user: UserId, actor: string | Actor): Promise<void> {
      await steps.removeTotp(user, actorOf(actor), null);
    },

    async changeUser(user: UserId, change: UserChange, actor: string | Actor): Promise<User> {
      const cidrs = change.cidrs === undefined ? {} : { cidrs: parseRules(change.cidrs) };
      if (typeof change.clientKey === 'string') await checkClientKey(change.clientKey);
      const changed = await accounts.updateUser(user, { ...change, ...cidrs }, actorOf(actor), clock.now());
      await revoke({ user });
      return changed;
    },

    async changeAccount(
      account: AccountId,
      change: Parameters<AccountRecords['updateAccount']>[1],
      actor: string | Actor,
    ): Promise<Account> {
      const cidrs = change.cidrs === undefined ? {} : { cidrs: parseRules(change.cidrs) };
      const sealedKey = change.policy?.sealedInboundKey;
      if (typeof sealedKey === 'string') await checkClientKey(sealedKey, '/policy/sealedInboundKey');
      const changed = await accounts.updateAccount(account, { ...change, ...cidrs }, actorOf(actor), clock.now());
      if (endsSessions(change)) await revoke({ account });
      else rows.forget();
      return changed;
    },
  };
}

function endsSessions(change: Parameters<AccountRecords['updateAccount']>[1]): boolean {
  const { disabled, cidrs, policy } = change;
  const admission = [policy?.tlsIntercepted, policy?.allowSuite128, policy?.localPasswords];
  return disabled === true || cidrs !== undefined || admission.some((field) => field !== undefined);
}

/** Names stand in connection strings before `@host`, so they keep to characters that need no escape there. */
function checkName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  throw new AccessError('name_invalid', '1 to 64 letters, digits, dots, hyphens or underscores', '/name');
}

async function checkClientKey(spki: string, pointer = '/clientKey'): Promise<void> {
  try {
    await pinOf(fromBase64url(spki));
  } catch {
    throw new AccessError('client_key_invalid', 'not a P-521 public key as base64url of its SPKI', pointer);
  }
}
