import type { MappedRank } from '../../gateway/ports/identity-provider.ts';
import type { ProviderConfig } from './config.ts';
import { OpenIdError } from './errors.ts';

/** What a provider says of somebody: members of an ID token or of its UserInfo answer. */
export type Claims = Readonly<Record<string, unknown>>;

/** Members of a claim that are looked at. */
const MOST_VALUES = 1_000;
/** Longest subject (OpenID Connect Core §2: 255 ASCII characters). */
const MOST_SUBJECT = 255;

/** The rank that the rules of a provider give; the first that fits counts. */
export function rankOf(claims: Claims, { roles, roleClaim }: Pick<ProviderConfig, 'roles' | 'roleClaim'>): MappedRank {
  if (roles.length === 0) return 'own';
  const values = valuesAt(claims, roleClaim);
  const fits = roles.find(({ value }) => values.has(value));
  return fits === undefined ? 'none' : { role: fits.role, account: fits.account ?? null };
}

/** Whether somebody is in a group that may come in. @throws OpenIdError claims_refused */
export function checkGroups(claims: Claims, { groups }: Pick<ProviderConfig, 'groups'>): void {
  if (groups === undefined) return;
  const values = valuesAt(claims, groups.claim);
  if (!groups.any.some((group) => values.has(group)))
    throw new OpenIdError('claims_refused', 'in none of the groups that may come in');
}

/** Whether the provider has looked as closely as it was asked to. @throws OpenIdError claims_refused */
export function checkAcr(claims: Claims, { acr }: Pick<ProviderConfig, 'acr'>): void {
  if (acr.length === 0) return;
  if (typeof claims.acr !== 'string' || !acr.includes(claims.acr))
    throw new OpenIdError('claims_refused', 'signed in at the provider with less than is asked for');
}

/** What the person is called at the provider; null when it says nothing that can be a name. */
export function nameOf(claims: Claims, { nameClaim }: Pick<ProviderConfig, 'nameClaim'>): string | null {
  const value = claimAt(claims, nameClaim);
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null;
}

/** The subject. @throws OpenIdError claims_refused for one that no provider may give */
export function subjectOf({ sub }: Claims): string {
  if (typeof sub === 'string' && sub !== '' && sub.length <= MOST_SUBJECT) return sub;
  throw new OpenIdError('claims_refused', 'without a subject');
}

/** A claim that is text, such as `sid`; null for anything else. */
export function textOf(value: unknown, most = 400): string | null {
  return typeof value === 'string' && value !== '' && value.length <= most ? value : null;
}

/** A claim by its path. Only members of the objects themselves are found, nothing that every object has. */
function claimAt(claims: Claims, path: string | readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of typeof path === 'string' ? [path] : path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

/** A text is one value, a list those of its members that are texts. */
function valuesAt(claims: Claims, path: string | readonly string[]): ReadonlySet<string> {
  const value = claimAt(claims, path);
  const values: readonly unknown[] = Array.isArray(value) ? value.slice(0, MOST_VALUES) : [value];
  return new Set(values.filter((one) => typeof one === 'string'));
}
