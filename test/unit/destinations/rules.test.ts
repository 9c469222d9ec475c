import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationRulesSchema, homeCountriesSchema } from '../../../gateway/destinations/config.ts';
import { destinationOf } from '../../../gateway/destinations/numbering.ts';
import { DEFAULT_RULES, type DestinationRules, refusalOf } from '../../../gateway/destinations/rules.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';

const BERLIN = '+4930123456';
const VIENNA = '+431234567890';
const PREMIUM = '+499001234567';
const IRIDIUM = '+881612345678';
const NETWORK = '+883510001234';

function reason(number: string, rules: Partial<DestinationRules> = {}, account: readonly string[] | null = null) {
  const e164 = parseE164(number);
  return refusalOf({ ...DEFAULT_RULES, ...rules }, account, e164, destinationOf(e164))?.reason;
}

describe('the rules of destinations', () => {
  test('without any, all is called but premium, satellite and revenue-share numbers', () => {
    assert.equal(reason(BERLIN), undefined);
    assert.equal(reason(PREMIUM), 'premium');
    assert.equal(reason(IRIDIUM), 'satellite');
    assert.equal(reason(NETWORK), 'revenue_share');
  });

  test('each dear class may be allowed by itself', () => {
    assert.equal(reason(PREMIUM, { premium: true }), undefined);
    assert.equal(reason(IRIDIUM, { satellite: true }), undefined);
    assert.equal(reason(NETWORK, { revenueShare: true }), undefined);
    assert.equal(reason(PREMIUM, { satellite: true, revenueShare: true }), 'premium');
  });

  test('a list of what is allowed leaves everything else out', () => {
    const rules = { allow: ['DE', '+431'] };
    assert.equal(reason(BERLIN, rules), undefined);
    assert.equal(reason(VIENNA, rules), undefined);
    assert.equal(reason('+436641234567', rules), 'not_allowed');
    assert.equal(reason('+41446681800', rules), 'not_allowed');
  });

  test('an allowed country does not open its premium numbers', () => {
    assert.equal(reason(PREMIUM, { allow: ['DE', '+49'] }), 'premium');
  });

  test('what is denied stays denied in an allowed country', () => {
    assert.equal(reason(BERLIN, { allow: ['DE'], deny: ['+4930'] }), 'denied');
    assert.equal(reason('+49401234567', { allow: ['DE'], deny: ['+4930'] }), undefined);
  });

  test('a country of a shared code is one of several', () => {
    assert.equal(reason('+441534456789', { allow: ['GB'] }), 'not_allowed');
    assert.equal(reason('+441534456789', { allow: ['+44'] }), undefined);
    assert.equal(reason('+18762345678', { allow: ['US', 'CA'] }), 'not_allowed');
  });

  test('an exception is called against every rule of the gateway', () => {
    const rules = { allow: ['AT'], deny: ['DE'], exceptions: [PREMIUM, '+4930'] };
    assert.equal(reason(PREMIUM, rules), undefined);
    assert.equal(reason(BERLIN, rules), undefined);
    assert.equal(reason('+499001234568', rules), 'denied');
  });

  test('the list of an account narrows the gateway’s and never widens it', () => {
    assert.equal(reason(BERLIN, {}, ['DE']), undefined);
    assert.equal(reason(VIENNA, {}, ['DE']), 'account');
    assert.equal(reason(BERLIN, {}, []), 'account');
    assert.equal(reason(VIENNA, { deny: ['AT'] }, ['AT']), 'denied');
    assert.equal(reason(PREMIUM, {}, ['DE']), 'premium');
    assert.equal(reason(PREMIUM, { exceptions: [PREMIUM] }, ['AT']), 'account');
  });
});

describe('the rules as a setting', () => {
  test('countries and prefixes are read, in any case', () => {
    const rules = destinationRulesSchema.parse({ allow: ['de', ' +41 '], premium: true });
    assert.deepEqual(rules, { ...DEFAULT_RULES, allow: ['DE', '+41'], premium: true });
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ['a country that there is not', { allow: ['XX'] }],
    ['a prefix without its plus', { deny: ['4930'] }],
    ['a prefix that begins with 0', { deny: ['+030'] }],
    ['a name', { allow: ['Germany'] }],
    ['a field that there is not', { allowed: ['DE'] }],
    ['no object', ['DE']],
  ];
  for (const [what, value] of wrong) {
    test(`${what} is refused`, () => assert.equal(destinationRulesSchema.safeParse(value).success, false));
  }

  test('home countries are countries', () => {
    assert.deepEqual(homeCountriesSchema.parse(['de', 'AT']), ['DE', 'AT']);
    for (const bad of ['+49', 'XX', 'DEU']) assert.equal(homeCountriesSchema.safeParse([bad]).success, false, bad);
  });
});
