import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomId } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { type AccountId, newId, type UserId } from '../../../gateway/fax/ids.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { DEFAULT_POLICY } from '../../../gateway/fax/policy.ts';
import type { RestoreHold } from '../../../gateway/ports/restore-records.ts';
import { createReception, type ReceptionParts } from '../../../gateway/reception/index.ts';
import { createHoldWatch } from '../../../gateway/restoration/hold.ts';
import { realClock, rememberingLog, silentMetrics } from '../../e2e/api/rig.ts';

const HOLD: RestoreHold = {
  backup: 'bak_1',
  takenAt: 0,
  restoredAt: 3_600_000,
  ended: { uncertain: 1, failed: 0, delivered: 0, receiving: 0 },
};

describe('while a restore is not confirmed', () => {
  test('an incoming call is refused before anything is written', async () => {
    const account: Account = {
      ...{
        id: newId('acc', randomId) as AccountId,
        name: 'a',
        title: '',
        disabled: false,
        paused: false,
        pausedReason: null,
        closedAt: null,
        eraseAt: null,
        erasedAt: null,
      },
      ...{ policy: DEFAULT_POLICY, cidrs: [], createdAt: 0 },
    };
    const number = {
      number: parseE164('+15550190001'),
      account: account.id,
      label: '',
      createdAt: 0,
      subaddressOnly: false,
    };
    const touched = () => Promise.reject(new Error('the records or the vault were asked'));
    const parts = {
      accounts: { ownerOf: async () => ({ number, account, shared: false }), account: touched },
      ...{ records: { ring: touched }, vault: { open: touched } },
      ...{ isConnected: () => true, wipe: touched, held: () => true },
      ...{ clock: realClock, log: rememberingLog(), metrics: silentMetrics, worker: 'w' as UserId },
    };
    const reception = createReception(parts as unknown as ReceptionParts);
    const offer = { carrier: 'loopback', reference: 'r', from: null, to: number.number };
    assert.deepEqual(await reception.offer(offer), { refused: 'carrier_unavailable' });
  });

  test('a process knows it from its first look on, says it once, and learns of the confirmation with the next look', async () => {
    let stands: RestoreHold | null = HOLD;
    const log = rememberingLog();
    const watch = createHoldWatch({ records: { hold: async () => stands }, clock: realClock, log });
    assert.equal(watch.hold, null);
    await watch.look();
    await watch.look();
    assert.equal(watch.hold, HOLD);
    assert.equal(log.lines.filter((line) => line.includes('restore_unconfirmed')).length, 1);
    stands = null;
    await watch.look();
    assert.equal(watch.hold, null);
  });

  test('records that do not answer do not end it', async () => {
    let answers = true;
    const records = { hold: () => (answers ? Promise.resolve(HOLD) : Promise.reject(new Error('away'))) };
    const watch = createHoldWatch({ records, clock: realClock, log: rememberingLog() });
    await watch.look();
    answers = false;
    await assert.rejects(watch.look());
    assert.equal(watch.hold, HOLD);
  });
});
