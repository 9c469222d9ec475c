import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert, Setting } from '../../../api/client/index.ts';
import { administer, json } from './administrator.ts';

const ALERT: Alert = {
  ...{ level: 'warning', code: 'carrier_paused', object: 'south', account: null, since: '2026-01-15T12:00:00.000Z' },
  ...{ title: 'Carrier south is paused.', advice: 'Reason: \u001b[31mmaintenance.' },
};
const setting = (variable: string, rest: Partial<Setting>): Setting => ({
  ...{ variable, about: '', value: '', from: 'default', hidden: false, ...rest },
});
const SETTINGS = [
  setting('SEALFAX_PORT', { value: '8443' }),
  setting('SEALFAX_CARRIERS', { value: null, hidden: true, from: 'environment' }),
];

/** Runs a command line against a gateway that answers `items`. */
const run = (argv: readonly string[], items: readonly unknown[]) => administer(() => json({ items }), argv);

describe('sealfax alerts', () => {
  test('says what waits, since when and what to do, and nothing that a terminal obeys', async () => {
    const { status, out } = await run(['alerts'], [ALERT]);
    assert.equal(status, 0);
    assert.match(out, /level +since +what +what to do/);
    assert.match(out, /warning +2026-01-15 \d\d:\d\d(:\d\d)? +Carrier south is paused\. +Reason:/);
    assert.ok(!out.includes('\u001b'));
  });

  test('prints nothing when nothing waits, and an object a line for programs', async () => {
    assert.equal((await run(['alerts'], [])).out, '');
    assert.deepEqual(JSON.parse((await run(['alerts', '--json'], [ALERT])).out), ALERT);
  });
});

describe('sealfax settings', () => {
  test('shows values and where they were found, and says of secrets that they are set', async () => {
    const { status, out } = await run(['settings'], SETTINGS);
    assert.equal(status, 0);
    assert.match(out, /SEALFAX_PORT +default +8443/);
    assert.match(out, /SEALFAX_CARRIERS +environment +is set, and not shown/);
  });

  test('shows what somebody has given', async () => {
    const { out } = await run(['settings', '--given'], SETTINGS);
    assert.ok(!out.includes('SEALFAX_PORT'));
    assert.match(out, /SEALFAX_CARRIERS/);
  });
});
