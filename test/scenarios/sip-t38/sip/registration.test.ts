import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentOptions } from '../../../../carrier-adapters/sip-t38/sip/agent/options.ts';
import type { Registering, Trunk } from '../../../../carrier-adapters/sip-t38/sip/agent/trunk.ts';
import type { ReceivedRequest } from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { Party, Peer, trunk, World } from './world.ts';

const REGISTRAR = '192.0.2.2';
const MINUTE = 60_000;
const credentials = { username: 'gw', password: 'secret' };

function scene(
  register: Partial<Registering> = {},
  settings: Partial<Trunk> = {},
  options: Partial<AgentOptions> = {},
  before: (peer: Peer) => void = (peer) => grant(peer),
) {
  const world = new World();
  const peer = new Peer(world, REGISTRAR);
  before(peer);
  const agent = new Party(
    world,
    '192.0.2.1',
    [
      trunk({
        name: 't',
        server: { host: REGISTRAR, port: null },
        credentials,
        fromDomain: 'trunk.example',
        user: 'gw',
        register: { expires: 600, contactUser: 'line', keepAlive: 0, ...register },
        ...settings,
      }),
    ],
    options,
  );
  world.run(500);
  return { world, peer, agent };
}

/** Grants what is asked for, or `seconds`. */
function grant(peer: Peer, seconds?: number): void {
  peer.on = (request) => {
    if (request.method === 'REGISTER') accept(peer, request, seconds);
  };
}

function accept(peer: Peer, request: ReceivedRequest, seconds?: number): void {
  const expires = seconds ?? request.headers.get('expires');
  const contact = request.headers.get('contact') ?? '';
  peer.reply(request, 200, {
    headers: [
      ['Contact', '<sip:other@192.0.2.77>;expires=7'],
      ['Contact', `${contact};expires=${expires}`],
    ],
  });
}

function states(agent: Party) {
  return agent.of('trunk').map(({ state, status, seconds }) => ({ state, status, seconds }));
}

describe('registration (RFC 3261 §10.2)', () => {
  test('REGISTER has the address of record, our Contact and the expiry, and the grant is told', () => {
    const { peer, agent } = scene();
    const register = peer.last('REGISTER');
    assert.equal(register.uri, 'sip:192.0.2.2');
    assert.equal(register.from.uri, 'sip:gw@trunk.example');
    assert.equal(register.to.uri, 'sip:gw@trunk.example');
    assert.equal(register.toTag, null);
    assert.equal(register.headers.get('contact'), '<sip:line@192.0.2.1:5060>');
    assert.equal(register.headers.get('expires'), '600');
    assert.deepEqual(states(agent), [
      { state: 'resolved', status: null, seconds: null },
      { state: 'registered', status: null, seconds: 600 },
    ]);
  });

  test('RFC 3665 §2.1: a challenge is answered; the next refresh has credentials at once', () => {
    const { world, peer } = scene({}, {}, {}, (registrar) => {
      registrar.on = (request) => {
        if (request.headers.has('authorization')) accept(registrar, request);
        else {
          const challenge = 'Digest realm="asterisk", nonce="n1", algorithm=MD5, qop="auth"';
          registrar.reply(request, 401, { headers: [['WWW-Authenticate', challenge]] });
        }
      };
    });
    assert.equal(peer.of('REGISTER').length, 2);
    world.run(450_000);
    const [first, second, third] = peer.of('REGISTER');
    assert.equal(peer.of('REGISTER').length, 3);
    assert.equal(first?.callId, third?.callId);
    assert.ok((third?.cseq.number ?? 0) > (second?.cseq.number ?? 0));
    assert.match(third?.headers.get('authorization') ?? '', /nc=00000002/);
  });

  test('it is refreshed between a half and three quarters of what was granted', () => {
    for (const seconds of [600, 120, 60]) {
      const { world, peer } = scene({}, {}, {}, (registrar) => grant(registrar, seconds));
      world.run(seconds * 500 - 600);
      assert.equal(peer.of('REGISTER').length, 1, `${seconds}`);
      world.run(seconds * 250 + 600);
      assert.equal(peer.of('REGISTER').length, 2, `${seconds}`);
    }
  });

  test('§10.2.8: 423 raises the expiry', () => {
    const { peer, agent } = scene({ expires: 60 }, {}, {}, (registrar) => {
      registrar.on = (request) => {
        if (request.headers.get('expires') === '60')
          registrar.reply(request, 423, { headers: [['Min-Expires', '300']] });
        else accept(registrar, request);
      };
    });
    assert.equal(peer.last('REGISTER').headers.get('expires'), '300');
    assert.equal(states(agent).at(-1)?.seconds, 300);
  });

  test('RFC 5626 §4.5: failures are tried again ever later, with jitter, up to half an hour', () => {
    const { world, peer, agent } = scene({}, {}, {}, (registrar) => {
      registrar.on = (request) => registrar.reply(request, 403);
    });
    assert.deepEqual(states(agent).at(-1)?.state, 'register_failed');
    assert.equal(states(agent).at(-1)?.status, 403);
    const times: number[] = [];
    let last = world.now;
    for (let round = 0; round < 10; round++) {
      const count = peer.of('REGISTER').length;
      world.run(2_000_000, () => peer.of('REGISTER').length > count);
      times.push(world.now - last);
      last = world.now;
    }
    for (const [index, time] of times.entries()) {
      const upper = Math.min(30_000 * 2 ** index, 1_800_000);
      assert.ok(time >= upper / 2 - 1_000 && time <= upper + 1_000, `${index}: ${time}`);
    }
    grant(peer);
    world.run(2_000_000);
    assert.ok(states(agent).some(({ state }) => state === 'registered'));
  });

  test('Retry-After of a 503 is kept, and silence counts as 408', () => {
    const busy = scene({}, {}, {}, (registrar) => {
      registrar.on = (request) => registrar.reply(request, 503, { headers: [['Retry-After', '900']] });
    });
    assert.equal(states(busy.agent).at(-1)?.seconds, 900);
    busy.world.run(899_000);
    assert.equal(busy.peer.of('REGISTER').length, 1);
    busy.world.run(2_000);
    assert.equal(busy.peer.of('REGISTER').length, 2);
    const dead = scene({}, {}, {}, () => {});
    dead.world.run(33_000);
    assert.deepEqual([states(dead.agent).at(-1)?.state, states(dead.agent).at(-1)?.status], ['register_failed', 408]);
  });

  test('§10.2.2: stop takes the binding back', () => {
    const { world, peer, agent } = scene();
    agent.order({ type: 'stop' });
    world.run(100);
    const last = peer.last('REGISTER');
    assert.equal(last.headers.get('expires'), '0');
    assert.equal(last.headers.get('contact'), '<sip:line@192.0.2.1:5060>');
    assert.equal(states(agent).at(-1)?.state, 'unregistered');
    assert.equal(agent.of('stopped').length, 1);
    world.run(60 * MINUTE);
    assert.equal(peer.of('REGISTER').length, 2);
  });

  test('stop waits four seconds for a registrar that is gone', () => {
    const { world, peer, agent } = scene();
    peer.on = () => {};
    agent.order({ type: 'stop' });
    world.run(3_900);
    assert.equal(agent.of('stopped').length, 0);
    world.run(200);
    assert.equal(agent.of('stopped').length, 1);
  });

  test('stop while REGISTER is under way takes back what is granted after all', () => {
    const { world, peer, agent } = scene({}, {}, {}, () => {});
    agent.order({ type: 'stop' });
    grant(peer);
    world.run(3_000);
    assert.equal(peer.last('REGISTER').headers.get('expires'), '0');
    assert.equal(agent.of('stopped').length, 1);
  });

  test('RFC 3581: behind NAT the Contact becomes what the registrar sees, and calls use it', () => {
    const { world, peer, agent } = scene({}, {}, {}, (registrar) => {
      registrar.on = (request) => {
        const via = request.headers.get('via') ?? '';
        const seen = { ...request, headers: request.headers.copy().replaceFirst('via', nat(via)) };
        if (request.method === 'REGISTER') accept(registrar, seen);
      };
    });
    const contacts = peer.of('REGISTER').map(({ headers }) => headers.get('contact'));
    assert.deepEqual(contacts, ['<sip:line@192.0.2.1:5060>', '<sip:line@198.51.100.1:40000>']);
    agent.order({ type: 'place', call: 'c', trunk: 't', to: '+491', from: null, sdp: 'x' });
    world.run(100);
    assert.equal(peer.last('INVITE').headers.get('contact'), '<sip:line@198.51.100.1:40000>');
  });

  test('a registrar that sees us somewhere else each time is not asked faster than every ten seconds', () => {
    let port = 40_000;
    const { world, peer } = scene({}, {}, {}, (registrar) => {
      registrar.on = (request) => {
        const via = (request.headers.get('via') ?? '').replace(/;rport(=\d+)?/, `;rport=${port++}`);
        accept(registrar, { ...request, headers: request.headers.copy().replaceFirst('via', via) });
      };
    });
    world.run(100_000);
    assert.ok(peer.of('REGISTER').length >= 10 && peer.of('REGISTER').length <= 13, `${peer.of('REGISTER').length}`);
  });

  test('an unreachable registrar is not asked faster for being told unreachable', () => {
    const { world, peer, agent } = scene();
    peer.on = () => {};
    const unreachable = () =>
      agent.tell({ type: 'unreachable', transport: 'udp', remote: { address: REGISTRAR, port: 5060 } });
    unreachable();
    world.run(6_000);
    const tries = () => new Set(peer.of('REGISTER').map(({ cseq }) => cseq.number)).size;
    assert.equal(tries(), 2, 'the flow is broken: soon again');
    unreachable();
    assert.equal(states(agent).at(-1)?.state, 'register_failed');
    for (let times = 0; times < 2; times++) {
      unreachable();
      world.run(7_000);
    }
    assert.equal(tries(), 2);
  });

  test('how other hosts of the trunk see us does not move the registration', () => {
    const { world, peer, agent } = scene({}, {}, {}, (registrar) => {
      registrar.on = (request) => {
        const headers = request.headers.copy().replaceFirst('via', nat(request.headers.get('via') ?? ''));
        if (request.method === 'REGISTER') accept(registrar, request);
        if (request.method === 'INVITE') registrar.reply({ ...request, headers }, 486);
      };
    });
    agent.order({ type: 'place', call: 'c', trunk: 't', to: '+491', from: null, sdp: 'x' });
    world.run(20_000);
    assert.equal(agent.of('ended')[0]?.status, 486);
    assert.equal(peer.of('REGISTER').length, 1);
  });

  test('a configured public address is not overruled', () => {
    const listening = {
      transport: 'udp',
      local: { address: '192.0.2.1', port: 5060 },
      advertised: { address: '203.0.113.8', port: 5062 },
    } as const;
    const { peer } = scene({}, {}, { listening: [listening] }, (registrar) => {
      registrar.on = (request) => {
        const via = request.headers.get('via') ?? '';
        accept(registrar, { ...request, headers: request.headers.copy().replaceFirst('via', nat(via)) });
      };
    });
    assert.equal(peer.of('REGISTER').length, 1);
    assert.equal(peer.last('REGISTER').headers.get('contact'), '<sip:line@203.0.113.8:5062>');
    assert.equal(peer.last('REGISTER').via.host, '203.0.113.8');
  });

  test('RFC 5626 §3.5: the way is kept open with CRLF while registered', () => {
    const { world, agent } = scene({ keepAlive: 25 });
    const alive = () => agent.sent.filter((text) => text === '\r\n\r\n').length;
    world.run(110_000);
    assert.equal(alive(), 4);
    agent.order({ type: 'stop' });
    world.run(110_000);
    assert.equal(alive(), 4);
  });

  test('calls go where the trunk is registered, first of all', () => {
    const world = new World();
    world.addresses['trunk.example'] = ['192.0.2.10', '192.0.2.11'];
    const second = new Peer(world, '192.0.2.11');
    grant(second);
    const register = { expires: 600, contactUser: 'line', keepAlive: 0 };
    const server = { host: 'trunk.example', port: 5060 };
    const agent = new Party(world, '192.0.2.1', [trunk({ name: 't', server, credentials, register })]);
    world.run(40_000);
    assert.equal(states(agent).at(-1)?.state, 'registered');
    // The first one no longer rests by then.
    world.run(100_000);
    agent.order({ type: 'place', call: 'c', trunk: 't', to: '+491', from: null, sdp: 'x' });
    world.run(100);
    assert.equal(second.of('INVITE').length, 1);
  });
});

describe('probing a trunk (RFC 3261 §11)', () => {
  function probed(answer: (peer: Peer, request: ReceivedRequest) => void) {
    const world = new World();
    const peer = new Peer(world, REGISTRAR);
    peer.on = (request) => answer(peer, request);
    const agent = new Party(world, '192.0.2.1', [
      trunk({ name: 't', server: { host: REGISTRAR, port: null }, credentials }),
    ]);
    agent.order({ type: 'probe', probe: 'p1', trunk: 't' });
    world.run(40_000);
    assert.equal(peer.last('OPTIONS').uri, 'sip:192.0.2.2');
    return agent.of('probed');
  }

  test('any response says that it lives', () => {
    const allow = ['Allow', 'INVITE, ACK, BYE'] as const;
    assert.deepEqual(
      probed((peer, request) => peer.reply(request, 200, { headers: [allow] })),
      [
        {
          type: 'probed',
          probe: 'p1',
          status: 200,
          detail: 'udp 192.0.2.2 port 5060',
          allow: ['INVITE', 'ACK', 'BYE'],
        },
      ],
    );
    assert.equal(probed((peer, request) => peer.reply(request, 404))[0]?.status, 404);
  });

  test('a challenge is answered', () => {
    const [result] = probed((peer, request) => {
      if (request.headers.has('authorization')) peer.reply(request, 200);
      else peer.reply(request, 401, { headers: [['WWW-Authenticate', 'Digest realm="x", nonce="n", qop="auth"']] });
    });
    assert.equal(result?.status, 200);
  });

  test('silence is told with the targets that were tried', () => {
    assert.deepEqual(
      probed(() => {}),
      [{ type: 'probed', probe: 'p1', status: null, detail: 'no answer, udp 192.0.2.2 port 5060', allow: [] }],
    );
  });
});

/** A Via as a registrar sees it through NAT. */
function nat(via: string): string {
  return `${via.replace(/;rport(=\d+)?/, ';rport=40000').replace(/;received=[^;]*/, '')};received=198.51.100.1`;
}
