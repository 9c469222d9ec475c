/** TIFF files made field by field, for everything that no writer at hand makes. */

export type FieldType = 'byte' | 'ascii' | 'short' | 'long' | 'rational';
const TYPE = { byte: 1, ascii: 2, short: 3, long: 4, rational: 5 } as const;
const SIZE = { byte: 1, ascii: 1, short: 2, long: 4, rational: 8 } as const;

export interface BuiltField {
  readonly tag: number;
  readonly type: FieldType;
  readonly values: readonly number[];
}

/** One directory; `strips` are stored and named by StripOffsets and StripByteCounts unless given in `fields`. */
export interface BuiltPage {
  readonly fields: readonly BuiltField[];
  readonly strips: readonly Uint8Array[];
  readonly tiles?: boolean;
}

export const short = (tag: number, ...values: number[]): BuiltField => ({ tag, type: 'short', values });
export const long = (tag: number, ...values: number[]): BuiltField => ({ tag, type: 'long', values });
export const rational = (tag: number, ...values: number[]): BuiltField => ({ tag, type: 'rational', values });

/** Writes a file in either byte order. */
export function buildTiff(pages: readonly BuiltPage[], littleEndian = true): Uint8Array {
  const bytes: number[] = littleEndian ? [0x49, 0x49, 42, 0] : [0x4d, 0x4d, 0, 42];
  const number = (value: number, size: number): number[] => {
    const view = new DataView(new ArrayBuffer(8));
    if (size === 1) view.setUint8(0, value);
    else if (size === 2) view.setUint16(0, value, littleEndian);
    else view.setUint32(0, value, littleEndian);
    return [...new Uint8Array(view.buffer, 0, size)];
  };
  const packed = ({ type, values }: BuiltField): number[] =>
    type === 'rational'
      ? values.flatMap((value) => [...number(Math.round(value * 1000), 4), ...number(1000, 4)])
      : values.flatMap((value) => number(value, SIZE[type]));
  bytes.push(0, 0, 0, 0);
  let link = 4;
  const patch = (at: number, value: number) => bytes.splice(at, 4, ...number(value, 4));
  for (const page of pages) {
    const offsets = page.strips.map((strip) => {
      const at = bytes.length;
      for (const byte of strip) bytes.push(byte);
      return at;
    });
    const counts = page.strips.map((strip) => strip.length);
    const own = [long(page.tiles ? 324 : 273, ...offsets), long(page.tiles ? 325 : 279, ...counts)];
    const given = new Set(page.fields.map(({ tag }) => tag));
    const fields = [...page.fields, ...own.filter(({ tag }) => !given.has(tag))].sort((a, b) => a.tag - b.tag);
    const entries = fields.map((field) => {
      const value = packed(field);
      if (value.length <= 4) return { field, value: [...value, 0, 0, 0, 0].slice(0, 4) };
      const at = bytes.length;
      bytes.push(...value);
      return { field, value: number(at, 4) };
    });
    patch(link, bytes.length);
    bytes.push(...number(fields.length, 2));
    for (const { field, value } of entries) {
      bytes.push(...number(field.tag, 2), ...number(TYPE[field.type], 2), ...number(field.values.length, 4), ...value);
    }
    link = bytes.length;
    bytes.push(0, 0, 0, 0);
  }
  return Uint8Array.from(bytes);
}
