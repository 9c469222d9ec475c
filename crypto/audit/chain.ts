import { sha256 } from '../hash.ts';
import { type AuditFacts, entryOctets, linkOctets } from './octets.ts';

/**
 * The link of an entry, SPEC.md §11.1: it holds all entries up to this one. The salt keeps whoever sees a link alone from
 * trying out what the entry may say.
 *
 * @param before link of the entry before it, 32 octets
 * @param salt of this entry alone, 16 octets
 */
export function auditLink(before: Uint8Array, salt: Uint8Array, facts: AuditFacts): Uint8Array {
  return sha256(linkOctets(before, sha256(entryOctets(salt, facts))));
}
