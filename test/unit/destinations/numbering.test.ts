import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CountryCode, getCountryCallingCode } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { destinationOf, isKnownPlace } from '../../../gateway/destinations/numbering.ts';
import { SPECIAL_RANGES, specialRange } from '../../../gateway/destinations/special-ranges.ts';
import type { Destination, Place } from '../../../gateway/fax/destination.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { createRandom } from '../../crash/random.ts';

const at = (number: string): Destination => destinationOf(parseE164(number));

/** Numbers with the place, class and kind of line that their plan gives them. */
const NUMBERS: readonly (readonly [
  number: string,
  place: string,
  kind: Destination['class'],
  line: Destination['line'],
])[] = [
  ['+4930123456', 'DE', null, 'landline'],
  ['+491711234567', 'DE', null, 'mobile'],
  ['+498001234567', 'DE', null, 'unknown'],
  ['+499001234567', 'DE', 'premium', 'unknown'],
  ['+491805123456', 'DE', 'revenue_share', 'unknown'],
  ['+33142345678', 'FR', null, 'landline'],
  ['+33892123456', 'FR', 'premium', 'unknown'],
  ['+41446681800', 'CH', null, 'landline'],
  ['+41900123456', 'CH', 'premium', 'unknown'],
  ['+442079460000', 'GB', null, 'landline'],
  ['+441534456789', 'JE', null, 'landline'],
  ['+441481256789', 'GG', null, 'landline'],
  ['+447012345678', 'GB', 'revenue_share', 'unknown'],
  ['+449098790879', 'GB', 'premium', 'unknown'],
  ['+12015550123', 'US', null, 'unknown'],
  ['+15062345678', 'CA', null, 'unknown'],
  ['+18762345678', 'JM', null, 'mobile'],
  ['+18092345678', 'DO', null, 'unknown'],
  ['+19002345678', 'US', 'premium', 'unknown'],
  ['+12129761234', 'US', 'premium', 'unknown'],
  ['+18009761234', 'US', null, 'unknown'],
  ['+74951234567', 'RU', null, 'landline'],
  ['+77172580800', 'KZ', null, 'landline'],
  ['+390612345678', 'IT', null, 'landline'],
  ['+3906698123456', 'VA', null, 'landline'],
  ['+81312345678', 'JP', null, 'landline'],
  ['+26921234567', 'KM', null, 'unknown'],
  ['+870773111632', '+870', 'satellite', 'mobile'],
  ['+881612345678', '+881', 'satellite', 'mobile'],
  ['+8821612345678', '+882', 'satellite', 'voip'],
  ['+882101234567', '+882', 'revenue_share', 'unknown'],
  ['+883510001234', '+883', 'revenue_share', 'voip'],
  ['+878101234567890', '+878', 'revenue_share', 'voip'],
  ['+80812345678', '+808', 'revenue_share', 'unknown'],
  ['+979123456789', '+979', 'premium', 'unknown'],
  ['+80012345678', '+800', null, 'unknown'],
];

/** Territories whose mobile numbers are those of another country's plan. */
const MOBILE_OF_OTHERS: Readonly<Partial<Record<CountryCode, string>>> = {
  ...{ AX: 'FI', BL: 'GP', CC: 'AU', CX: 'AU', EH: 'MA', IM: 'GB', MF: 'GP', SJ: 'NO', VA: 'IT' },
};

describe('where a number is, and what it is', () => {
  for (const [number, place, kind, line] of NUMBERS) {
    test(`${number} is in ${place}, ${kind ?? 'of no dear kind'}, ${line}`, () => {
      assert.deepEqual(at(number), { place, class: kind, line });
    });
  }

  test('the example of every numbering plan is in its country, and of no dear kind', () => {
    const countries = Object.keys(examples) as CountryCode[];
    assert.ok(countries.length > 240);
    for (const country of countries) {
      const { place, class: kind, line } = at(`+${getCountryCallingCode(country)}${examples[country]}`);
      assert.equal(place, MOBILE_OF_OTHERS[country] ?? country);
      assert.equal(kind, null, country);
      assert.ok(line === 'mobile' || line === 'unknown', country);
    }
  });

  test('digits beyond the end of a number do not move it out of its country', () => {
    assert.equal(at('+1876234567899').place, 'JM');
    assert.equal(at('+493012345678901').place, 'DE');
  });

  test('digits beyond the end of a premium number do not hide it', () => {
    for (let more = 1; more <= 3; more++) {
      assert.equal(at(`+499001234567${'9'.repeat(more)}`).class, 'premium');
      assert.equal(at(`+19002345678${'9'.repeat(more)}`).class, 'premium');
      assert.equal(at(`+33892123456${'9'.repeat(more)}`).class, 'premium');
    }
  });

  test('a number of a shared code that belongs to no known country is in none of them', () => {
    assert.equal(at('+15550190001').place, '+1');
    assert.equal(at('+447700900123').place, '+44');
  });

  test('every number has an answer, whatever its digits', () => {
    const { below } = createRandom(6);
    for (let count = 0; count < 5_000; count++) {
      const digits = Array.from({ length: 6 + below(9) }, () => below(10)).join('');
      assert.match(at(`+${1 + below(9)}${digits}`).place, /^([A-Z]{2}|\+[1-9][0-9]{0,2})$/);
    }
  });

  test('an unassigned code is a place by its three digits', () => {
    assert.equal(at('+99912345678').place, '+999');
    assert.equal(at('+2101234567').place, '+210');
  });
});

describe('special ranges', () => {
  test('each has its source and lies in no other of the same length', () => {
    for (const { pattern, source, what } of SPECIAL_RANGES) {
      assert.match(pattern, /^[1-9][0-9.]{2,14}$/);
      assert.ok(source.length > 5 && what.length > 2);
      assert.equal(SPECIAL_RANGES.filter((other) => other.pattern === pattern).length, 1);
    }
  });

  test('the narrowest one counts', () => {
    assert.equal(specialRange('+8821612345678')?.what, 'Thuraya');
    assert.equal(specialRange('+8829912345678')?.class, 'revenue_share');
    assert.equal(specialRange('+4930123456'), undefined);
  });
});

describe('places', () => {
  const known: readonly (readonly [string, boolean])[] = [
    ['DE', true],
    ['XK', true],
    ['+870', true],
    ['+1', true],
    ['XX', false],
    ['+999', false],
  ];
  for (const [place, is] of known) {
    test(`${place} is ${is ? '' : 'not '}a place`, () => assert.equal(isKnownPlace(place as string as Place), is));
  }
});
