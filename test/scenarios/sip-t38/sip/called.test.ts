import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { AgentOptions } from '../../../../carrier-adapters/sip-t38/sip/agent/options.ts';
import type { Trunk } from '../../../../carrier-adapters/sip-t38/sip/agent/trunk.ts';
import { createDigestClient } from '../../../../carrier-adapters/sip-t38/sip/digest.ts';
import { Headers, NO_BODY, type SipRequest } from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { Party, Peer, trunk, World } from './world.ts';

const FAR = '192.0.2.2';

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

interface Wish {
  readonly method?: string;
  readonly uri?: string;
  readonly branch?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly toTag?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

/** A request as a far caller sends it. */
function requestOf(peer: Peer, wish: Wish = {}): SipRequest {
  const method = wish.method ?? 'INVITE';
  const body = wish.body ?? (method === 'INVITE' ? 'offer' : '');
  const to = '<sip:+4940567@192.0.2.1>';
  const headers = new Headers([
    [
      'Via',
      `SIP/2.0/UDP ${peer.place.address}:5060;branch=z9hG4bK-${wish.branch ?? `${method}-${wish.cseq ?? 1}`};rport`,
    ],
    ['Max-Forwards', '70'],
    ['From', '"Far" <sip:+4930123@192.0.2.2>;tag=far'],
    ['To', wish.toTag === undefined ? to : `${to};tag=${wish.toTag}`],
    ['Call-ID', wish.callId ?? 'far-call'],
    ['CSeq', `${wish.cseq ?? 1} ${method}`],
  ]);
  if (method === 'INVITE') headers.append('Contact', '<sip:far@192.0.2.2:5060>');
  if (body !== '') headers.append('Content-Type', 'application/sdp');
  for (const [name, value] of wish.headers ?? []) headers.set(name, value);
  const uri = wish.uri ?? 'sip:+4940567@192.0.2.1';
  return { kind: 'request', method, uri, headers, body: body === '' ? NO_BODY : new TextEncoder().encode(body) };
}

/** Sends a request and gives back the status of its final response. */
function statusOf(scene: { world: World; peer: Peer; agent: Party }, wish: Wish): number | undefined {
  const before = scene.peer.responses.length;
  scene.peer.send(requestOf(scene.peer, wish), scene.agent.place);
  scene.world.run(300);
  return scene.peer.responses.slice(before).find(({ status }) => status >= 200)?.status;
}

describe('taking a call', () => {
  test('the INVITE is told with its numbers, the asserted one before that of From', () => {
    for (const [headers, from] of [
      [[], '+4930123'],
      [[['P-Asserted-Identity', '<sip:+49111@192.0.2.2>']], '+49111'],
      [[['P-Asserted-Identity', '<tel:+49-111>, <sip:x@y>']], '+49111'],
      [
        [
          ['P-Asserted-Identity', '<sip:+49111@192.0.2.2>'],
          ['Privacy', 'id'],
        ],
        null,
      ],
      [[['From', '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=far']], null],
      [[['From', '<sip:+4930;phone-context=x@192.0.2.2>;tag=far']], '+4930'],
    ] as const) {
      const { world, peer, agent } = scene();
      peer.send(requestOf(peer, { headers }), agent.place);
      world.run(100);
      const [incoming] = agent.of('incoming');
      assert.deepEqual(
        { trunk: incoming?.trunk, to: incoming?.to, from: incoming?.from, sdp: incoming?.sdp },
        { trunk: 't', to: '+4940567', from, sdp: 'offer' },
      );
    }
  });

  test('RFC 3261 §13.3.1.1: 180 is repeated each minute, and the call refused after three', () => {
    const { world, peer, agent } = scene();
    agent.on = (event) => (event.type === 'incoming' ? { type: 'ring', call: event.call } : undefined);
    peer.send(requestOf(peer), agent.place);
    world.run(179_000);
    const seen = () => peer.responses.map(({ status }) => status);
    assert.deepEqual(seen(), [180, 180, 180]);
    assert.notEqual(peer.responses[0]?.toTag, null);
    world.run(500);
    assert.equal(agent.of('ended').length, 0);
    world.run(1_500);
    assert.ok(seen().includes(480));
    assert.deepEqual(agent.of('ended')[0]?.by, 'network');
  });

  test('an INVITE is one call however often it comes (§17.2.1), and merged ways are refused (§8.2.2.2)', () => {
    const all = scene();
    const { world, peer, agent } = all;
    for (let copy = 0; copy < 3; copy++) peer.send(requestOf(peer), agent.place);
    world.run(300);
    assert.equal(agent.of('incoming').length, 1);
    assert.equal(statusOf(all, { branch: 'another-way' }), 482);
  });

  test('an INVITE without an offer gets ours with 200, and the answer comes with ACK (RFC 3264 §4)', () => {
    const { world, peer, agent } = scene();
    agent.on = (event) => (event.type === 'incoming' ? { type: 'answer', call: event.call, sdp: 'ours' } : undefined);
    peer.send({ ...requestOf(peer), body: NO_BODY }, agent.place);
    world.run(100);
    assert.equal(agent.of('incoming')[0]?.sdp, null);
    const ok = peer.responses.at(-1);
    assert.equal(new TextDecoder().decode(ok?.body), 'ours');
    peer.send(requestOf(peer, { method: 'ACK', branch: 'a', toTag: ok?.toTag ?? '', body: 'theirs' }), agent.place);
    world.run(100);
    const call = agent.of('incoming')[0]?.call ?? '';
    assert.deepEqual(agent.of('offer_answered'), [{ type: 'offer_answered', call, sdp: 'theirs' }]);
    assert.deepEqual(agent.of('confirmed'), [{ type: 'confirmed', call }]);
  });

  test('RFC 5407 §3.1.5: an offer while an answer is due in ACK is refused with 491', () => {
    const all = scene();
    const { world, peer, agent } = all;
    agent.on = (event) => (event.type === 'incoming' ? { type: 'answer', call: event.call, sdp: 'ours' } : undefined);
    peer.send({ ...requestOf(peer), body: NO_BODY }, agent.place);
    world.run(100);
    assert.equal(statusOf(all, { cseq: 2, toTag: peer.responses.at(-1)?.toTag ?? '', body: 'again' }), 491);
  });

  test('RFC 5407 §3.1.4: an offer that comes before a lost ACK is taken, and confirms the call', () => {
    const all = scene();
    const { world, peer, agent } = all;
    agent.on = (event) => {
      if (event.type === 'incoming') return { type: 'answer', call: event.call, sdp: 'audio' };
      return event.type === 'offered' ? { type: 'accept_offer', call: event.call, sdp: 'image' } : undefined;
    };
    peer.send(requestOf(peer), agent.place);
    world.run(100);
    assert.equal(statusOf(all, { cseq: 2, toTag: peer.responses.at(-1)?.toTag ?? '', body: 'again' }), 200);
    assert.equal(agent.of('confirmed').length, 1);
    assert.equal(agent.of('offered').length, 1);
  });

  test('the session description is found in multipart/mixed, as trunks with ISUP send it', () => {
    const { world, peer, agent } = scene();
    const body =
      '--b\r\nContent-Type: application/isup\r\n\r\n\u0001\u0002\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n';
    peer.send(requestOf(peer, { body, headers: [['Content-Type', 'multipart/mixed;boundary="b"']] }), agent.place);
    world.run(100);
    assert.equal(agent.of('incoming')[0]?.sdp?.trim(), 'v=0');
  });

  test('CANCEL before the answer: 200 to it, 487 to the INVITE, and the cause is kept', () => {
    const { world, peer, agent } = scene();
    agent.on = (event) => (event.type === 'incoming' ? { type: 'ring', call: event.call } : undefined);
    peer.send(requestOf(peer), agent.place);
    world.run(100);
    const cancel = requestOf(peer, { method: 'CANCEL', branch: 'INVITE-1', headers: [['Reason', 'Q.850;cause=26']] });
    peer.send(cancel, agent.place);
    world.run(100);
    const seen = peer.responses.map(({ status, cseq }) => `${status} ${cseq.method}`);
    assert.deepEqual(seen, ['180 INVITE', '200 CANCEL', '487 INVITE']);
    const [ended] = agent.of('ended');
    assert.deepEqual(
      { by: ended?.by, status: ended?.status, cause: ended?.cause },
      { by: 'remote', status: 487, cause: 26 },
    );
  });

  test('within the early dialog, BYE ends the call and an offer is too early', () => {
    const all = scene();
    const { world, peer, agent } = all;
    agent.on = (event) => (event.type === 'incoming' ? { type: 'ring', call: event.call } : undefined);
    peer.send(requestOf(peer), agent.place);
    world.run(100);
    const toTag = peer.responses.at(-1)?.toTag ?? '';
    assert.equal(statusOf(all, { method: 'UPDATE', cseq: 2, toTag, body: 'offer' }), 500);
    assert.equal(statusOf(all, { method: 'UPDATE', cseq: 3, toTag }), 200);
    assert.equal(statusOf(all, { cseq: 4, toTag }), 500);
    assert.equal(statusOf(all, { method: 'BYE', cseq: 2, toTag }), 500, 'an old CSeq');
    assert.equal(statusOf(all, { method: 'BYE', cseq: 5, toTag }), 200);
    assert.ok(peer.responses.some(({ status }) => status === 487));
    assert.equal(agent.of('ended')[0]?.by, 'remote');
  });

  test('calls beyond the limit are answered 503 with Retry-After', () => {
    const all = scene({}, { maxIncoming: 2 });
    assert.equal(statusOf(all, { callId: 'one', branch: '1' }), undefined);
    assert.equal(statusOf(all, { callId: 'two', branch: '2' }), undefined);
    assert.equal(statusOf(all, { callId: 'three', branch: '3' }), 503);
    assert.equal(all.peer.responses.at(-1)?.headers.get('retry-after'), '10');
    assert.equal(all.agent.of('incoming').length, 2);
  });
});

describe('requests that are refused (RFC 3261 §8.2)', () => {
  for (const [title, wish, status] of [
    ['Require: 100rel', { headers: [['Require', '100rel']] }, 420],
    ['a URI of another scheme', { uri: 'mailto:a@b' }, 416],
    ['a URI without a user', { uri: 'sip:192.0.2.1' }, 404],
    ['a body that is no session description', { headers: [['Content-Type', 'text/plain']] }, 415],
    ['a compressed body', { headers: [['Content-Encoding', 'gzip']] }, 415],
    ['no Contact to answer to', { headers: [['Contact', '<mailto:a@b>']] }, 400],
    [
      'too short a session',
      {
        headers: [
          ['Session-Expires', '30'],
          ['Supported', 'timer'],
        ],
      },
      422,
    ],
    ['a tag of no dialog', { toTag: 'gone' }, 481],
    ['BYE without dialog', { method: 'BYE', toTag: 'gone' }, 481],
    ['UPDATE outside of a dialog', { method: 'UPDATE' }, 481],
    ['PRACK', { method: 'PRACK' }, 481],
    ['REGISTER', { method: 'REGISTER' }, 405],
    ['MESSAGE', { method: 'MESSAGE' }, 405],
    ['NOTIFY', { method: 'NOTIFY' }, 489],
    ['a method that nobody knows', { method: 'DANCE' }, 501],
  ] as const) {
    test(`${title}: ${status}`, () => {
      const all = scene();
      assert.equal(statusOf(all, wish), status);
      assert.equal(all.agent.of('incoming').length, 0);
      const last = all.peer.responses.at(-1);
      if (status === 420) assert.equal(last?.headers.get('unsupported'), '100rel');
      if (status === 405) assert.match(last?.headers.get('allow') ?? '', /^INVITE, /);
      if (status === 422) assert.equal(last?.headers.get('min-se'), '90');
    });
  }

  test('OPTIONS is answered with what we can do (§11.2)', () => {
    const all = scene();
    assert.equal(statusOf(all, { method: 'OPTIONS' }), 200);
    const last = all.peer.responses.at(-1);
    assert.equal(last?.headers.get('accept'), 'application/sdp');
    assert.equal(last?.headers.get('supported'), 'timer');
    assert.match(last?.headers.get('allow') ?? '', /UPDATE/);
  });

  test('within a dialog: INFO and OPTIONS 200, MESSAGE 405, NOTIFY 489, an old CSeq 500, another tag 481', () => {
    const all = scene();
    const { world, peer, agent } = all;
    agent.on = (event) => (event.type === 'incoming' ? { type: 'answer', call: event.call, sdp: 'ours' } : undefined);
    peer.send(requestOf(peer), agent.place);
    world.run(100);
    const toTag = peer.responses.at(-1)?.toTag ?? '';
    peer.send(requestOf(peer, { method: 'ACK', branch: 'a', toTag }), agent.place);
    assert.equal(statusOf(all, { method: 'INFO', cseq: 2, toTag }), 200);
    assert.equal(statusOf(all, { method: 'OPTIONS', cseq: 3, toTag }), 200);
    assert.equal(statusOf(all, { method: 'MESSAGE', cseq: 4, toTag }), 405);
    assert.equal(statusOf(all, { method: 'NOTIFY', cseq: 5, toTag }), 489);
    assert.equal(statusOf(all, { method: 'DANCE', cseq: 6, toTag }), 501);
    const strict = [['Require', 'precondition']] as const;
    assert.equal(statusOf(all, { method: 'UPDATE', cseq: 7, toTag, headers: strict }), 420);
    assert.equal(statusOf(all, { method: 'INFO', cseq: 5, branch: 'old', toTag }), 500);
    assert.ok(agent.ladder.includes('< unknown method') && !agent.ladder.join().includes('DANCE'));
    const strange = [['From', '<sip:x@192.0.2.2>;tag=other']] as const;
    assert.equal(statusOf(all, { method: 'BYE', cseq: 9, toTag, headers: strange }), 481);
    assert.equal(agent.of('ended').length, 0);
    assert.equal(statusOf(all, { method: 'BYE', cseq: 10, toTag }), 200);
    assert.equal(agent.of('ended').length, 1);
  });
});

describe('who may call', () => {
  test('strangers get no answer at all, whatever they send', () => {
    const { world, agent } = scene();
    const stranger = new Peer(world, '203.0.113.5');
    for (const method of ['INVITE', 'OPTIONS', 'REGISTER', 'BYE', 'ACK', 'CANCEL', 'DANCE']) {
      stranger.send(requestOf(stranger, { method }), agent.place);
    }
    stranger.write(['nonsense'], agent.place);
    world.run(40_000);
    assert.deepEqual(agent.sent, []);
    assert.equal(agent.events.filter(({ type }) => type !== 'trunk').length, 0);
  });

  test('what cannot be read gets no answer either', () => {
    const { world, peer, agent } = scene();
    peer.write(['INVITE sip:+4940567@192.0.2.1 SIP/2.0', 'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKx'], agent.place);
    peer.write(['', ''], agent.place);
    world.run(40_000);
    assert.deepEqual(agent.sent, []);
  });

  test('addresses and networks of `peers` may call, and so may what the host resolves to', () => {
    const world = new World();
    world.addresses['trunk.example'] = ['198.51.100.7'];
    const settings = {
      name: 't',
      server: { host: 'trunk.example', port: 5060 },
      peers: ['203.0.113.0/24', '2001:db8::1'],
    };
    const agent = new Party(world, '192.0.2.1', [trunk(settings)]);
    world.run(100);
    for (const [address, calls] of [
      ['198.51.100.7', 1],
      ['203.0.113.77', 1],
      ['203.0.114.77', 0],
      ['2001:db8:0::1', 1],
      ['2001:db8::2', 0],
    ] as const) {
      const before = agent.of('incoming').length;
      const peer = new Peer(world, address);
      const via = [['Via', `SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK-${address.replaceAll(':', '-')};rport`]] as const;
      peer.send(requestOf(peer, { callId: `from-${address}`, headers: via }), agent.place);
      world.run(100);
      assert.equal(agent.of('incoming').length - before, calls, address);
    }
  });

  test('of two trunks at one address, the one whose Contact is called gets the call', () => {
    const world = new World();
    const peer = new Peer(world, FAR);
    const register = { expires: 600, keepAlive: 0 };
    const server = { host: FAR, port: null };
    const agent = new Party(world, '192.0.2.1', [
      trunk({ name: 'one', server, register: { ...register, contactUser: 'line-1' } }),
      trunk({ name: 'two', server, register: { ...register, contactUser: 'line-2' } }),
    ]);
    world.run(100);
    peer.send(requestOf(peer, { uri: 'sip:line-2@192.0.2.1' }), agent.place);
    world.run(100);
    assert.equal(agent.of('incoming')[0]?.trunk, 'two');
  });

  test('with `inboundAuth` a call needs our credentials besides its address (§22.1)', () => {
    const credentials = { username: 'carrier', password: 'secret' };
    const all = scene({ inboundAuth: credentials });
    const { world, peer, agent } = all;
    const hash = (algorithm: 'MD5' | 'SHA-256', text: string) =>
      createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex');
    for (const [password, count] of [
      ['wrong', 0],
      ['secret', 1],
    ] as const) {
      const digest = createDigestClient({ ...credentials, password, hash, random: (octets) => world.random(octets) });
      const request = requestOf(peer, { branch: `first-${password}`, callId: password });
      peer.send(request, agent.place);
      world.run(100);
      const challenge = peer.responses.at(-1);
      assert.equal(challenge?.status, 401);
      assert.equal(challenge && digest.challenged(request, challenge), 'retry');
      peer.send(
        digest.authorize(requestOf(peer, { branch: `second-${password}`, callId: password, cseq: 2 })),
        agent.place,
      );
      world.run(100);
      assert.equal(agent.of('incoming').length, count, password);
    }
  });

  test('a flood of one source is cut: 200 new requests at once, then 40 each second', () => {
    const { world, peer, agent } = scene();
    for (let index = 0; index < 1_000; index++) {
      peer.send(
        requestOf(peer, { method: 'OPTIONS', branch: `flood-${index}`, callId: `flood-${index}` }),
        agent.place,
      );
    }
    world.run(100);
    assert.equal(agent.sent.length, 200);
    world.run(60_000);
    const before = agent.sent.length;
    peer.send(requestOf(peer, { method: 'OPTIONS', branch: 'later', callId: 'later' }), agent.place);
    world.run(100);
    assert.equal(agent.sent.length - before, 1);
  });
});
