import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentOptions } from '../../../../carrier-adapters/sip-t38/sip/agent/options.ts';
import { Party, Peer, trunk, World } from './world.ts';

const FAR = '192.0.2.2';
const MINUTE = 60_000;

/** A placed call that the peer has answered with `headers` in its 200. */
function answered(headers: readonly (readonly [string, string])[] = [], options: Partial<AgentOptions> = {}) {
  const world = new World();
  const peer = new Peer(world, FAR);
  const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: FAR, port: null } })], options);
  agent.on = (event) =>
    event.type === 'offered' ? { type: 'accept_offer', call: event.call, sdp: `answer to ${event.sdp}` } : undefined;
  peer.on = (request) => {
    if (request.method === 'INVITE') peer.answer(request, 'answer', headers);
  };
  agent.order({ type: 'place', call: 'call-1', trunk: 't', to: '+491', from: null, sdp: 'offer' });
  world.run(100);
  assert.equal(agent.of('answered').length, 1);
  peer.on = (request) => {
    if (request.method === 'BYE') peer.reply(request, 200);
  };
  const offer = () => agent.order({ type: 'offer', call: 'call-1', sdp: 'image' });
  return { world, peer, agent, invite: peer.last('INVITE'), offer };
}

function body(message: { readonly body: Uint8Array } | undefined): string {
  return new TextDecoder().decode(message?.body);
}

describe('re-INVITE of ours', () => {
  test('it has the dialog, our Contact and the next CSeq, and its 2xx is acknowledged each time', () => {
    const { world, peer, agent, invite, offer } = answered();
    offer();
    world.run(100);
    const again = peer.last('INVITE');
    assert.equal(again.cseq.number, invite.cseq.number + 1);
    assert.deepEqual([again.toTag, again.fromTag, again.callId], ['peer', invite.fromTag, 'call-1']);
    assert.equal(body(again), 'image');
    peer.answer(again, 'yes');
    peer.answer(again, 'yes');
    world.run(100);
    const acks = peer.of('ACK').filter(({ cseq }) => cseq.number === again.cseq.number);
    assert.equal(acks.length, 2);
    assert.deepEqual(agent.of('offer_answered'), [{ type: 'offer_answered', call: 'call-1', sdp: 'yes' }]);
  });

  test('RFC 3261 §14.1: after 491 the owner of the Call-ID waits 2.1 to 4 s', () => {
    const waits = [];
    for (let seed = 0; seed < 20; seed++) {
      const { world, peer, agent, offer } = answered();
      for (let draw = 0; draw < seed; draw++) world.chance();
      offer();
      world.run(100);
      peer.reply(peer.last('INVITE'), 491);
      const since = world.now;
      world.run(10_000, () => peer.of('INVITE').length === 3);
      waits.push(world.now - since);
      assert.equal(agent.of('offer_refused').length, 0);
    }
    assert.ok(Math.min(...waits) >= 2_100 && Math.max(...waits) <= 4_100, waits.join());
    assert.ok(new Set(waits).size > 5, 'drawn at random');
  });

  test('491 without end is given up; the session stays', () => {
    const { world, peer, agent, offer } = answered();
    peer.on = (request) => {
      if (request.method === 'INVITE') peer.reply(request, 491);
    };
    offer();
    world.run(MINUTE);
    assert.deepEqual(agent.of('offer_refused'), [{ type: 'offer_refused', call: 'call-1', status: 491 }]);
    assert.equal(peer.of('INVITE').length, 6);
    assert.equal(agent.of('ended').length, 0);
  });

  test('their offer that is taken while ours waits makes ours void', () => {
    const { world, peer, agent, invite, offer } = answered();
    offer();
    world.run(100);
    peer.reply(peer.last('INVITE'), 491);
    world.run(50);
    peer.within(invite, 'INVITE', 1, [], 'theirs');
    world.run(50);
    assert.equal(body(peer.responses.at(-1)), 'answer to theirs');
    peer.within(invite, 'ACK', 1);
    world.run(MINUTE);
    assert.deepEqual(agent.of('offer_refused'), [{ type: 'offer_refused', call: 'call-1', status: 491 }]);
    assert.equal(peer.of('INVITE').length, 2, 'it was not sent again');
  });

  test('500 with Retry-After is tried again then; a second order meanwhile is refused at once', () => {
    const { world, peer, agent, offer } = answered();
    offer();
    world.run(100);
    peer.reply(peer.last('INVITE'), 500, { headers: [['Retry-After', '3']] });
    world.run(100);
    offer();
    assert.deepEqual(agent.of('offer_refused'), [{ type: 'offer_refused', call: 'call-1', status: 491 }]);
    world.run(2_500);
    assert.equal(peer.of('INVITE').length, 2);
    world.run(500);
    peer.answer(peer.last('INVITE'), 'yes');
    world.run(100);
    assert.equal(agent.of('offer_answered').length, 1);
  });

  test('§12.2.1.2: 481, 408 and silence end the call with BYE', () => {
    for (const status of [481, 408, null]) {
      const { world, peer, agent, offer } = answered();
      peer.on = (request) => {
        if (request.method === 'INVITE' && status !== null) peer.reply(request, status);
        if (request.method === 'BYE') peer.reply(request, 200);
      };
      offer();
      world.run(40_000);
      assert.equal(peer.of('BYE').length, 1, `${status}`);
      assert.deepEqual([agent.of('ended')[0]?.by, agent.of('ended')[0]?.status], ['network', null]);
    }
  });

  test('422 raises the interval of the session timer', () => {
    const { world, peer, agent, offer } = answered([['Session-Expires', '600;refresher=uas']], { sessionExpires: 600 });
    offer();
    world.run(100);
    assert.equal(peer.last('INVITE').headers.get('session-expires'), '600;refresher=uas');
    peer.reply(peer.last('INVITE'), 422, { headers: [['Min-SE', '700']] });
    world.run(100);
    assert.equal(peer.last('INVITE').headers.get('session-expires'), '700;refresher=uas');
    peer.answer(peer.last('INVITE'), 'yes');
    world.run(100);
    assert.equal(agent.of('offer_answered').length, 1);
  });

  test('a 2xx without answer is acknowledged and told as a refusal', () => {
    const { world, peer, agent, offer } = answered();
    offer();
    world.run(100);
    peer.reply(peer.last('INVITE'), 200);
    world.run(100);
    assert.equal(peer.of('ACK').length, 2);
    assert.deepEqual(agent.of('offer_refused'), [{ type: 'offer_refused', call: 'call-1', status: 488 }]);
  });
});

describe('re-INVITE and UPDATE of the far side', () => {
  test('UPDATE with an offer is answered (RFC 3311 §5.2)', () => {
    const { world, peer, agent, invite } = answered();
    peer.within(invite, 'UPDATE', 1, [], 'theirs');
    world.run(100);
    assert.deepEqual(agent.of('offered'), [{ type: 'offered', call: 'call-1', sdp: 'theirs' }]);
    assert.equal(body(peer.responses.at(-1)), 'answer to theirs');
  });

  test('an offerless re-INVITE wants our offer; the answer comes with ACK', () => {
    const { world, peer, agent, invite } = answered();
    agent.on = (event) =>
      event.type === 'offered' ? { type: 'accept_offer', call: event.call, sdp: 'our offer' } : undefined;
    peer.within(invite, 'INVITE', 1);
    world.run(50);
    assert.equal(agent.of('offered')[0]?.sdp, null);
    assert.equal(body(peer.responses.at(-1)), 'our offer');
    peer.within(invite, 'ACK', 1, [], 'their answer');
    world.run(50);
    assert.deepEqual(agent.of('offer_answered'), [{ type: 'offer_answered', call: 'call-1', sdp: 'their answer' }]);
  });

  test('§14.2: 491 while ours is under way, 500 with Retry-After while theirs is', () => {
    const { world, peer, agent, invite, offer } = answered();
    offer();
    world.run(50);
    peer.within(invite, 'INVITE', 1, [], 'theirs');
    world.run(50);
    assert.equal(peer.responses.at(-1)?.status, 491);
    peer.answer(peer.last('INVITE'), 'yes');
    world.run(50);
    agent.on = () => undefined;
    peer.within(invite, 'INVITE', 2, [], 'theirs');
    world.run(50);
    peer.within(invite, 'INVITE', 3, [], 'more');
    world.run(50);
    const last = peer.responses.at(-1);
    assert.equal(last?.status, 500);
    assert.ok(Number(last?.headers.get('retry-after')) <= 10);
    agent.order({ type: 'refuse_offer', call: 'call-1', status: 488, warning: '304 x "media"' });
    world.run(50);
    assert.deepEqual([peer.responses.at(-1)?.status, peer.responses.at(-1)?.cseq.number], [488, 2]);
    assert.equal(peer.responses.at(-1)?.headers.get('warning'), '304 x "media"');
  });

  test('CANCEL of a re-INVITE: 487, and the session stays (§9.2)', () => {
    const { world, peer, agent, invite } = answered();
    agent.on = () => undefined;
    peer.within(invite, 'INVITE', 1, [], 'theirs');
    world.run(50);
    peer.write(
      [
        'CANCEL sip:sealfax@192.0.2.1:5060 SIP/2.0',
        'Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK-INVITE-1;rport',
        `From: ${invite.headers.get('to')};tag=peer`,
        `To: ${invite.headers.get('from')}`,
        'Call-ID: call-1',
        'CSeq: 1 CANCEL',
      ],
      agent.place,
    );
    world.run(50);
    const seen = peer.responses.map(({ status, cseq }) => `${status} ${cseq.method}`);
    assert.deepEqual(seen, ['200 CANCEL', '487 INVITE']);
    agent.order({ type: 'accept_offer', call: 'call-1', sdp: 'too late' });
    world.run(MINUTE);
    assert.equal(agent.of('ended').length, 0);
    assert.equal(peer.responses.filter(({ status }) => status === 200).length, 1);
  });

  test('§15.1.2: BYE with an offer open answers that with 487', () => {
    const { world, peer, agent, invite } = answered();
    agent.on = () => undefined;
    peer.within(invite, 'INVITE', 1, [], 'theirs');
    world.run(50);
    peer.within(invite, 'BYE', 2, ['Reason: SIP;cause=200, Q.850;cause=16;text="x"']);
    world.run(50);
    assert.deepEqual(peer.responses.map(({ status, cseq }) => `${status} ${cseq.method}`).sort(), [
      '200 BYE',
      '487 INVITE',
    ]);
    assert.deepEqual([agent.of('ended')[0]?.by, agent.of('ended')[0]?.cause], ['remote', 16]);
  });

  test('an unknown body in a re-INVITE: 415', () => {
    const { world, peer, invite } = answered();
    peer.within(invite, 'INVITE', 1, ['Content-Encoding: gzip'], 'theirs');
    world.run(50);
    assert.equal(peer.responses.at(-1)?.status, 415);
  });
});

describe('session timers (RFC 4028)', () => {
  const asUs = [
    ['Session-Expires', '600;refresher=uac'],
    ['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE'],
  ] as const;

  test('§10: we refresh at half the interval with UPDATE where the peer takes it, without an offer', () => {
    const { world, peer, agent } = answered(asUs, { sessionExpires: 600 });
    peer.on = (request) => {
      if (request.method === 'UPDATE')
        peer.reply(request, 200, { headers: [['Session-Expires', '600;refresher=uac']] });
    };
    world.run(299_000);
    assert.equal(peer.of('UPDATE').length, 0);
    world.run(2_000);
    const update = peer.last('UPDATE');
    assert.equal(update.headers.get('session-expires'), '600;refresher=uac');
    assert.equal(update.body.length, 0);
    world.run(20 * MINUTE);
    assert.equal(peer.of('UPDATE').length, 5);
    assert.equal(agent.of('ended').length + agent.of('offered').length, 0);
  });

  test('without UPDATE we refresh by a re-INVITE with the description that holds', () => {
    const { world, peer, agent, offer } = answered([['Session-Expires', '600;refresher=uac']], { sessionExpires: 600 });
    peer.on = (request) => {
      if (request.method === 'INVITE') peer.answer(request, 'yes', [['Session-Expires', '600;refresher=uac']]);
    };
    world.run(301_000);
    assert.equal(body(peer.last('INVITE')), 'offer');
    offer();
    world.run(301_000);
    assert.equal(body(peer.last('INVITE')), 'image');
    assert.equal(peer.of('INVITE').length, 4);
    assert.equal(agent.of('offer_answered').length, 1, 'a refresh is told to nobody');
  });

  test('a peer that refuses UPDATE after all is refreshed by re-INVITE', () => {
    const { world, peer } = answered(asUs, { sessionExpires: 600 });
    peer.on = (request) => {
      if (request.method === 'UPDATE') peer.reply(request, 405);
      if (request.method === 'INVITE') peer.answer(request, 'yes', [['Session-Expires', '600;refresher=uac']]);
    };
    world.run(301_000);
    assert.deepEqual([peer.of('UPDATE').length, peer.of('INVITE').length], [1, 2]);
  });

  test('§10: a peer that should refresh and does not loses the session 32 s before the end', () => {
    const { world, peer, agent } = answered([['Session-Expires', '600;refresher=uas']], { sessionExpires: 600 });
    world.run(567_000);
    assert.equal(agent.of('ended').length, 0);
    world.run(2_000);
    assert.equal(peer.last('BYE').headers.get('reason'), 'Q.850;cause=102');
    assert.equal(agent.of('ended')[0]?.detail, 'the session timer has run out');
  });

  test('§9: refreshes of the peer, by UPDATE and by re-INVITE, keep the session', () => {
    const { world, peer, agent, invite } = answered([['Session-Expires', '600;refresher=uas']], {
      sessionExpires: 600,
    });
    for (let round = 1; round <= 4; round++) {
      world.run(300_000);
      const headers = ['Supported: timer', 'Session-Expires: 600;refresher=uac'];
      if (round % 2 === 0) peer.within(invite, 'UPDATE', round, headers);
      else peer.within(invite, 'INVITE', round, headers, 'same');
      world.run(50);
      const ok = peer.responses.at(-1);
      assert.equal(ok?.status, 200);
      assert.equal(ok?.headers.get('session-expires'), '600;refresher=uac');
      assert.equal(ok?.headers.get('require'), 'timer');
      if (round % 2 === 1) peer.within(invite, 'ACK', round);
    }
    assert.equal(agent.of('ended').length, 0);
    world.run(600_000);
    assert.equal(agent.of('ended').length, 1);
  });

  test('a refresh that finds no dialog any more ends the call', () => {
    const { world, peer, agent } = answered(asUs, { sessionExpires: 600 });
    peer.on = (request) => {
      if (request.method === 'UPDATE') peer.reply(request, 481);
      if (request.method === 'BYE') peer.reply(request, 481);
    };
    world.run(302_000);
    assert.equal(agent.of('ended')[0]?.detail, 'the far side does not know the call any more');
  });

  test('a peer without session timers has none', () => {
    const { world, peer, agent } = answered([], { sessionExpires: 600 });
    world.run(60 * MINUTE);
    assert.equal(agent.of('ended').length, 0);
    assert.equal(peer.requests.length, 2);
  });

  test('a taken call: the interval is granted, and we refresh unless the caller wants to', () => {
    for (const [asked, granted] of [
      ['1800;refresher=uac', '600;refresher=uac'],
      ['1800', '600;refresher=uas'],
      ['300;refresher=uas', '300;refresher=uas'],
    ] as const) {
      const world = new World();
      const peer = new Peer(world, FAR);
      const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: FAR, port: null } })], {
        sessionExpires: 600,
      });
      agent.on = (event) => (event.type === 'incoming' ? { type: 'answer', call: event.call, sdp: 'x' } : undefined);
      peer.write(
        [
          'INVITE sip:+491@192.0.2.1 SIP/2.0',
          'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKa;rport',
          'From: <sip:a@192.0.2.2>;tag=f',
          'To: <sip:+491@192.0.2.1>',
          'Call-ID: c',
          'CSeq: 1 INVITE',
          'Contact: <sip:a@192.0.2.2>',
          'Supported: timer',
          `Session-Expires: ${asked}`,
          'Content-Type: application/sdp',
        ],
        agent.place,
        'offer',
      );
      world.run(100);
      assert.equal(peer.responses.at(-1)?.headers.get('session-expires'), granted);
    }
  });
});

test('the address that a dialog leads to is heard for as long as the dialog lives', () => {
  const world = new World();
  const peer = new Peer(world, FAR);
  const other = new Peer(world, '192.0.2.80');
  const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: FAR, port: null } })]);
  peer.on = (request) => {
    if (request.method !== 'INVITE') return;
    const body = new TextEncoder().encode('answer');
    const headers = [['Contact', '<sip:far@192.0.2.80:5060>']] as const;
    peer.reply(request, 200, { headers, body, contentType: 'application/sdp' });
  };
  agent.order({ type: 'place', call: 'call-1', trunk: 't', to: '+491', from: null, sdp: 'offer' });
  world.run(100);
  const invite = peer.last('INVITE');
  assert.equal(other.of('ACK').length, 1);
  other.within(invite, 'INFO', 1);
  world.run(100);
  assert.equal(other.responses.at(-1)?.status, 200);
  other.within(invite, 'BYE', 2);
  world.run(100);
  assert.equal(agent.of('ended').length, 1);
  const heard = other.responses.length;
  other.within(invite, 'INFO', 3);
  world.run(1_000);
  assert.equal(other.responses.length, heard, 'a stranger again');
});

test('the requests of a call that has ended are answered 481, and its orders do nothing', () => {
  const { world, peer, agent, invite } = answered();
  agent.order({ type: 'hang_up', call: 'call-1', cause: 16 });
  world.run(100);
  const sent = agent.sent.length;
  peer.within(invite, 'INFO', 5);
  world.run(100);
  assert.equal(peer.responses.at(-1)?.status, 481);
  agent.order({ type: 'offer', call: 'call-1', sdp: 'x' });
  agent.order({ type: 'hang_up', call: 'call-1', cause: 16 });
  world.run(MINUTE);
  assert.equal(agent.sent.length, sent + 1);
  assert.equal(
    agent.agent.deadline === null || agent.agent.deadline > world.now + MINUTE,
    true,
    'nothing is left running',
  );
});
