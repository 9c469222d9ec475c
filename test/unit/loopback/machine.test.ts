import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loopbackConfigSchema } from '../../../carrier-adapters/loopback/config.ts';
import { createMachine } from '../../../carrier-adapters/loopback/network/machine.ts';
import { NO_PAPER } from '../../../carrier-adapters/loopback/network/paper.ts';
import { BUILT_IN, createPlan } from '../../../carrier-adapters/loopback/network/rules.ts';
import type { StationCall } from '../../../carrier-adapters/loopback/network/station.ts';
import { causeFacts } from '../../../gateway/fax/cause.ts';
import type { E164 } from '../../../gateway/fax/number.ts';

const TO = '+15550100001' as E164;

function callTo(to: E164): StationCall {
  const order = { reference: 'call-1', from: null, to, csid: '', maxRate: 14_400, ecm: true };
  return { order, maxRate: 14_400, over: new AbortController().signal, pass: async () => undefined };
}

describe('the paper of a machine', () => {
  const pageOf = (width: number, xDpi = 204) => ({ number: 1, width, rows: 100, xDpi, yDpi: 196 });

  test('is A4 unless its rule says another one', async () => {
    const machine = createMachine({ number: TO, behaviour: { does: 'answer' } }, callTo(TO), NO_PAPER);
    assert.deepEqual(await machine.beginPage(pageOf(1728)), { hear: 'taken' });
    assert.deepEqual(await machine.beginPage(pageOf(2592, 300)), { hear: 'taken' });
    const narrow = { hear: 'ended', cause: 'paper_too_narrow', detail: 'the machine records A4 at most' };
    assert.deepEqual(await machine.beginPage(pageOf(2048)), narrow);
    assert.equal(causeFacts('paper_too_narrow').retryable, false, 'no further call would change it');
  });

  test('is what the rule says', async () => {
    const { rules } = loopbackConfigSchema.parse({
      kind: 'loopback',
      rules: [{ number: '+4930*', behaviour: 'answer', paper: 'b4' }],
    });
    const [rule] = rules;
    assert.ok(rule !== undefined);
    const machine = createMachine(rule, callTo(TO), NO_PAPER);
    assert.deepEqual(await machine.beginPage(pageOf(2048)), { hear: 'taken' });
    assert.equal((await machine.beginPage(pageOf(2432))).hear, 'ended');
  });

  test('is B4 and A3 behind two built-in numbers', async () => {
    const plan = createPlan(BUILT_IN);
    for (const [number, paper] of [
      ['+15550192000', 'b4'],
      ['+15550193000', 'a3'],
      ['+15550100000', undefined],
    ] as const) {
      assert.equal(plan.find(number as E164)?.paper, paper);
    }
  });
});
