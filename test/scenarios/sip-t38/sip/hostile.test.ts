import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attack } from '../../../fuzz/sip-t38/agent.ts';

describe('a hostile trunk', () => {
  test('20,000 messages, most of them broken somewhere, into agents in every state', () => {
    const seen = { events: new Set<string>() };
    for (let seed = 1; seed <= 40; seed++) attack(500, seed, seen);
    // The attack reaches what it is meant to reach.
    for (const type of ['incoming', 'answered', 'confirmed', 'offered', 'offer_answered', 'offer_refused', 'ended']) {
      assert.ok(seen.events.has(type), type);
    }
  });
});
