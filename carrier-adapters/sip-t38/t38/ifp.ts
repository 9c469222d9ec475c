import { newOctets } from '../octets.ts';
import { DATA_TYPES, type DataType } from './data-type.ts';
import { FIELD_TYPES, type Field } from './field.ts';
import { INDICATORS, type Indicator } from './indicator.ts';
import { BitReader, BitWriter } from './per.ts';

// IFPPacket (T.38 annex A, aligned PER), bit by bit:
//
//    data-field present 1   type-of-msg 1 (0 indicator, 1 data)   extension 1   value 4 (of an extension: 0, then 6)
//    then, at the next octet: count of fields   and for each:
//      field-data present 1   field-type: 3 (1998), or extension 1 and 3 (2002; of an extension: 0, then 6)
//      at the next octet: length less one u16   octets

/** The two forms of Data-Field: T.38 of 1998 (T38FaxVersion 0 and 1), and that of 2002 with room for further types. */
export type IfpSyntax = '1998' | '2002';

/** An Internet facsimile protocol packet (T.38 §7.2): an indicator, or data of one signal. */
export type Ifp =
  | { readonly kind: 'indicator'; readonly indicator: Indicator }
  | { readonly kind: 'data'; readonly dataType: DataType; readonly fields: readonly Field[] };

/** Enumerations: how many values stand before the extension marker, and the bits of these. */
const INDICATOR_ROOT = 16;
const DATA_ROOT = 9;
const FIELD_ROOT = 8;
const MESSAGE_BITS = 4;
const FIELD_BITS = 3;

/** The form that belongs to a T38FaxVersion. */
export function syntaxOf(version: number): IfpSyntax {
  return version < 2 ? '1998' : '2002';
}

/**
 * Reads a packet, in time linear in its length; the data of fields are views of it. Octets behind the packet are passed
 * over: a packet that parity has brought back ends in zeros. null: not an IFP packet, or of a type not known here.
 */
export function decodeIfp(octets: Uint8Array, syntax: IfpSyntax): Ifp | null {
  const reader = new BitReader(octets);
  const hasData = reader.bits(1) === 1;
  if (reader.bits(1) === 0) {
    const indicator = INDICATORS[reader.extensible(MESSAGE_BITS, INDICATOR_ROOT)];
    return reader.broken || indicator === undefined ? null : { kind: 'indicator', indicator };
  }
  const dataType = DATA_TYPES[reader.extensible(MESSAGE_BITS, DATA_ROOT)];
  const fields = hasData ? readFields(reader, syntax) : [];
  return reader.broken || dataType === undefined || fields === null ? null : { kind: 'data', dataType, fields };
}

function readFields(reader: BitReader, syntax: IfpSyntax): Field[] | null {
  const fields: Field[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const hasData = reader.bits(1) === 1;
    const index = syntax === '1998' ? reader.bits(FIELD_BITS) : reader.extensible(FIELD_BITS, FIELD_ROOT);
    const data = hasData ? reader.octets() : null;
    const type = FIELD_TYPES[index];
    if (reader.broken || type === undefined) return null;
    fields.push({ type, data });
  }
  return fields;
}

/** The octets of a packet. @throws RangeError when a field cannot be said in `syntax`, or its data are too long: a fault of ours. */
export function encodeIfp(ifp: Ifp, syntax: IfpSyntax): Uint8Array {
  const octets = newOctets(sizeBound(ifp));
  const writer = new BitWriter(octets);
  if (ifp.kind === 'indicator') {
    writer.bits(0b00, 2);
    writer.extensible(INDICATORS.indexOf(ifp.indicator), MESSAGE_BITS, INDICATOR_ROOT);
  } else {
    writer.bits(ifp.fields.length > 0 ? 0b11 : 0b01, 2);
    writer.extensible(DATA_TYPES.indexOf(ifp.dataType), MESSAGE_BITS, DATA_ROOT);
    if (ifp.fields.length > 0) writeFields(writer, ifp.fields, syntax);
  }
  return octets.subarray(0, writer.length);
}

function writeFields(writer: BitWriter, fields: readonly Field[], syntax: IfpSyntax): void {
  writer.count(fields.length);
  for (const { type, data } of fields) {
    const index = FIELD_TYPES.indexOf(type);
    if (syntax === '1998' && index >= FIELD_ROOT) throw new RangeError(`${type} is no field of 1998`);
    writer.bits(data === null ? 0 : 1, 1);
    if (syntax === '1998') writer.bits(index, FIELD_BITS);
    else writer.extensible(index, FIELD_BITS, FIELD_ROOT);
    if (data !== null) writer.octets(data);
  }
}

/** Message and count take at most five octets, a field four besides its data. */
function sizeBound(ifp: Ifp): number {
  if (ifp.kind === 'indicator') return 2;
  let size = 5;
  for (const { data } of ifp.fields) {
    if (data !== null && (data.length === 0 || data.length > 0xffff))
      throw new RangeError('a field has 1 to 65,535 octets');
    size += 4 + (data?.length ?? 0);
  }
  return size;
}
