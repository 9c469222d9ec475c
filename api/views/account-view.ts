import type { z } from 'zod';
import type { Account, User } from '../../gateway/fax/account.ts';
import type { AuditEntry } from '../../gateway/ports/account-records.ts';
import type { AccountView, AuditView, UserView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

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
  };
}

/** A user without anything that opens a door. */
export function userView({ id, realm, account, name, disabled, cidrs, clientKey, totp, createdAt }: User): UserView {
  return { id, realm, account, name, disabled, cidrs: [...cidrs], clientKey, totp, createdAt: isoTime(createdAt) };
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
