import assert from 'node:assert/strict';
import type { AgentEvent } from '../../../carrier-adapters/sip-t38/sip/agent/events.ts';
import type { Order } from '../../../carrier-adapters/sip-t38/sip/agent/orders.ts';
import { parseMessage, responseTo, serialise } from '../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { Party, trunk, World } from '../../scenarios/sip-t38/sip/world.ts';

const AGENT = { address: '192.0.2.1', port: 5060 };
const FAR = { address: '192.0.2.2', port: 5060 };
const STATUSES = [100, 180, 183, 200, 200, 200, 302, 401, 407, 408, 422, 423, 481, 486, 487, 491, 500, 503, 603];
const METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'UPDATE', 'INFO', 'OPTIONS', 'PRACK', 'REFER', 'DANCE'];
const HEADERS = [
  'Session-Expires: 90;refresher=uac',
  'Session-Expires: 90',
  'Session-Expires: 4294967295;refresher=uas',
  'Min-SE: 91',
  'Min-SE: 4294967295',
  'Retry-After: 0',
  'Retry-After: 4294967295',
  'Supported: timer',
  'Require: timer',
  'Contact: <sip:x@192.0.2.2>',
  'Contact: <sip:x@nowhere.example>;expires=1',
  'Contact: *',
  'Contact: <sip:x@[2001:db8::1]:1;transport=tls>',
  'Record-Route: <sip:192.0.2.2>',
  'Record-Route: <sip:a.example;lr>, <sip:b.example>',
  'WWW-Authenticate: Digest realm="x", nonce="n", qop="auth", stale=true',
  'Proxy-Authenticate: Digest realm="y", nonce="m"',
  'Expires: 0',
  'Min-Expires: 4294967295',
  'Reason: Q.850;cause=16',
  'Content-Encoding: gzip',
  'Allow: UPDATE',
];

/** What came of the attacks so far. */
export interface Seen {
  readonly events: Set<string>;
}

/**
 * Attacks one agent with `count` messages: responses to what it sent, requests of its dialogs and new ones, with odd
 * headers, most of them damaged. Asserts that every call ends once and that in the end nothing is left.
 */
export function attack(count: number, seed: number, seen: Seen): void {
  const world = new World(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(world.chance() * list.length)] as T;
  const agent = new Party(world, AGENT.address, [hostileTrunk()], { sessionExpires: 90, maxIncoming: 20 });
  agent.on = (event) => answerOf(event, world.chance());
  let placed = 0;
  for (let index = 0; index < count; index++) {
    if (index % 20 === 0) {
      agent.order({ type: 'place', call: `out-${placed++}`, trunk: 't', to: '+491', from: null, sdp: 'offer' });
    }
    const bytes = world.chance() < 0.5 ? response(agent, pick) : request(agent, pick, index);
    if (bytes !== null) {
      const damaged = world.chance() < 0.4 ? damage(bytes, world.chance) : bytes;
      agent.tell({ type: 'received', transport: 'udp', connection: null, local: AGENT, remote: FAR, bytes: damaged });
    }
    if (world.chance() < 0.1) agent.order(anyOrder(agent, pick));
    world.run(world.chance() < 0.05 ? 60_000 * world.chance() : 300 * world.chance());
  }
  agent.order({ type: 'stop' });
  world.run(400_000);
  assertOver(agent, placed, seed);
  for (const { type } of agent.events) seen.events.add(type);
}

function hostileTrunk() {
  return trunk({
    name: 't',
    server: { host: FAR.address, port: null },
    credentials: { username: 'u', password: 'p' },
    register: { expires: 600, contactUser: 'line', keepAlive: 30 },
  });
}

/** Every call that was told of, or placed, has ended once; no timer is left but those of days. */
function assertOver(agent: Party, placed: number, seed: number): void {
  const ended = agent.of('ended').map(({ call }) => call);
  const begun = [
    ...agent.of('incoming').map(({ call }) => call),
    ...Array.from({ length: placed }, (_, index) => `out-${index}`),
  ];
  assert.deepEqual(ended.sort(), begun.sort(), `seed ${seed}`);
  assert.equal(agent.of('stopped').length, 1);
  const { deadline } = agent.agent;
  assert.equal(deadline, null, `seed ${seed}: a timer is left`);
}

function answerOf(event: AgentEvent, chance: number): Order | readonly Order[] | undefined {
  if (event.type === 'incoming') {
    const { call } = event;
    if (chance < 0.2) return { type: 'reject', call, status: 486, cause: 17 };
    return chance < 0.7
      ? [
          { type: 'ring', call },
          { type: 'answer', call, sdp: 'answer' },
        ]
      : { type: 'ring', call };
  }
  if (event.type === 'answered' && chance < 0.5) return { type: 'offer', call: event.call, sdp: 'image' };
  if (event.type !== 'offered') return undefined;
  const { call } = event;
  return chance < 0.7
    ? { type: 'accept_offer', call, sdp: 'accepted' }
    : { type: 'refuse_offer', call, status: 488, warning: null };
}

function anyOrder(agent: Party, pick: <T>(list: readonly T[]) => T): Order {
  const call = pick(['none', 'out-0', ...agent.of('incoming').map((event) => event.call), ...placedCalls(agent)]);
  return pick<Order>([
    { type: 'hang_up', call, cause: 16 },
    { type: 'offer', call, sdp: 'image' },
    { type: 'answer', call, sdp: 'answer' },
    { type: 'accept_offer', call, sdp: 'x' },
    { type: 'probe', probe: 'p', trunk: 't' },
  ]);
}

function placedCalls(agent: Party): string[] {
  return agent.of('step').map(({ call }) => call);
}

/** A response to one of the requests that the agent has sent lately. */
function response(agent: Party, pick: <T>(list: readonly T[]) => T): Uint8Array | null {
  const sent = agent.sent.slice(-30).filter((text) => !text.startsWith('SIP/2.0') && !text.startsWith('\r'));
  if (sent.length === 0) return null;
  const parsed = parseMessage(new TextEncoder().encode(pick(sent)));
  if ('error' in parsed || parsed.message.kind !== 'request') return assert.fail('the agent sends what can be read');
  const headers = [pick(HEADERS), pick(HEADERS)].map(split);
  const withSdp = pick([true, true, false]);
  const body = withSdp ? { body: new TextEncoder().encode('v=0'), contentType: 'application/sdp' } : {};
  return serialise(
    responseTo(parsed.message, pick(STATUSES), { toTag: pick(['one', 'one', 'two']), headers, ...body }),
  );
}

function split(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 2)];
}

/** A new request, or one within a dialog of a message that the agent has sent lately. */
function request(agent: Party, pick: <T>(list: readonly T[]) => T, index: number): Uint8Array {
  const dialog = pick([null, ...agent.sent.slice(-30)]);
  const method = dialog?.startsWith('SIP/2.0 200') ? pick([...METHODS, 'ACK', 'ACK', 'ACK']) : pick(METHODS);
  const header = (name: string) => new RegExp(`\r\n${name}: ([^\r]*)`).exec(dialog ?? '')?.[1];
  const isOurs = dialog?.startsWith('SIP/2.0') === true;
  const [from, to] = isOurs ? [header('From'), header('To')] : [header('To'), header('From')];
  const theirs = Number.parseInt(header('CSeq') ?? '1', 10);
  const cseq = pick(method === 'ACK' ? [theirs] : [1, 1, 2, 3, index, index, 2147483647]);
  const body = pick(['', 'v=0', 'v=0']);
  return new TextEncoder().encode(
    [
      `${method} ${pick(['sip:+491@192.0.2.1', 'sip:line@192.0.2.1', 'tel:+491', 'sip:192.0.2.1', 'x:y'])} SIP/2.0`,
      `Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK${pick([index, 1, 2, 3])}`,
      `From: ${from ?? `<sip:a@192.0.2.2>;tag=${pick(['f', 'g'])}`}`,
      `To: ${to ?? '<sip:+491@192.0.2.1>'}`,
      `Call-ID: ${header('Call-ID') ?? pick([`c${index}`, 'c'])}`,
      `CSeq: ${cseq} ${method === 'ACK' || method === 'CANCEL' ? method : pick([method, method, method, 'INVITE'])}`,
      'Contact: <sip:a@192.0.2.2>',
      pick(HEADERS),
      pick(HEADERS),
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** One to three octets changed, taken away or doubled. */
function damage(bytes: Uint8Array, chance: () => number): Uint8Array {
  let damaged = [...bytes];
  for (let times = 1 + Math.floor(3 * chance()); times > 0; times--) {
    const at = Math.floor(chance() * damaged.length);
    const kind = chance();
    if (kind < 0.4) damaged[at] = Math.floor(chance() * 256);
    else if (kind < 0.6) damaged.splice(at, 1 + Math.floor(40 * chance()));
    else if (kind < 0.8) damaged.splice(at, 0, ...damaged.slice(at, at + 30));
    else damaged = damaged.slice(0, Math.max(at, 1));
  }
  return Uint8Array.from(damaged);
}
