import { concat, utf8 } from '../bytes.ts';
import { sha256 } from '../hash.ts';
import { lab } from '../label.ts';
import { canonicalJson } from './canonical-json.ts';

/** What an entry of the audit log says: any JSON object. */
export type AuditFacts = Readonly<Record<string, unknown>>;

/** The link before the first entry: 32 zeros. */
export const AUDIT_START: Uint8Array = new Uint8Array(32);

/**
 * The link of an entry, SPEC.md §11.1: it holds all entries up to this one. The salt keeps whoever sees a link alone from
 * trying out what the entry may say.
 *
 * @param before link of the entry before it, 32 octets
 * @param salt of this entry alone, 16 octets
 */
export function auditLink(before: Uint8Array, salt: Uint8Array, facts: AuditFacts): Uint8Array {
  const leaf = sha256(concat(lab('audit-entry'), salt, utf8(canonicalJson(facts))));
  return sha256(concat(lab('audit-link'), before, leaf));
}
