import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, readConfig } from '../../../ops/config.ts';
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
