import { concat, u32, utf8 } from '../bytes.ts';
import { digestSha512, hkdfExpand, hkdfExtract, mac, SHA512_SIZE } from '../digest.ts';
import { lab } from '../label.ts';
import { wipe } from '../wipe.ts';

/** Octets of `fin` in the answer: the first half of HMAC-SHA-512. */
export const FIN_SIZE = 32;

/** th = SHA-512( lab("transcript") ‖ u32|CH| ‖ CH ‖ u32|HJ| ‖ HJ ‖ u32|SJ| ‖ SJ ) over the exact bytes as sent. */
export async function transcriptHash(ch: Uint8Array, hj: string, sj: string): Promise<Uint8Array> {
  const parts = [ch, utf8(hj), utf8(sj)].flatMap((part) => [u32(part.length), part]);
  return digestSha512(concat(lab('transcript'), ...parts));
}

/** What both sides hold after the exchange. */
export interface SessionSecrets {
  /** 64 octets: requests. */
  readonly c2s: Uint8Array;
  /** 64 octets: responses. */
  readonly s2c: Uint8Array;
  /** 32 octets: the server's proof that it holds the keys. */
  readonly fin: Uint8Array;
}

/** The key schedule of SPEC.md §4. Z is zeroed here, prk never leaves. */
export async function deriveSession(th: Uint8Array, z: Uint8Array): Promise<SessionSecrets> {
  const prk = await hkdfExtract(th, z);
  const c2s = await hkdfExpand(prk, concat(lab('c2s'), th), SHA512_SIZE);
  const s2c = await hkdfExpand(prk, concat(lab('s2c'), th), SHA512_SIZE);
  const finKey = await hkdfExpand(prk, concat(lab('s fin'), th), SHA512_SIZE);
  const fin = (await mac('SHA-512', finKey, th)).subarray(0, FIN_SIZE);
  wipe(z, prk, finKey);
  return { c2s, s2c, fin };
}
