import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallEvent, CallInput } from '../../../carrier-adapters/sip-t38/call/call-io.ts';
import type { RemoteStation } from '../../../carrier-adapters/sip-t38/t30/remote-station.ts';
import { take } from '../../../carrier-adapters/sip-t38/take.ts';
import type { IncomingCall } from '../../../gateway/ports/carrier-adapter.ts';

const LADDER = { began: 0, steps: [], left: 0 } as unknown as Extract<CallEvent, { type: 'over' }>['end']['ladder'];
const OVER: CallEvent = {
  type: 'over',
  end: {
    ending: { by: 'wish', why: 'stopped' },
    ...{ pagesConfirmed: 0, pageInFlight: false, pageWhole: false },
    ...{ remote: null, line: null, ladder: LADDER },
  },
};
const identified = (remote: RemoteStation): CallEvent => ({ type: 'identified', remote });

/** Takes a call in which `events` happen; what was said to the reception and to the line. */
async function taking(events: readonly CallEvent[], answered: IncomingCall['answered'] = async () => {}) {
  const heard: unknown[] = [];
  const told: CallInput[] = [];
  const left = [...events, OVER];
  const incoming: IncomingCall = {
    async answered(...names) {
      heard.push(names);
      await answered(...names);
    },
    beginPage: async () => void heard.push('page'),
    ...{ write: async () => {}, endPage: async () => {}, dropPage: async () => {} },
    ended: async ({ cause }) => void heard.push(cause),
  };
  const live = { tell: (input: CallInput) => void told.push(input), next: async () => left.shift() ?? OVER };
  await take(live, incoming, async () => {});
  return { heard, told };
}

describe('a call that is taken from the line', () => {
  test('brings what the caller says of itself, and its subaddress, to the reception once', async () => {
    const { heard } = await taking([
      identified({ id: '+49 30 5550100', subaddress: '4711' }),
      identified({ id: null, subaddress: '4711' }),
    ]);
    assert.deepEqual(heard, [['+49 30 5550100', '4711'], 'gateway_stopped']);
  });

  test('is ended, with no page of it begun, when nobody has the subaddress', async () => {
    const terms = { width: 1728, xDpi: 204, yDpi: 196 } as Extract<CallEvent, { type: 'page_begin' }>['terms'];
    const nobody = () => Promise.reject(new Error('nobody has it'));
    const events: CallEvent[] = [identified({ id: null, subaddress: '9' }), { type: 'page_begin', terms }];
    const { heard, told } = await taking(events, nobody);
    assert.deepEqual(heard, [[null, '9'], 'gateway_stopped']);
    assert.deepEqual(told, [{ type: 'begin' }, { type: 'end', why: 'stopped' }]);
  });
});
