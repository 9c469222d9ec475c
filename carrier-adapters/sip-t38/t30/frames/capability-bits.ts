/**
 * Bits of T.30 table 2 by what they say in DIS and DTC (what a station can) and in DCS (what will be done). Groups of bits
 * stand in `modems.ts` (11 to 14), `paper.ts` (17 to 20) and `scan-time.ts` (21 to 23 and 46); the others of the table are
 * for kinds of documents that are neither offered nor taken here.
 */
export const BIT = {
  /** DIS: an Internet-aware fax device, which speaks T.38 itself. DCS: both stations are. */
  internet: 3,
  /** DIS: 64 octets preferred in an ECM frame. */
  prefers64: 7,
  /** DIS: a document is ready to be polled. */
  canBePolled: 9,
  /** DIS: can receive. DCS: receive. */
  receive: 10,
  /** Four bits. */
  modems: 11,
  /** R8 × 7.7 lines/mm and 200 × 200. */
  fine: 15,
  /** Two-dimensional coding (MR). */
  twoDimensional: 16,
  /** Two bits. */
  width: 17,
  /** Two bits. */
  length: 19,
  /** Three bits. */
  scanTime: 21,
  uncompressed: 26,
  ecm: 27,
  /** DCS: frames of 64 octets. */
  frame64: 28,
  /** T.6 (MMR), in error correction mode only. */
  t6: 31,
  /** R8 × 15.4 lines/mm. */
  superfine: 41,
  dpi300: 42,
  /** R16 × 15.4 lines/mm and 400 × 400. */
  dpi400: 43,
  /** DIS: inches preferred. DCS: the resolution of bits 15 and 43 is in inches. */
  inches: 44,
  /** DIS: millimetres preferred. */
  metric: 45,
  /** DIS: half the scan line time at 15.4 lines/mm. */
  halfScanTime: 46,
  /** DIS: understands SUB. DCS: SUB has been sent. */
  subaddress: 49,
  /** DIS: understands SID. DCS: SID has been sent. */
  senderId: 50,
} as const;

/** DCS bits that announce something other than a bilevel page of T.4 or T.6; none of them is in our DIS. */
export const FOREIGN_DCS_BITS: Readonly<Record<string, number>> = {
  'T.43': 36,
  'G.726 voice': 38,
  'binary file transfer': 53,
  'document transfer mode': 54,
  EDIFACT: 55,
  'basic transfer mode': 57,
  'character mode': 60,
  'mixed mode': 62,
  JPEG: 68,
  'T.85': 78,
  'T.85 L0': 79,
  '600 dpi': 105,
  '1200 dpi': 106,
  '300×600 dpi': 107,
  '400×800 dpi': 108,
  '600×1200 dpi': 109,
};
