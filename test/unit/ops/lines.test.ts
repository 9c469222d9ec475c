import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { ConfigError, readConfig } from '../../../ops/config.ts';
import { lineLookupOf } from '../../../ops/line-lookup.ts';
import { linesOf } from '../../../ops/lines.ts';
import { createLog } from '../../../ops/logging/log.ts';
import { systemClock } from '../../../ops/system-clock.ts';
import { silentMetrics } from '../../e2e/api/rig.ts';

const SIGNALWIRE = {
  kind: 'signalwire',
  project: 'b3877c40-da60-4998-90ad-b792e98472ac',
  token: 'PT0',
  baseUrl: 'https://example.signalwire.com',
};

/** The carriers that these settings make. */
function lines(carriers: readonly object[], settings: Record<string, string> = {}) {
  const config = readConfig({ SEALFAX_CARRIERS: JSON.stringify(carriers), ...settings });
  return linesOf(config, { clock: systemClock, log: createLog('error'), metrics: silentMetrics });
}

const refused = (variable: string, words: RegExp) => (error: unknown) =>
  error instanceof ConfigError && error.variable === variable && words.test(error.message);

describe('carriers that come to the gateway', () => {
  test('do not start without its public URL, which the error names with an example', () => {
    assert.throws(
      () => lines([SIGNALWIRE]),
      refused('SEALFAX_PUBLIC_URL', /"signalwire" has to come here.*Example: SEALFAX_PUBLIC_URL=https:/s),
    );
    assert.equal(
      lines([SIGNALWIRE], { SEALFAX_PUBLIC_URL: 'https://fax.example.org' }).carriers[0]?.kind,
      'signalwire',
    );
  });

  test('send nothing unless their settings say so', () => {
    const settings = { SEALFAX_PUBLIC_URL: 'https://fax.example.org:8443' };
    const [off] = lines([SIGNALWIRE], settings).carriers;
    const [on] = lines([{ ...SIGNALWIRE, mediaLinks: true }], settings).carriers;
    assert.deepEqual([off?.capabilities.outbound, on?.capabilities.outbound], [false, true]);
    assert.equal(on?.capabilities.mediaDelivery, 'pull');
  });
});

describe('the public URL', () => {
  for (const text of [
    'http://fax.example.org',
    'https://fax.example.org/path',
    'https://user@fax.example.org',
    'https://fax.example.org?query',
    'ftp://fax.example.org',
    'fax.example.org',
  ]) {
    test(`${text} is refused`, () => {
      assert.throws(() => readConfig({ SEALFAX_PUBLIC_URL: text }), refused('SEALFAX_PUBLIC_URL', /https origin/));
    });
  }

  test('may be http on this machine', () => {
    assert.equal(readConfig({ SEALFAX_PUBLIC_URL: 'http://127.0.0.1:8443' }).publicUrl?.port, '8443');
  });
});

describe('the settings of SignalWire', () => {
  const settings = { SEALFAX_PUBLIC_URL: 'https://fax.example.org' };
  for (const [what, change] of [
    ['a space without an address', { baseUrl: undefined }],
    ['an address without TLS', { baseUrl: 'http://example.signalwire.com' }],
    ['a network that is none', { mediaSources: ['10.0.0.0/33'] }],
    ['a link that lasts for an hour', { mediaSeconds: 3_600 }],
    ['a project that is no id', { project: 'mine' }],
  ] as const) {
    test(`${what} is refused`, () => {
      assert.throws(() => lines([{ ...SIGNALWIRE, ...change }], settings), refused('SEALFAX_CARRIERS', /./));
    });
  }
});

describe('rates and budgets of carriers', () => {
  const POLICY = { loopback: { rates: [{ perMinute: '0.06' }], budget: { month: 10 } } };
  const none = (policy: unknown) =>
    linesOf(readConfig({ SEALFAX_CARRIER_POLICY: JSON.stringify(policy), SEALFAX_CURRENCY: 'EUR' }), {
      ...{ clock: systemClock, log: createLog('error'), metrics: silentMetrics },
    });

  test('give each carrier a price, and calls a cost', () => {
    const { tariffs, terms } = none(POLICY);
    const to = parseE164('+49301234567');
    assert.deepEqual(
      terms.map(({ name, price }) => [name, price(to)]),
      [['loopback', 60_000]],
    );
    assert.equal(tariffs.currency, 'EUR');
    assert.deepEqual([...tariffs.budgets], [['loopback', { day: null, month: 10_000_000 }]]);
    assert.equal(none({}).terms[0]?.price(to), null, 'no rate, no price');
  });

  for (const [what, policy, words] of [
    ['a carrier that there is not', { telnix: {} }, /"telnix"/],
    ['an amount that is none', { loopback: { rates: [{ perMinute: '1,5' }] } }, /loopback\.rates\.0\.perMinute/],
    ['a field that there is not', { loopback: { budget: { year: 1 } } }, /loopback\.budget/],
  ] as const) {
    test(`with ${what} do not start, and the error says where`, () => {
      assert.throws(() => none(policy), refused('SEALFAX_CARRIER_POLICY', words));
    });
  }

  test('are in a currency of three letters', () => {
    assert.throws(() => readConfig({ SEALFAX_CURRENCY: 'euro' }), refused('SEALFAX_CURRENCY', /ISO 4217/));
  });
});

describe('Twilio', () => {
  test('as a carrier stops the start: the error names its end and the carriers that there are', () => {
    const words = /Twilio ended Programmable Fax in December 2021.*telnyx, sinch, phaxio, etherfax, signalwire/;
    for (const settings of [{}, { accountSid: 'AC0', authToken: 'x' }]) {
      assert.throws(() => lines([{ kind: 'twilio', ...settings }]), refused('SEALFAX_CARRIERS', words));
    }
  });

  const lookup = (settings: object) =>
    lineLookupOf(readConfig({ SEALFAX_LINE_LOOKUP: JSON.stringify(settings) }), systemClock);

  test('as who knows of lines needs a key and its secret, which no error shows', () => {
    const key = `SK${'0'.repeat(32)}`;
    assert.equal(lookup({ kind: 'twilio', key, secret: 'sesame' })?.name, 'twilio');
    assert.equal(lineLookupOf(readConfig({}), systemClock), undefined);
    for (const settings of [
      { kind: 'twilio', key: 'mine', secret: 'sesame' },
      { kind: 'twilio', key },
      { kind: 'other', key, secret: 'sesame' },
      { kind: 'twilio', key, secret: 'sesame', baseUrl: 'http://lookups.example.org' },
      { kind: 'twilio', key, secretFile: '/no/such/file' },
    ]) {
      assert.throws(
        () => lookup(settings),
        (error) => refused('SEALFAX_LINE_LOOKUP', /./)(error) && !String(error).includes('sesame'),
      );
    }
  });
});
