import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentEvent } from '../../../../carrier-adapters/sip-t38/sip/agent/events.ts';
import type { Order } from '../../../../carrier-adapters/sip-t38/sip/agent/orders.ts';
import { Party, trunk, World } from './world.ts';

/** Answers a call after `wait`, accepts offers. */
function called(party: Party, wait: number): (event: AgentEvent) => Order | undefined {
  return (event) => {
    if (event.type === 'incoming') {
      const { call } = event;
      party.world.after(wait, () => party.order({ type: 'answer', call, sdp: 'answer' }));
      return { type: 'ring', call };
    }
    return event.type === 'offered' ? { type: 'accept_offer', call: event.call, sdp: 'accepted' } : undefined;
  };
}

describe('two agents over UDP that loses, doubles, delays and reorders', () => {
  test('300 calls with offers of both sides come to one end on both sides', () => {
    let answered = 0;
    let offered = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const world = new World(seed);
      const a = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: '192.0.2.2', port: null } })], {
        sessionExpires: 90,
      });
      const b = new Party(world, '192.0.2.2', [trunk({ name: 't', server: { host: '192.0.2.1', port: null } })], {
        sessionExpires: 90,
      });
      world.weather = () => {
        if (world.chance() < 0.2) return [];
        const delay = 5 + 400 * world.chance();
        return world.chance() < 0.1 ? [delay, delay + 900 * world.chance()] : [delay];
      };
      b.on = called(b, 2_000);
      a.on = (event) => {
        if (event.type === 'offered') return { type: 'accept_offer', call: event.call, sdp: 'accepted' };
        return event.type === 'answered' ? { type: 'offer', call: 'c', sdp: 'mine' } : undefined;
      };
      a.order({ type: 'place', call: 'c', trunk: 't', to: '+491', from: null, sdp: 'offer' });
      world.at(9_000, () => {
        const [incoming] = b.of('incoming');
        if (incoming) b.order({ type: 'offer', call: incoming.call, sdp: 'theirs' });
      });
      const leaver = seed % 2 === 0 ? a : b;
      world.at(40_000 + 60_000 * world.chance(), () => {
        const call = leaver === a ? 'c' : leaver.of('incoming')[0]?.call;
        if (call !== undefined) leaver.order({ type: 'hang_up', call, cause: 16 });
      });
      world.run(600_000);
      assert.equal(a.of('ended').length, 1, `seed ${seed}: ${a.ladder.join(' ')}`);
      assert.equal(b.of('ended').length, b.of('incoming').length, `seed ${seed}: ${b.ladder.join(' ')}`);
      assert.ok(b.of('incoming').length <= 1, `seed ${seed}: one INVITE is one call`);
      answered += a.of('answered').length;
      const offers = a.of('offer_answered').length + b.of('offer_answered').length;
      const refusals = a.of('offer_refused').length + b.of('offer_refused').length;
      assert.ok(offers + refusals <= 2, `seed ${seed}: each offer ends once`);
      offered += offers;
    }
    assert.ok(answered > 290, `${answered} of 300 calls were answered`);
    assert.ok(offered > 500, `${offered} of 600 offers were answered`);
  });
});
