const PERCENT = 37;

/** Octets that stand for themselves: alphanumeric and `mark` (RFC 3261 §25.1, `unreserved`). */
const UNRESERVED = new Set(
  new TextEncoder().encode("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()"),
);

/** `%HH` undone, as UTF-8 (RFC 3261 §19.1.2); undefined when a percent sign begins nothing. */
export function unescapeUri(text: string): string | undefined {
  if (!text.includes('%')) return text;
  const written = new TextEncoder().encode(text);
  const bytes = new Uint8Array(written.length);
  let length = 0;
  for (let at = 0; at < written.length; at++) {
    const byte = written[at] ?? 0;
    const value = byte === PERCENT ? 16 * hex(written[at + 1]) + hex(written[at + 2]) : byte;
    if (!(value >= 0)) return undefined;
    if (byte === PERCENT) at += 2;
    bytes[length++] = value;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

/** `text` with all but unreserved characters and those of `also` as `%HH` of their UTF-8. */
export function escapeUri(text: string, also: string): string {
  let escaped = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    const plain = UNRESERVED.has(byte) || (byte < 128 && also.includes(character));
    escaped += plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

/** Value of a hexadecimal digit; NaN for anything else. */
function hex(byte: number | undefined): number {
  if (byte === undefined) return Number.NaN;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN;
}
