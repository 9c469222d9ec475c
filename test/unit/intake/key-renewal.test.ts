import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account, User } from '../../../gateway/fax/account.ts';
import { createIntake, type IntakeParts } from '../../../gateway/intake/index.ts';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';

const SECOND = 1_000;

/** As much of an intake as holds an Idempotency-Key; nothing is uploaded here. */
function intakeOn(clock: VirtualClock, renewed: string[]) {
  const parts = {
    clock,
    draining: () => false,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    faxes: {
      beginKey: async () => ({ state: 'new' }),
      renewKey: async (_account: string, key: string) => void renewed.push(key),
      dropKey: async () => {},
    },
  };
  return createIntake(parts as unknown as IntakeParts);
}

const principal = {
  account: { id: 'acc_1', paused: false } as unknown as Account,
  user: { id: 'usr_1' } as unknown as User,
  session: null,
  address: '127.0.0.1',
};

test('a request renews its Idempotency-Key for as long as it lasts, and not after its end', async () => {
  const clock = new VirtualClock();
  const renewed: string[] = [];
  const submission = await intakeOn(clock, renewed).begin(principal, 'order-1');
  await clock.pass(59 * SECOND);
  assert.deepEqual(renewed, ['order-1', 'order-1']);
  await clock.pass(5 * SECOND);
  assert.equal(renewed.length, 3, 'before the minute is over after which the key would be free');
  await submission.abort();
  await clock.pass(120 * SECOND);
  assert.equal(renewed.length, 3);
});
