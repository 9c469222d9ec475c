import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exchange } from '../../../carrier-adapters/loopback/network/exchange.ts';
import { NO_PAPER } from '../../../carrier-adapters/loopback/network/paper.ts';
import type { LineSignal } from '../../../carrier-adapters/loopback/network/signals.ts';
import type { Cause } from '../../../gateway/fax/cause.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';

const clock = {
  now: () => 0,
  monotonic: () => 0,
  after: (_: number, run: () => void) => {
    const timer = setImmediate(run);
    return () => clearImmediate(timer);
  },
};

/** Dials a machine's number while the workers of a gateway refuse with `refusals`, each in its turn. */
async function dialled(refusals: readonly Cause[]): Promise<LineSignal> {
  const exchange = new Exchange({ clock, speed: 'instant', rules: [], paper: NO_PAPER, outlives: false });
  for (const refused of refusals) exchange.subscribe({ offer: async () => ({ refused }) });
  const to = parseE164('+15550100001');
  const leg = exchange.dial({ reference: 'r', from: null, to, csid: '', maxRate: 14_400, ecm: true });
  const ring = await leg.tell({ do: 'ring' });
  return ring.hear === 'ringing' ? leg.tell({ do: 'wait' }) : ring;
}

test('a worker on its way out does not stand between a call and a machine that is not its gateway’s', async () => {
  assert.equal((await dialled(['carrier_unavailable', 'out_of_service'])).hear, 'answered');
  assert.equal((await dialled(['out_of_service', 'carrier_unavailable'])).hear, 'answered');
  assert.equal((await dialled(['out_of_service'])).hear, 'answered');
});

test('a call that only workers on their way out could take is not given to a machine', async () => {
  assert.partialDeepStrictEqual(await dialled(['carrier_unavailable']), {
    hear: 'ended',
    cause: 'carrier_unavailable',
  });
});

test('a number that is busy is busy, whoever else may be asked', async () => {
  assert.partialDeepStrictEqual(await dialled(['busy', 'out_of_service']), { hear: 'ended', cause: 'busy' });
});
