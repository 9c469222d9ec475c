import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loopbackConfigSchema } from '../../../carrier-adapters/loopback/config.ts';
import { BUILT_IN, covers, createPlan } from '../../../carrier-adapters/loopback/network/rules.ts';
import { tiffOfT6 } from '../../../carrier-adapters/loopback/network/tiff.ts';
import { commonRate, modulation, slower } from '../../../carrier-adapters/loopback/network/timing.ts';
import { carrierConfigsSchema } from '../../../carrier-adapters/registry.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';

describe('number patterns', () => {
  for (const [pattern, number, fits] of [
    ['+4930*', '+49301234567', true],
    ['+4930*', '+4930', true],
    ['+4930*', '+493', false],
    ['+4930xxx', '+4930123', true],
    ['+4930xxx', '+49301234', false],
    ['+4930xxx', '+4930', false],
    ['+49x0*', '+4940123', true],
    ['+*', '+15550100001', true],
  ] as const) {
    test(`${pattern} ${fits ? 'covers' : 'does not cover'} ${number}`, () =>
      assert.equal(covers(pattern, number), fits));
  }

  test('the first rule that fits holds, a limited one for so many calls to each number', () => {
    const plan = createPlan([
      { number: '+49*', behaviour: { does: 'busy' }, calls: 2 },
      { number: '+49301*', behaviour: { does: 'voice' } },
    ]);
    const [one, two] = [parseE164('+49301234567'), parseE164('+49301234568')];
    const done = [one, one, two, one, two, two].map((to) => plan.find(to)?.behaviour.does);
    assert.deepEqual(done, ['busy', 'busy', 'busy', 'voice', 'busy', 'voice']);
    assert.equal(plan.find(parseE164('+15550100001')), undefined);
  });

  test('no built-in number has two meanings, but for those that change with the call', () => {
    for (const rule of BUILT_IN) {
      const number = rule.number.replaceAll('x', '7');
      assert.equal(
        BUILT_IN.find((other) => covers(other.number, number)),
        rule,
        rule.number,
      );
    }
  });
});

describe('settings', () => {
  test('rules are read as the README writes them', () => {
    const { rules } = loopbackConfigSchema.parse({
      kind: 'loopback',
      rules: [
        { number: '+4930*', behaviour: 'busy', calls: 2 },
        { number: '+49301234xxx', behaviour: 'rtn', page: 2, times: 1, rate: 9600 },
        { number: '+1999*', behaviour: 'hang_up', page: 3, ringSeconds: 12 },
      ],
    });
    assert.deepEqual(rules, [
      { number: '+4930*', behaviour: { does: 'busy' }, calls: 2 },
      { number: '+49301234xxx', behaviour: { does: 'rtn', page: 2, times: 1 }, rate: 9600 },
      { number: '+1999*', behaviour: { does: 'hang_up', page: 3 }, ringSeconds: 12 },
    ]);
  });

  for (const [what, config] of [
    ['a number without +', { rules: [{ number: '4930', behaviour: 'busy' }] }],
    ['a * in the middle', { rules: [{ number: '+49*30', behaviour: 'busy' }] }],
    ['an unknown behaviour', { rules: [{ number: '+49*', behaviour: 'explode' }] }],
    ['a rate that no modem has', { rules: [{ number: '+49*', behaviour: 'answer', rate: 10_000 }] }],
    ['page 0', { rules: [{ number: '+49*', behaviour: 'hang_up', page: 0 }] }],
    ['a speed below 2400 bit/s', { speed: 300 }],
    ['a socket path that no system takes', { socket: 'x'.repeat(108) }],
    ['an unknown setting', { colour: 'red' }],
  ] as const) {
    test(`${what} is refused`, () => {
      assert.equal(loopbackConfigSchema.safeParse({ kind: 'loopback', ...config }).success, false);
    });
  }

  test('two carriers of one name are refused', () => {
    assert.equal(carrierConfigsSchema.safeParse([{ kind: 'loopback' }, { kind: 'loopback' }]).success, false);
    assert.equal(carrierConfigsSchema.safeParse([{ kind: 'loopback' }, { kind: 'loopback', name: 'b' }]).success, true);
  });
});

describe('rates', () => {
  test('the fastest common rate, and one step down after a failure', () => {
    assert.deepEqual([commonRate(33_600, 10_000), commonRate(1_200), commonRate(14_400, 9_600)], [9_600, 2_400, 9_600]);
    assert.deepEqual([slower(14_400), slower(2_400)], [12_000, 2_400]);
    assert.deepEqual([2_400, 9_600, 14_400, 33_600].map(modulation), ['V.27ter', 'V.29', 'V.17', 'V.34']);
  });
});

test('a printed page is a TIFF whose strip is the T.6 data', () => {
  const strip = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];
  const file = tiffOfT6({ number: 1, width: 1728, rows: 2200, xDpi: 204, yDpi: 196 }, strip);
  const view = new DataView(file.buffer);
  assert.deepEqual([...file.subarray(0, 4)], [0x49, 0x49, 42, 0]);
  const entries = new Map<number, number>();
  for (let index = 0; index < view.getUint16(8, true); index++) {
    entries.set(view.getUint16(10 + index * 12, true), view.getUint32(18 + index * 12, true));
  }
  assert.deepEqual(
    [...entries.keys()],
    [...entries.keys()].sort((a, b) => a - b),
  );
  assert.deepEqual([entries.get(256), entries.get(257), entries.get(259), entries.get(279)], [1728, 2200, 4, 4]);
  assert.deepEqual([...file.subarray(entries.get(273) ?? 0)], [1, 2, 3, 4]);
  assert.equal(view.getUint32(entries.get(282) ?? 0, true), 204);
});
