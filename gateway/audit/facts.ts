import { type AuditFacts, auditLink } from '../../crypto/index.ts';
import type { AuditEntry } from '../ports/account-records.ts';
import type { SaltedEntry } from '../ports/audit-records.ts';

/** What a link holds of an entry, and an export shows: the entry as it was written. */
export function factsOf({ at, actor, address, account, action, object, detail }: AuditEntry): AuditFacts {
  return { at: new Date(at).toISOString(), actor, address, account, action, object, detail };
}

/** The link of an entry behind `before`. */
export function linkOf(before: Uint8Array, { salt, entry }: SaltedEntry): Uint8Array {
  return auditLink(before, salt, factsOf(entry));
}
