import type { z } from 'zod';
import type { Account, User } from '../../gateway/fax/account.ts';
import type { Role } from '../../gateway/fax/role.ts';
import { SCOPES } from '../../gateway/fax/scope.ts';
import type { AuditEntry } from '../../gateway/ports/account-records.ts';
import { masksNumbers } from '../masking.ts';
import type { AccountView, AuditView, MeView, UserView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** An account as administrators see it. */
export function accountView({
  id,
  name,
  title,
  disabled,
  paused,
  pausedReason,
  policy: { destinations, neverDial, carrierTags, ...policy },
  cidrs,
  createdAt,
  closedAt,
  eraseAt,
  erasedAt,
}: Account): AccountView {
  const lists = {
    destinations: destinations === null ? null : [...destinations],
    neverDial: [...neverDial],
    carrierTags: [...carrierTags],
  };
  return {
    ...{ id, name, title, disabled, paused, pausedReason },
    policy: { ...policy, ...lists },
    cidrs: [...cidrs],
    createdAt: isoTime(createdAt),
    closedAt: isoTimeOrNull(closedAt),
    eraseAt: isoTimeOrNull(eraseAt),
    erasedAt: isoTimeOrNull(erasedAt),
  };
}

/** A user without anything that opens a door. */
export function userView({ cidrs, createdAt, ...user }: User): UserView {
  const { id, realm, account, name, disabled, clientKey, totp, role, scope, oldSecretUntil } = user;
  const fields = { id, realm, account, name, disabled, clientKey, totp, role, scope };
  const times = { oldSecretUntil: isoTimeOrNull(oldSecretUntil), createdAt: isoTime(createdAt) };
  const scopes = realm === 'api' ? [...(user.scopes ?? SCOPES)] : [];
  return { ...fields, scopes, cidrs: [...cidrs], ...times };
}

/** An administrator to itself. */
export function meView({ id, name, totp }: User, role: Role, scope: Account | null, address: string): MeView {
  const bound = scope === null ? null : { id: scope.id, name: scope.name };
  return { id, name, role, scope: bound, totp, address, numbersMasked: masksNumbers(role) };
}

/** One entry of the audit log. */
export function auditView({
  at,
  actor,
  address,
  account,
  action,
  object,
  detail,
}: AuditEntry): z.infer<typeof AuditView> {
  return { at: isoTime(at), actor, address, account, action, object, detail };
}
