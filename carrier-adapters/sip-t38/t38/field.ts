/** Field-type (T.38 §7.4) in the order of the ASN.1 enumeration; those from `cm-message` on are extensions of 2002. */
export const FIELD_TYPES = [
  'hdlc-data',
  'hdlc-sig-end',
  'hdlc-fcs-OK',
  'hdlc-fcs-BAD',
  'hdlc-fcs-OK-sig-end',
  'hdlc-fcs-BAD-sig-end',
  't4-non-ecm-data',
  't4-non-ecm-sig-end',
  'cm-message',
  'jm-message',
  'ci-message',
  'v34rate',
] as const;

/** What a data field is. */
export type FieldType = (typeof FIELD_TYPES)[number];

/** A data field; `data` is null where none is there, and never empty. */
export interface Field {
  readonly type: FieldType;
  readonly data: Uint8Array | null;
}
