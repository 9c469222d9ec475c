import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DATA_TYPES } from '../../../../carrier-adapters/sip-t38/t38/data-type.ts';
import { FIELD_TYPES, type Field } from '../../../../carrier-adapters/sip-t38/t38/field.ts';
import { decodeIfp, encodeIfp, type Ifp, syntaxOf } from '../../../../carrier-adapters/sip-t38/t38/ifp.ts';
import { INDICATORS } from '../../../../carrier-adapters/sip-t38/t38/indicator.ts';
import { parseDatagram } from '../../../../carrier-adapters/sip-t38/udptl/datagram.ts';
import { CALLS, NO_CAPTURES, udptlOf } from '../../../vectors/sip-t38/captures.ts';

const SYNTAXES = ['1998', '2002'] as const;
const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');
const octets = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

/** Written down by hand after T.38 annex A and X.691. */
const BY_HAND: readonly [string, Ifp, { readonly 1998?: string; readonly 2002?: string }][] = [
  ['no signal', { kind: 'indicator', indicator: 'no-signal' }, { 1998: '00', 2002: '00' }],
  ['the last root indicator', { kind: 'indicator', indicator: 'v17-14400-long-training' }, { 1998: '1e', 2002: '1e' }],
  ['the first extension', { kind: 'indicator', indicator: 'v8-ansam' }, { 1998: '2000', 2002: '2000' }],
  ['the third extension', { kind: 'indicator', indicator: 'v34-cntl-channel-1200' }, { 1998: '2080', 2002: '2080' }],
  ['the last extension', { kind: 'indicator', indicator: 'v33-14400-training' }, { 1998: '2180', 2002: '2180' }],
  ['data without fields', { kind: 'data', dataType: 'v29-9600', fields: [] }, { 1998: '48', 2002: '48' }],
  [
    'one octet of a frame',
    { kind: 'data', dataType: 'v21', fields: [{ type: 'hdlc-data', data: Uint8Array.of(0xff) }] },
    { 1998: 'c001800000ff', 2002: 'c001800000ff' },
  ],
  [
    'the end of a frame',
    { kind: 'data', dataType: 'v21', fields: [{ type: 'hdlc-fcs-OK', data: null }] },
    { 1998: 'c00120', 2002: 'c00110' },
  ],
  [
    'the end of the last frame',
    { kind: 'data', dataType: 'v17-14400', fields: [{ type: 'hdlc-fcs-OK-sig-end', data: null }] },
    { 1998: 'd00140', 2002: 'd00120' },
  ],
  [
    'a frame and its end',
    {
      kind: 'data',
      dataType: 'v21',
      fields: [
        { type: 'hdlc-data', data: Uint8Array.of(0xff, 0xc8) },
        { type: 'hdlc-fcs-OK', data: null },
      ],
    },
    { 1998: 'c002800001ffc820', 2002: 'c002800001ffc810' },
  ],
  [
    'two fields without data, which share an octet in 1998',
    {
      kind: 'data',
      dataType: 'v21',
      fields: [
        { type: 'hdlc-fcs-OK', data: null },
        { type: 'hdlc-sig-end', data: null },
      ],
    },
    { 1998: 'c00221', 2002: 'c0021040' },
  ],
  [
    'a field without data before one with data',
    {
      kind: 'data',
      dataType: 'v27-2400',
      fields: [
        { type: 'hdlc-fcs-BAD', data: null },
        { type: 't4-non-ecm-data', data: Uint8Array.of(1, 2) },
      ],
    },
    { 1998: 'c2023e00010102', 2002: 'c2021d8000010102' },
  ],
  [
    'a field of 2002',
    { kind: 'data', dataType: 'v8', fields: [{ type: 'jm-message', data: Uint8Array.of(7) }] },
    { 2002: 'e00001c080000007' },
  ],
  ['V.33', { kind: 'data', dataType: 'v33-14400', fields: [] }, { 1998: '6140', 2002: '6140' }],
];

describe('an IFP packet', () => {
  for (const [name, ifp, written] of BY_HAND) {
    for (const syntax of SYNTAXES) {
      const text = written[syntax];
      if (text === undefined) continue;
      test(`${name}, in the form of ${syntax}`, () => {
        assert.equal(hex(encodeIfp(ifp, syntax)), text);
        assert.deepEqual(decodeIfp(octets(text), syntax), ifp);
      });
    }
  }

  test('every indicator, data type and field type is read as it was written', () => {
    const data = [null, Uint8Array.of(1), new Uint8Array(300).fill(0xaa)];
    const fields: Field[] = FIELD_TYPES.flatMap((type) => data.map((octets) => ({ type, data: octets })));
    for (const syntax of SYNTAXES) {
      const known = fields.filter(({ type }) => syntax === '2002' || FIELD_TYPES.indexOf(type) < 8);
      const packets: Ifp[] = [
        ...INDICATORS.map((indicator) => ({ kind: 'indicator' as const, indicator })),
        ...DATA_TYPES.map((dataType) => ({ kind: 'data' as const, dataType, fields: known })),
        {
          kind: 'data',
          dataType: 'v21',
          fields: Array.from({ length: 200 }, () => ({ type: 'hdlc-fcs-OK', data: null })),
        },
      ];
      for (const packet of packets) assert.deepEqual(decodeIfp(encodeIfp(packet, syntax), syntax), packet);
    }
  });

  test('one that is cut short is refused at every length', () => {
    for (const [, ifp, written] of BY_HAND) {
      for (const syntax of SYNTAXES) {
        const text = written[syntax];
        if (text === undefined) continue;
        const whole = octets(text);
        for (let length = 0; length < whole.length; length++) {
          assert.equal(
            decodeIfp(whole.subarray(0, length), syntax),
            null,
            `${length} octets of ${JSON.stringify(ifp)}`,
          );
        }
      }
    }
  });

  test('zeros behind it, as parity leaves them, are passed over', () => {
    for (const [, ifp, written] of BY_HAND) {
      for (const syntax of SYNTAXES) {
        const text = written[syntax];
        if (text !== undefined) assert.deepEqual(decodeIfp(octets(`${text}000000`), syntax), ifp);
      }
    }
  });

  for (const [name, text] of Object.entries({
    'an indicator that nobody has named yet': '21c0',
    'a data type that nobody has named yet': 'e18000',
    'an extension above 63': '3000',
    'a field that nobody has named yet': 'c0014200',
    'more fields than there are octets': 'c0bfff80',
    'fields in fragments': 'c0c18000',
    'a field longer than its packet': 'c00180ffff00',
  })) {
    test(`${name} is refused`, () => assert.equal(decodeIfp(octets(text), '2002'), null));
  }

  test('what cannot be said is a fault of ours', () => {
    const field = (type: Field['type'], data: Uint8Array | null): Ifp => ({
      kind: 'data',
      dataType: 'v8',
      fields: [{ type, data }],
    });
    assert.throws(() => encodeIfp(field('cm-message', null), '1998'), RangeError);
    assert.throws(() => encodeIfp(field('hdlc-data', new Uint8Array(0)), '2002'), RangeError);
    assert.throws(() => encodeIfp(field('hdlc-data', new Uint8Array(65_536)), '2002'), RangeError);
  });

  test('versions 0 and 1 have the fields of 1998', () => {
    assert.deepEqual([0, 1, 2, 3].map(syntaxOf), ['1998', '1998', '2002', '2002']);
  });

  test('every packet of the lab is read and written again octet by octet', { skip: NO_CAPTURES }, () => {
    for (const { payload } of Object.values(CALLS).flatMap((name) => udptlOf(name).flat())) {
      const primary = parseDatagram(payload)?.primary ?? new Uint8Array(0);
      const ifp = decodeIfp(primary, '1998');
      assert.ok(ifp !== null, hex(primary));
      assert.equal(hex(encodeIfp(ifp, '1998')), hex(primary));
    }
  });
});
