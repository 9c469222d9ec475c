import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentEvent } from '../../../../carrier-adapters/sip-t38/sip/agent/events.ts';
import type { AgentOptions } from '../../../../carrier-adapters/sip-t38/sip/agent/options.ts';
import type { Order } from '../../../../carrier-adapters/sip-t38/sip/agent/orders.ts';
import { Party, trunk, World } from './world.ts';

const OFFER = 'v=0 offer of a';
const ANSWER = 'v=0 answer of b';

/** Two agents that are each other's static trunk. */
function pair(world: World, options: Partial<AgentOptions> = {}): { a: Party; b: Party } {
  const a = new Party(
    world,
    '192.0.2.1',
    [trunk({ name: 'to-b', server: { host: '192.0.2.2', port: null } })],
    options,
  );
  const b = new Party(
    world,
    '192.0.2.2',
    [trunk({ name: 'to-a', server: { host: '192.0.2.1', port: null } })],
    options,
  );
  return { a, b };
}

function place(call = 'call-1'): Order {
  return { type: 'place', call, trunk: 'to-b', to: '+4930123', from: '+4940567', sdp: OFFER };
}

/** Answers each incoming call, and accepts each offer. */
function answering(event: AgentEvent): Order | readonly Order[] | undefined {
  if (event.type === 'incoming') {
    return [
      { type: 'ring', call: event.call },
      { type: 'answer', call: event.call, sdp: ANSWER },
    ];
  }
  if (event.type !== 'offered') return undefined;
  return { type: 'accept_offer', call: event.call, sdp: `answer to ${event.sdp}` };
}

describe('two agents', () => {
  test('RFC 3665 §3.1: a successful session is rung, answered, acknowledged and ended', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = answering;
    a.order(place());
    world.run(5_000);
    assert.deepEqual(a.ladder, ['> INVITE', '< 180 Ringing', '< 200 OK', '> ACK']);
    const [incoming] = b.of('incoming');
    assert.deepEqual(
      { to: incoming?.to, from: incoming?.from, sdp: incoming?.sdp, trunk: incoming?.trunk },
      { to: '+4930123', from: '+4940567', sdp: OFFER, trunk: 'to-a' },
    );
    assert.deepEqual(a.of('answered'), [{ type: 'answered', call: 'call-1', sdp: ANSWER }]);
    assert.equal(b.of('confirmed').length, 1);
    a.order({ type: 'hang_up', call: 'call-1', cause: 16 });
    world.run(1_000);
    assert.deepEqual(
      b.of('ended').map(({ by, status, cause }) => ({ by, status, cause })),
      [{ by: 'remote', status: null, cause: 16 }],
    );
    assert.deepEqual(
      a.of('ended').map(({ by, status }) => ({ by, status })),
      [{ by: 'local', status: null }],
    );
    world.run(60_000);
    assert.equal(a.sent.filter((text) => text.startsWith('BYE')).length, 1);
    assert.equal(b.sent.filter((text) => text.startsWith('SIP/2.0 200') && text.includes('INVITE')).length, 1);
  });

  test('the called side ends the call', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = answering;
    a.order(place());
    world.run(1_000);
    b.order({ type: 'hang_up', call: b.of('incoming')[0]?.call ?? '', cause: 31 });
    world.run(1_000);
    assert.equal(a.of('ended')[0]?.by, 'remote');
    assert.equal(a.of('ended')[0]?.cause, 31);
    assert.equal(b.of('ended')[0]?.by, 'local');
  });

  for (const [status, cause] of [
    [486, 17],
    [404, 1],
    [488, 65],
    [603, 21],
  ] as const) {
    test(`a refusal by ${status} keeps its status and Q.850 cause`, () => {
      const world = new World();
      const { a, b } = pair(world);
      b.on = (event) => (event.type === 'incoming' ? { type: 'reject', call: event.call, status, cause } : undefined);
      a.order(place());
      world.run(40_000);
      assert.deepEqual(a.of('ended'), [
        { type: 'ended', call: 'call-1', by: 'remote', status, cause, detail: 'refused by the far side' },
      ]);
      assert.equal(b.of('ended')[0]?.by, 'local');
      assert.equal(b.sent.filter((text) => text.startsWith(`SIP/2.0 ${status}`)).length, 1, 'ACK has stopped it');
    });
  }

  test('RFC 3665 §3.8: no answer, the caller cancels', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = (event) => (event.type === 'incoming' ? { type: 'ring', call: event.call } : undefined);
    a.order(place());
    world.run(5_000);
    a.order({ type: 'hang_up', call: 'call-1', cause: 19 });
    world.run(5_000);
    assert.deepEqual(a.ladder, ['> INVITE', '< 180 Ringing', '> CANCEL', '< 487 Request Terminated']);
    const [ended] = a.of('ended');
    assert.deepEqual({ by: ended?.by, status: ended?.status }, { by: 'local', status: 487 });
    const [theirs] = b.of('ended');
    assert.deepEqual(
      { by: theirs?.by, status: theirs?.status, cause: theirs?.cause },
      { by: 'remote', status: 487, cause: 19 },
    );
  });

  test('a re-INVITE to T.38 of the called side is accepted, and one back to audio', () => {
    const world = new World();
    const { a, b } = pair(world);
    a.on = answering;
    b.on = answering;
    a.order(place());
    world.run(1_000);
    const call = b.of('incoming')[0]?.call ?? '';
    b.order({ type: 'offer', call, sdp: 'image' });
    world.run(1_000);
    assert.deepEqual(b.of('offer_answered'), [{ type: 'offer_answered', call, sdp: 'answer to image' }]);
    b.order({ type: 'offer', call, sdp: 'audio' });
    world.run(1_000);
    assert.equal(b.of('offer_answered').length, 2);
    a.order({ type: 'offer', call: 'call-1', sdp: 'mine' });
    world.run(1_000);
    assert.deepEqual(a.of('offer_answered'), [{ type: 'offer_answered', call: 'call-1', sdp: 'answer to mine' }]);
    assert.equal(a.of('ended').length + b.of('ended').length, 0);
  });

  test('a refused re-INVITE (488) leaves the session as it was', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = answering;
    a.on = (event) =>
      event.type === 'offered'
        ? { type: 'refuse_offer', call: event.call, status: 488, warning: '304 sealfax "no image"' }
        : undefined;
    a.order(place());
    world.run(1_000);
    const call = b.of('incoming')[0]?.call ?? '';
    b.order({ type: 'offer', call, sdp: 'image' });
    world.run(40_000);
    assert.deepEqual(b.of('offer_refused'), [{ type: 'offer_refused', call, status: 488 }]);
    assert.equal(a.of('ended').length + b.of('ended').length, 0);
  });

  test('RFC 5407 §3.3.1: offers that cross are refused with 491 and one of them succeeds after its wait', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World(seed);
      const { a, b } = pair(world);
      a.on = answering;
      b.on = answering;
      a.order(place());
      world.run(1_000);
      const call = b.of('incoming')[0]?.call ?? '';
      a.order({ type: 'offer', call: 'call-1', sdp: 'of a' });
      b.order({ type: 'offer', call, sdp: 'of b' });
      world.run(10_000);
      // The owner of the Call-ID waits longer: the other's offer is in its place by then, and its own is void.
      assert.equal(b.of('offer_answered').length, 1, `seed ${seed}`);
      assert.deepEqual(a.of('offer_refused'), [{ type: 'offer_refused', call: 'call-1', status: 491 }]);
      assert.ok(a.ladder.includes('< 491 Request Pending'));
    }
  });

  test('RFC 3261 §14.1: an offer before ACK waits for it', () => {
    const world = new World();
    const { a, b } = pair(world);
    a.on = answering;
    b.on = (event) => {
      const orders = answering(event);
      if (event.type !== 'incoming') return orders;
      return [...(orders as Order[]), { type: 'offer', call: event.call, sdp: 'image' }];
    };
    a.order(place());
    world.run(3_000);
    assert.equal(b.of('offer_answered').length, 1);
    const invite = b.ladder.indexOf('> INVITE');
    assert.ok(invite > b.ladder.indexOf('< ACK'), 'the re-INVITE went out after ACK had come');
  });

  test('RFC 5407 §3.1.2: CANCEL crosses 200; the session is made and ended', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = (event) => (event.type === 'incoming' ? { type: 'ring', call: event.call } : undefined);
    a.order(place());
    world.run(1_000);
    a.order({ type: 'hang_up', call: 'call-1', cause: 16 });
    b.order({ type: 'answer', call: b.of('incoming')[0]?.call ?? '', sdp: ANSWER });
    world.run(5_000);
    assert.deepEqual(a.ladder, [
      '> INVITE',
      '< 180 Ringing',
      '> CANCEL',
      '< 200 OK',
      '> ACK',
      '> BYE',
      '< 200 OK (BYE)',
    ]);
    assert.equal(a.of('answered').length, 0);
    assert.equal(a.of('ended')[0]?.by, 'local');
    assert.equal(b.of('ended')[0]?.by, 'remote');
  });

  test('RFC 5407 §3.2.1: BYE of both sides crosses', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = answering;
    a.order(place());
    world.run(1_000);
    a.order({ type: 'hang_up', call: 'call-1', cause: 16 });
    b.order({ type: 'hang_up', call: b.of('incoming')[0]?.call ?? '', cause: 16 });
    world.run(40_000);
    assert.deepEqual([a.of('ended').length, b.of('ended').length], [1, 1]);
    assert.deepEqual([a.of('ended')[0]?.by, b.of('ended')[0]?.by], ['local', 'local']);
  });

  test('RFC 5407 §3.2.2: BYE crosses a re-INVITE, which is over with it', () => {
    const world = new World();
    const { a, b } = pair(world);
    a.on = answering;
    b.on = answering;
    a.order(place());
    world.run(1_000);
    b.order({ type: 'offer', call: b.of('incoming')[0]?.call ?? '', sdp: 'image' });
    a.order({ type: 'hang_up', call: 'call-1', cause: 16 });
    world.run(40_000);
    assert.deepEqual([a.of('ended').length, b.of('ended').length], [1, 1]);
    assert.equal(a.of('offered').length, 0);
  });

  test('the called side hangs up before ACK: BYE waits for it (§15)', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = (event) => {
      if (event.type !== 'incoming') return undefined;
      const { call } = event;
      return [
        { type: 'answer', call, sdp: ANSWER },
        { type: 'hang_up', call, cause: 16 },
      ];
    };
    a.order(place());
    world.run(5_000);
    assert.ok(b.ladder.indexOf('> BYE') > b.ladder.indexOf('< ACK'));
    assert.equal(a.of('ended')[0]?.by, 'remote');
    assert.equal(b.of('confirmed').length, 0);
  });

  test('a dead host: the call fails with 408 after 64 T1', () => {
    const world = new World();
    const { a } = pair(world);
    world.weather = () => [];
    a.order(place());
    world.run(31_000);
    assert.equal(a.of('ended').length, 0);
    world.run(2_000);
    assert.deepEqual(a.of('ended'), [
      { type: 'ended', call: 'call-1', by: 'network', status: 408, cause: null, detail: 'no answer' },
    ]);
  });

  test('the far side falls silent after its answer: 200 is repeated, then BYE, and the call ends', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = answering;
    a.order(place());
    world.weather = ({ text }) => (text.startsWith('ACK') || text.startsWith('BYE') ? [] : [10]);
    world.run(31_000);
    assert.equal(b.of('ended').length, 0);
    const answers = b.sent.filter((text) => text.startsWith('SIP/2.0 200') && text.includes('1 INVITE'));
    // T1 doubling to T2 (§13.3.1.4): 0, 0.5, 1.5, 3.5, 7.5 and then every 4 s.
    assert.equal(answers.length, 10);
    const acks = a.sent.filter((text) => text.startsWith('ACK'));
    assert.equal(acks.length, 10);
    assert.equal(new Set(acks).size, 1, 'each repeated 2xx is acknowledged with the same ACK');
    world.run(40_000);
    assert.equal(b.of('ended')[0]?.by, 'network');
    assert.equal(b.of('ended')[0]?.detail, 'our answer was never acknowledged');
  });

  test('calls that live are ended by `stop`, and `stopped` follows', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = answering;
    a.order(place('one'));
    a.order(place('two'));
    world.run(1_000);
    a.order({ type: 'stop' });
    world.run(1_000);
    assert.equal(a.of('ended').length, 2);
    assert.equal(a.of('stopped').length, 1);
    assert.equal(b.of('ended').length, 2);
    b.order({ type: 'stop' });
    world.run(100);
    assert.equal(b.of('stopped').length, 1);
  });

  test('a draining agent takes no calls and keeps those it has', () => {
    const world = new World();
    const { a, b } = pair(world);
    b.on = answering;
    a.order(place('one'));
    world.run(1_000);
    b.order({ type: 'drain' });
    a.order(place('two'));
    world.run(1_000);
    assert.deepEqual(
      a.of('ended').map(({ call, status }) => ({ call, status })),
      [{ call: 'two', status: 503 }],
    );
    assert.equal(b.of('ended').length, 0);
  });

  test('every order of every state is harmless', () => {
    const world = new World();
    const { a } = pair(world);
    const call = 'none';
    for (const order of [
      { type: 'ring', call },
      { type: 'answer', call, sdp: '' },
      { type: 'reject', call, status: 486, cause: 17 },
      { type: 'offer', call, sdp: '' },
      { type: 'accept_offer', call, sdp: '' },
      { type: 'refuse_offer', call, status: 488, warning: null },
      { type: 'hang_up', call, cause: 16 },
    ] as const) {
      a.order(order);
      a.order(place(`for-${order.type}`));
      a.order({ ...order, call: `for-${order.type}` });
    }
    world.run(300_000);
    assert.equal(a.of('ended').length, 7);
    assert.throws(() => a.order({ ...place(), trunk: 'nowhere' } as Order), { code: 'trunk_unknown' });
  });
});
