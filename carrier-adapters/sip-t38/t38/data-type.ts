/** T30-data (T.38 §7.3.2) in the order of the ASN.1 enumeration; those from `v8` on are its extensions. */
export const DATA_TYPES = [
  'v21',
  'v27-2400',
  'v27-4800',
  'v29-7200',
  'v29-9600',
  'v17-7200',
  'v17-9600',
  'v17-12000',
  'v17-14400',
  'v8',
  'v34-pri-rate',
  'v34-CC-1200',
  'v34-pri-ch',
  'v33-12000',
  'v33-14400',
] as const;

/** The modulation that data belongs to, by its name in T.38. */
export type DataType = (typeof DATA_TYPES)[number];
