import type { AccountId } from './ids.ts';

/**
 * What administrators may do, each role all of those before it: an auditor looks, an operator does the day's work, an
 * admin changes accounts and their users, an owner makes administrators.
 */
export const ROLES = ['auditor', 'operator', 'admin', 'owner'] as const;

export type Role = (typeof ROLES)[number];

/** What an administrator is. */
export interface Rank {
  readonly role: Role;
  /** The one account that it is for; null: all of them, and the gateway itself. An owner is never bound. */
  readonly scope: AccountId | null;
}

/** Who makes the administrators: every gateway has at least one. */
export const OWNER: Rank = { role: 'owner', scope: null };

/** Whether `role` may do what asks for `least`. */
export function reaches(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}
