import { utf8 } from './bytes.ts';

/**
 * `lab(s)` of SPEC.md §2: ASCII "sfx1 ", the word, one zero octet. Every derivation and signature starts with its own
 * label, so that no two uses can be taken for one another; the zero octet keeps one label from being a prefix of another.
 */
export function lab(word: string): Uint8Array {
  return utf8(`sfx1 ${word}\0`);
}
