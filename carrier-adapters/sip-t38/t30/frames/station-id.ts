import { mirrored } from '../bit-order.ts';

/** Characters of TSI, CSI, CIG, SUB, SEP, PWD and SID (T.30 §5.3.6.2.4 to §5.3.6.2.11). */
const LENGTH = 20;

/** Digits, `+` and space make an identification (table 3); SUB, SEP, PWD and SID have `*` and `#` besides. */
const NOT_ID = /[^0-9+ ]/g;
const NOT_SUBADDRESS = /[^0-9*# ]/g;

const SPACE = 0x20;

/**
 * The FIF of an identification: 20 characters, the last one first and each with its least significant bit first.
 * Characters that it cannot hold are left out, and all over the 20th.
 */
export function identificationFif(id: string): Uint8Array {
  return fifOf(id.replace(NOT_ID, ''));
}

/** The FIF of SUB, SEP, PWD or SID, coded alike. */
export function subaddressFif(text: string): Uint8Array {
  return fifOf(text.replace(NOT_SUBADDRESS, ''));
}

/** What such a FIF says: printable characters only, trimmed, at most 20; null when nothing is left. */
export function parseIdentification(fif: Uint8Array): string | null {
  let text = '';
  for (const octet of fif.subarray(0, LENGTH)) {
    const code = mirrored(octet) & 0x7f;
    text = (code >= SPACE && code < 0x7f ? String.fromCharCode(code) : ' ') + text;
  }
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}

/** The digits of SUB; null when there is none. */
export function parseSubaddress(fif: Uint8Array): string | null {
  const digits = (parseIdentification(fif) ?? '').replace(/[^0-9]/g, '');
  return digits === '' ? null : digits;
}

function fifOf(text: string): Uint8Array {
  const characters = text.trim().slice(0, LENGTH);
  return Uint8Array.from({ length: LENGTH }, (_, i) =>
    mirrored(characters.charCodeAt(characters.length - 1 - i) || SPACE),
  );
}
