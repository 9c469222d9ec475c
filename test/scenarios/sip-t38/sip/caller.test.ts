import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentOptions } from '../../../../carrier-adapters/sip-t38/sip/agent/options.ts';
import type { Trunk } from '../../../../carrier-adapters/sip-t38/sip/agent/trunk.ts';
import type { ReceivedRequest } from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { Party, Peer, trunk, World } from './world.ts';

const FAR = '192.0.2.2';

/** An agent with one trunk, and the peer at the trunk's address. */
function scene(settings: Partial<Trunk> = {}, options: Partial<AgentOptions> = {}) {
  const world = new World();
  const peer = new Peer(world, FAR);
  const agent = new Party(
    world,
    '192.0.2.1',
    [trunk({ name: 't', server: { host: FAR, port: null }, ...settings })],
    options,
  );
  return { world, peer, agent };
}

function place(agent: Party, call = 'call-1'): void {
  agent.order({ type: 'place', call, trunk: 't', to: '+4930123', from: '+4940567', sdp: 'offer' });
}

function ended(agent: Party) {
  return agent.of('ended').map(({ by, status }) => ({ by, status }));
}

describe('placing a call', () => {
  test('RFC 3261 §8.1.1: the INVITE has what an INVITE must have', () => {
    const { world, peer, agent } = scene({ callerId: 'both', numberFormat: 'double_zero' }, { product: 'Sealfax' });
    place(agent);
    world.run(100);
    const invite = peer.last('INVITE');
    assert.equal(invite.uri, 'sip:004930123@192.0.2.2');
    assert.equal(invite.callId, 'call-1');
    assert.equal(invite.toTag, null);
    assert.equal(invite.from.uri, 'sip:004940567@192.0.2.2');
    assert.equal(invite.fromTag?.length, 16);
    assert.equal(invite.headers.get('max-forwards'), '70');
    assert.equal(invite.headers.get('contact'), '<sip:sealfax@192.0.2.1:5060>');
    assert.equal(invite.headers.get('p-asserted-identity'), '<sip:004940567@192.0.2.2>');
    assert.equal(invite.headers.get('allow'), 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO');
    assert.equal(invite.headers.get('supported'), 'timer');
    assert.equal(invite.headers.get('user-agent'), 'Sealfax');
    assert.equal(invite.headers.get('content-type'), 'application/sdp');
    assert.equal(new TextDecoder().decode(invite.body), 'offer');
    assert.ok(invite.via.params.has('rport'), 'RFC 3581 §3');
  });

  test('the calling number is told where the trunk wants it', () => {
    for (const [callerId, user, asserted] of [
      ['from', '+4940567', undefined],
      ['identity', 'sealfax', '<sip:+4940567@example.org>'],
      ['none', 'sealfax', undefined],
    ] as const) {
      const { world, peer, agent } = scene({ callerId, fromDomain: 'example.org' });
      place(agent);
      world.run(100);
      assert.equal(peer.last('INVITE').from.uri, `sip:${user}@example.org`);
      assert.equal(peer.last('INVITE').headers.get('p-asserted-identity'), asserted);
    }
  });

  test('early media is told with its provisional response, and a 200 without SDP has the answer of 183', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method !== 'INVITE') return;
      const body = new TextEncoder().encode('early');
      peer.reply(request, 183, { body, contentType: 'application/sdp' });
      peer.reply(request, 200, { headers: [['Contact', '<sip:far@192.0.2.2>']] });
    };
    place(agent);
    world.run(100);
    assert.deepEqual(agent.of('ringing'), [{ type: 'ringing', call: 'call-1', status: 183, sdp: 'early' }]);
    assert.deepEqual(agent.of('answered'), [{ type: 'answered', call: 'call-1', sdp: 'early' }]);
  });

  test('an answer without any session description is acknowledged and ended', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method === 'INVITE') peer.reply(request, 200, { headers: [['Contact', '<sip:far@192.0.2.2>']] });
      if (request.method === 'BYE') peer.reply(request, 200);
    };
    place(agent);
    world.run(100);
    assert.deepEqual(ended(agent), [{ by: 'network', status: 488 }]);
    assert.deepEqual([peer.of('ACK').length, peer.of('BYE').length], [1, 1]);
  });

  test('once an answer is sent away, so is that of every fork', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method === 'INVITE') {
        peer.reply(request, 200, { toTag: 'one', headers: [['Contact', '<sip:far@192.0.2.2>']] });
        peer.answer(request, 'fit', [], 'two');
      }
      if (request.method === 'BYE') world.after(100, () => peer.reply(request, 200));
    };
    place(agent);
    world.run(1_000);
    assert.deepEqual(ended(agent), [{ by: 'network', status: 488 }]);
    assert.equal(agent.of('answered').length, 0);
    assert.deepEqual(
      peer
        .of('BYE')
        .map(({ toTag }) => toTag)
        .sort(),
      ['one', 'two'],
    );
  });

  for (const status of [401, 407]) {
    test(`RFC 3665 §3.3: a challenge by ${status} is answered with credentials and a higher CSeq`, () => {
      const { world, peer, agent } = scene({ credentials: { username: 'gw', password: 'secret' } });
      const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
      const credentials = status === 401 ? 'authorization' : 'proxy-authorization';
      peer.on = (request) => {
        if (request.method !== 'INVITE') return;
        if (request.headers.has(credentials)) peer.answer(request, 'answer');
        else peer.reply(request, status, { headers: [[name, 'Digest realm="x", nonce="n1", qop="auth"']] });
      };
      place(agent);
      world.run(1_000);
      const [first, second] = peer.of('INVITE');
      assert.ok(first && second);
      assert.equal(second.cseq.number, first.cseq.number + 1);
      assert.equal(second.callId, first.callId);
      assert.equal(second.fromTag, first.fromTag);
      assert.equal(agent.of('answered').length, 1);
      assert.equal(peer.last('ACK').headers.get(credentials), second.headers.get(credentials), '§22.1');
      agent.order({ type: 'offer', call: 'call-1', sdp: 'image' });
      world.run(100);
      assert.match(
        peer.last('INVITE').headers.get(credentials) ?? '',
        /nc=00000002/,
        'known realms are served at once',
      );
    });
  }

  test('wrong credentials, or none, end the call with the status', () => {
    for (const credentials of [null, { username: 'gw', password: 'wrong' }]) {
      const { world, peer, agent } = scene({ credentials });
      peer.on = (request) => {
        if (request.method !== 'INVITE') return;
        peer.reply(request, 401, { headers: [['WWW-Authenticate', 'Digest realm="x", nonce="n1", qop="auth"']] });
      };
      place(agent);
      world.run(40_000);
      assert.deepEqual(ended(agent), [{ by: 'remote', status: 401 }]);
      assert.ok(peer.of('INVITE').length <= 2);
    }
  });

  test('a registrar that always says stale is not asked for ever', () => {
    const { world, peer, agent } = scene({ credentials: { username: 'gw', password: 'secret' } });
    let nonces = 0;
    peer.on = (request) => {
      if (request.method !== 'INVITE') return;
      const value = `Digest realm="x", nonce="n${nonces++}", qop="auth", stale=true`;
      peer.reply(request, 401, { headers: [['WWW-Authenticate', value]] });
    };
    place(agent);
    world.run(40_000);
    assert.deepEqual(ended(agent), [{ by: 'remote', status: 401 }]);
    assert.equal(peer.of('INVITE').length, 5);
  });

  test('RFC 3665 §3.6: a redirection within the trunk is followed, twice at most', () => {
    const { world, peer, agent } = scene();
    let hops = 0;
    peer.on = (request) => {
      if (request.method !== 'INVITE') return;
      hops++;
      peer.reply(request, 302, { headers: [['Contact', `<sip:hop${hops}@192.0.2.2>`]] });
    };
    place(agent);
    world.run(40_000);
    assert.deepEqual(
      peer.of('INVITE').map(({ uri }) => uri),
      ['sip:+4930123@192.0.2.2', 'sip:hop1@192.0.2.2', 'sip:hop2@192.0.2.2'],
    );
    assert.deepEqual(ended(agent), [{ by: 'remote', status: 302 }]);
  });

  test('a redirection to a stranger is not followed', () => {
    const { world, peer, agent } = scene();
    const stranger = new Peer(world, '203.0.113.9');
    peer.on = (request) => {
      if (request.method === 'INVITE') {
        peer.reply(request, 302, { headers: [['Contact', '<sip:900@203.0.113.9>, <tel:+1900>']] });
      }
    };
    place(agent);
    world.run(40_000);
    assert.deepEqual(ended(agent), [{ by: 'remote', status: 302 }]);
    assert.equal(stranger.requests.length, 0);
  });

  test('RFC 4028 §7.3: 422 raises the session interval', () => {
    const { world, peer, agent } = scene({}, { sessionExpires: 600 });
    peer.on = (request) => {
      if (request.method !== 'INVITE') return;
      if (request.headers.get('session-expires') === '600') peer.reply(request, 422, { headers: [['Min-SE', '900']] });
      else peer.answer(request, 'answer');
    };
    place(agent);
    world.run(1_000);
    assert.equal(peer.last('INVITE').headers.get('session-expires'), '900');
    assert.equal(peer.last('INVITE').headers.get('min-se'), '900');
    assert.equal(agent.of('answered').length, 1);
  });

  test('a 422 that asks for nothing more ends the call', () => {
    const { world, peer, agent } = scene({}, { sessionExpires: 600 });
    peer.on = (request) => {
      if (request.method === 'INVITE') peer.reply(request, 422, { headers: [['Min-SE', '90']] });
    };
    place(agent);
    world.run(1_000);
    assert.deepEqual(ended(agent), [{ by: 'remote', status: 422 }]);
  });

  test('RFC 3261 §13.2.2.4: the 2xx of a fork is acknowledged and ended; the first stays', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method === 'BYE') peer.reply(request, 200);
      if (request.method !== 'INVITE') return;
      peer.answer(request, 'one', [], 'one');
      peer.answer(request, 'two', [], 'two');
      peer.answer(request, 'two', [], 'two');
      peer.answer(request, 'one', [], 'one');
    };
    place(agent);
    world.run(2_000);
    assert.deepEqual(agent.of('answered'), [{ type: 'answered', call: 'call-1', sdp: 'one' }]);
    const tags = (method: string) => peer.of(method).map(({ toTag }) => toTag);
    assert.deepEqual(tags('ACK').sort(), ['one', 'one', 'two']);
    assert.deepEqual(tags('BYE'), ['two']);
    assert.equal(agent.of('ended').length, 0);
  });

  test('BYE that overtakes its 200 ends the call, and the late 200 is sent away', () => {
    const { world, peer, agent } = scene();
    let invite: ReceivedRequest | undefined;
    peer.on = (request) => {
      if (request.method !== 'INVITE') return;
      invite = request;
      peer.reply(request, 180);
      peer.within(request, 'BYE', 1);
    };
    place(agent);
    world.run(100);
    assert.deepEqual(ended(agent), [{ by: 'remote', status: null }]);
    if (invite) peer.answer(invite, 'late');
    world.run(100);
    assert.equal(peer.of('ACK').length, 1);
    assert.equal(agent.of('answered').length, 0);
  });

  test('CANCEL waits for a provisional response (§9.1)', () => {
    const { world, peer, agent } = scene();
    place(agent);
    world.run(100);
    agent.order({ type: 'hang_up', call: 'call-1', cause: 16 });
    world.run(300);
    assert.equal(peer.of('CANCEL').length, 0);
    peer.reply(peer.last('INVITE'), 180);
    world.run(100);
    assert.equal(peer.of('CANCEL').length, 1);
    assert.equal(peer.last('CANCEL').headers.get('reason'), 'Q.850;cause=16');
    peer.reply(peer.last('CANCEL'), 200);
    peer.reply(peer.last('INVITE'), 487);
    world.run(100);
    assert.deepEqual(ended(agent), [{ by: 'local', status: 487 }]);
    assert.equal(agent.of('ringing').length, 0);
  });

  test('a call that nobody answers is canceled after three minutes', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method === 'INVITE') peer.reply(request, 180);
      if (request.method === 'CANCEL') {
        peer.reply(request, 200);
        peer.reply(peer.last('INVITE'), 487);
      }
    };
    place(agent);
    world.run(200_000);
    assert.deepEqual(ended(agent), [{ by: 'network', status: 408 }]);
  });

  test('a response with another Call-ID is not ours: the right one still comes', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method !== 'INVITE') return;
      const via = request.headers.get('via') ?? '';
      peer.write(
        [
          'SIP/2.0 486 Busy',
          `Via: ${via}`,
          'From: <sip:a@b>;tag=x',
          'To: <sip:a@b>',
          'Call-ID: other',
          'CSeq: 1 INVITE',
        ],
        agent.place,
      );
    };
    place(agent);
    world.run(1_000);
    assert.equal(agent.of('ended').length, 0);
    peer.reply(peer.last('INVITE'), 404);
    world.run(1_000);
    assert.deepEqual(ended(agent), [{ by: 'remote', status: 404 }]);
  });
});

describe('where a request goes (RFC 3263)', () => {
  test('SRV records by priority and weight, and the next one only while no answer came', () => {
    const world = new World();
    const service = (target: string, priority: number) => ({ priority, weight: 10, port: 5070, target });
    world.services['_sip._udp.trunk.example'] = [service('b.example', 20), service('a.example', 10)];
    world.addresses['a.example'] = ['192.0.2.10'];
    world.addresses['b.example'] = ['192.0.2.11'];
    const b = new Peer(world, '192.0.2.11', 5070);
    b.on = (request) => {
      if (request.method === 'INVITE') b.answer(request, 'answer');
    };
    const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: 'trunk.example', port: null } })]);
    world.run(100);
    assert.equal(agent.of('trunk')[0]?.state, 'resolved');
    place(agent);
    world.run(31_000);
    assert.equal(agent.of('answered').length, 0);
    world.run(2_000);
    assert.equal(agent.of('answered').length, 1, 'timer B of the first, then the second');
    // The one that was silent rests: the next call goes to the other at once.
    place(agent, 'call-2');
    world.run(100);
    assert.equal(agent.of('answered').length, 2);
  });

  test('503 with Retry-After leads to the next, and others do not', () => {
    for (const [status, tries] of [
      [503, 2],
      [486, 1],
      [500, 1],
    ] as const) {
      const world = new World();
      world.addresses['trunk.example'] = ['192.0.2.10', '192.0.2.11'];
      const peers = ['192.0.2.10', '192.0.2.11'].map((address) => new Peer(world, address));
      for (const peer of peers) {
        peer.on = (request) => {
          if (request.method === 'INVITE') peer.reply(request, status, { headers: [['Retry-After', '60']] });
        };
      }
      const agent = new Party(world, '192.0.2.1', [
        trunk({ name: 't', server: { host: 'trunk.example', port: 5060 } }),
      ]);
      place(agent);
      world.run(1_000);
      assert.deepEqual(ended(agent), [{ by: 'remote', status }]);
      assert.equal(
        peers.reduce((sum, peer) => sum + peer.of('INVITE').length, 0),
        tries,
      );
    }
  });

  test('once it has rung somewhere, no other target is tried', () => {
    const world = new World();
    world.addresses['trunk.example'] = ['192.0.2.10', '192.0.2.11'];
    const [first, second] = [new Peer(world, '192.0.2.10'), new Peer(world, '192.0.2.11')];
    first.on = (request) => {
      if (request.method !== 'INVITE') return;
      first.reply(request, 180);
      first.reply(request, 503);
    };
    const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: 'trunk.example', port: 5060 } })]);
    place(agent);
    world.run(1_000);
    assert.deepEqual(ended(agent), [{ by: 'remote', status: 503 }]);
    assert.equal(second.requests.length, 0);
  });

  test('a target that cannot be reached is left for the next at once', () => {
    const world = new World();
    world.addresses['trunk.example'] = ['192.0.2.10', '192.0.2.11'];
    const second = new Peer(world, '192.0.2.11');
    second.on = (request) => {
      if (request.method === 'INVITE') second.answer(request, 'answer');
    };
    const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: 'trunk.example', port: 5060 } })]);
    place(agent);
    world.run(10);
    agent.tell({ type: 'unreachable', transport: 'udp', remote: { address: '192.0.2.10', port: 5060 } });
    world.run(100);
    assert.equal(agent.of('answered').length, 1);
  });

  test('a name without any address: the trunk says so and the call fails with 503', () => {
    const world = new World();
    const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: 'gone.example', port: null } })]);
    place(agent);
    world.run(100);
    assert.equal(agent.of('trunk')[0]?.state, 'unresolvable');
    assert.deepEqual(agent.of('ended')[0], {
      type: 'ended',
      call: 'call-1',
      by: 'network',
      status: 503,
      cause: null,
      detail: 'the host has no address',
    });
    world.addresses['gone.example'] = ['192.0.2.7'];
    world.run(31_000);
    assert.equal(agent.of('trunk')[1]?.state, 'resolved');
  });

  test('a canceled look-up is forgotten', () => {
    const world = new World();
    const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server: { host: 'slow.example', port: null } })]);
    place(agent);
    agent.order({ type: 'hang_up', call: 'call-1', cause: 16 });
    assert.deepEqual(ended(agent), [{ by: 'local', status: 487 }]);
    world.addresses['slow.example'] = ['192.0.2.7'];
    world.run(1_000);
    assert.equal(agent.sent.length, 0);
  });

  test('the outbound proxy gets every new request; the Request-URI names the provider', () => {
    const { world, agent } = scene({ outboundProxy: { host: '192.0.2.50', port: 5080 } });
    const proxy = new Peer(world, '192.0.2.50', 5080);
    place(agent);
    world.run(100);
    assert.equal(proxy.last('INVITE').uri, 'sip:+4930123@192.0.2.2');
  });
});

describe('routing within a dialog (§12.2.1.1)', () => {
  const routes = (request: ReceivedRequest) => request.headers.all('route');

  test('loose routing: the target in the Request-URI, the route set in reverse order', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method !== 'INVITE') return;
      const recordRoutes = ['<sip:p2.example;lr>', '<sip:192.0.2.60;lr>'] as const;
      peer.answer(
        request,
        'answer',
        recordRoutes.map((route) => ['Record-Route', route] as const),
      );
    };
    const proxy = new Peer(world, '192.0.2.60');
    place(agent);
    world.run(100);
    agent.order({ type: 'hang_up', call: 'call-1', cause: 16 });
    world.run(100);
    assert.equal(proxy.last('ACK').uri, 'sip:far@192.0.2.2:5060');
    assert.deepEqual(routes(proxy.last('BYE')), ['<sip:192.0.2.60;lr>', '<sip:p2.example;lr>']);
    assert.equal(proxy.last('BYE').uri, 'sip:far@192.0.2.2:5060');
  });

  test('strict routing: the first route in the Request-URI, the target last', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method === 'INVITE') peer.answer(request, 'answer', [['Record-Route', '<sip:192.0.2.60>']]);
    };
    const proxy = new Peer(world, '192.0.2.60');
    place(agent);
    world.run(100);
    assert.equal(proxy.last('ACK').uri, 'sip:192.0.2.60');
    assert.deepEqual(routes(proxy.last('ACK')), ['<sip:far@192.0.2.2:5060>']);
  });

  test('a target refresh moves what follows, and what comes from there is heard', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method === 'INVITE') peer.answer(request, 'answer');
    };
    agent.on = (event) =>
      event.type === 'offered' ? { type: 'accept_offer', call: event.call, sdp: 'accepted' } : undefined;
    const moved = new Peer(world, '192.0.2.70', 5090);
    moved.on = (request) => {
      if (request.method === 'BYE') moved.reply(request, 200);
    };
    place(agent);
    world.run(100);
    const invite = peer.last('INVITE');
    const text = [
      'INVITE sip:sealfax@192.0.2.1:5060 SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK-again;rport',
      `From: ${invite.headers.get('to')};tag=peer`,
      `To: ${invite.headers.get('from')}`,
      `Call-ID: ${invite.callId}`,
      'CSeq: 9 INVITE',
      'Contact: <sip:new@192.0.2.70:5090>',
      'Content-Type: application/sdp',
    ];
    peer.write(text, agent.place, 'offer');
    world.run(100);
    assert.equal(peer.responses.at(-1)?.status, 200);
    agent.order({ type: 'hang_up', call: 'call-1', cause: 16 });
    world.run(1_000);
    assert.equal(moved.last('BYE').uri, 'sip:new@192.0.2.70:5090');
    assert.deepEqual(ended(agent), [{ by: 'local', status: null }]);
  });

  test('a peer behind NAT that names a private address is answered where it came from', () => {
    const { world, peer, agent } = scene();
    peer.on = (request) => {
      if (request.method === 'INVITE') {
        const contact = ['Contact', '<sip:far@10.0.0.5:5060>'] as const;
        const body = new TextEncoder().encode('answer');
        peer.reply(request, 200, { headers: [contact], body, contentType: 'application/sdp' });
      }
    };
    place(agent);
    world.run(100);
    assert.equal(peer.last('ACK').uri, 'sip:far@10.0.0.5:5060');
  });
});
