import { concat, utf8 } from '../bytes.ts';
import { lab } from '../label.ts';
import { canonicalJson } from './canonical-json.ts';

/** What an entry of the audit log says: any JSON object. */
export type AuditFacts = Readonly<Record<string, unknown>>;

/** The link before the first entry: 32 zeros. */
export const AUDIT_START: Uint8Array = new Uint8Array(32);

/** What a leaf is the SHA-256 of. */
export function entryOctets(salt: Uint8Array, facts: AuditFacts): Uint8Array {
  return concat(lab('audit-entry'), salt, utf8(canonicalJson(facts)));
}

/** What a link is the SHA-256 of. */
export function linkOctets(before: Uint8Array, leaf: Uint8Array): Uint8Array {
  return concat(lab('audit-link'), before, leaf);
}
