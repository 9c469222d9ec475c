import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApiContext } from '../../../api/context.ts';
import { checkStepUp } from '../../../api/plugins/step-up.ts';
import type { Principal } from '../../../gateway/gateway.ts';

const MINUTE = 60_000;
const NOW = 1_800_000_000_000;

/** Minutes since the proof that this gateway has seen, and since that which the store of all gateways knows. */
async function check(wanted: 'recent' | 'again', here: number | null, everywhere: number | null): Promise<void> {
  const session = (minutes: number | null) => ({
    sid: new Uint8Array(16),
    login: minutes === null ? null : { provenAt: NOW - minutes * MINUTE },
  });
  const access = { sessions: { get: async () => (everywhere === null ? undefined : session(everywhere)) } };
  const context = { gateway: { access, clock: { now: () => NOW } } } as unknown as ApiContext;
  await checkStepUp(context, { session: session(here) } as unknown as Principal, wanted);
}

const required = { code: 'step_up_required' };

describe('a proof before dangerous acts', () => {
  test('is of the last ten minutes, or of two for what one logs in with', async () => {
    await check('recent', 10, null);
    await assert.rejects(check('recent', 10.01, 10.01), required);
    await check('again', 2, null);
    await assert.rejects(check('again', 2.01, 2.01), required);
  });

  test('that another gateway has heard counts, and none where the session has ended', async () => {
    await check('again', 30, 1);
    await assert.rejects(check('recent', 30, null), required);
    await assert.rejects(check('recent', null, null), required);
  });

  test('is not for requests outside of a session, which no administrator has', async () => {
    await checkStepUp({} as ApiContext, { session: null } as unknown as Principal, 'again');
  });
});
