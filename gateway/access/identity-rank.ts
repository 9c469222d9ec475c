import { base64url, sha256 } from '../../crypto/index.ts';
import type { User } from '../fax/account.ts';
import type { Rank } from '../fax/role.ts';
import type { AccountRecords, Actor } from '../ports/account-records.ts';
import type { MappedRank, Vouched } from '../ports/identity-provider.ts';
import { AccessError } from './errors.ts';

/** The gateway itself, which does here what a provider's claims say. */
export const BY_CLAIMS: Actor = { who: 'gateway', address: null };

/** Why somebody whom a provider vouches for is nobody here; `reason` is for the audit log. */
export class IdentityRefusal extends AccessError {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super('identity_refused', message);
    this.reason = reason;
  }
}

/**
 * What a provider's claims make of somebody: a rank, or null where owners decide it.
 *
 * @throws IdentityRefusal when no rule fits, or the one that does names an account that there is not
 */
export async function claimedRank(rank: MappedRank, accounts: Pick<AccountRecords, 'account'>): Promise<Rank | null> {
  if (rank === 'own') return null;
  if (rank === 'none')
    throw new IdentityRefusal(
      'no_role',
      'your identity provider knows you, but no rule of this gateway gives you a role',
    );
  if (rank.account === null) return { role: rank.role, scope: null };
  const account = await accounts.account({ name: rank.account });
  if (account !== undefined) return { role: rank.role, scope: account.id };
  throw new IdentityRefusal('no_account', 'the rule that gives you a role names an account that there is not');
}

/** Whether the records say the same; always where owners decide. */
export function hasRank({ role, scope }: Pick<User, 'role' | 'scope'>, rank: Rank | null): boolean {
  return rank === null || (role === rank.role && scope === rank.scope);
}

/**
 * Names for a new administrator, the best first: what the provider calls the person, written with what a name may hold;
 * the second one is its own in any case. A name gives no rights: it never leads to a user who is there already.
 */
export function namesFor(provider: string, { name, identity }: Pick<Vouched, 'name' | 'identity'>): readonly string[] {
  const said = (name ?? '').normalize('NFKD').replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  const tidy = said.replace(/^[^A-Za-z0-9]+/, '').slice(0, 64);
  const digest = sha256(new TextEncoder().encode(JSON.stringify([identity.issuer, identity.subject])));
  const own = `${provider}-${base64url(digest)
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 12)}`;
  return tidy === '' ? [own] : [tidy, own];
}
