import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndedEvent } from '../../../carrier-adapters/sip-t38/sip/agent/events.ts';
import type { Order } from '../../../carrier-adapters/sip-t38/sip/agent/orders.ts';
import {
  contentType,
  Headers,
  nameAddrs,
  parseMessage,
  q850Cause,
  type ReceivedMessage,
  type ReceivedRequest,
  type ReceivedResponse,
  responseTo,
} from '../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { Party, Peer, trunk, World } from '../../scenarios/sip-t38/sip/world.ts';
import { capture, NO_CAPTURES } from './captures.ts';

/** A message of a capture: when, and whether Asterisk, who was the carrier, sent it. */
interface Recorded {
  /** Milliseconds from the first message of the call. */
  readonly at: number;
  readonly isTheirs: boolean;
  readonly message: ReceivedMessage;
}

/** Where the carrier of the lab was. */
const ASTERISK = { address: '127.0.0.1', port: 15_060 };
/** Headers that belong to the hop or the transaction, and are those of the agent's own request. */
const OWN_KEYS: readonly string[] = ['via', 'from', 'to', 'call-id', 'cseq', 'content-length', 'content-type'];
const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0 8\r\n';

/** The SIP messages of a capture by their calls, in the order of their first messages. */
function callsOf(file: string): Recorded[][] {
  const calls = new Map<string, Recorded[]>();
  const begins = new Map<string, number>();
  for (const { time, from, payload } of capture(file)) {
    const parsed = parseMessage(payload);
    if ('error' in parsed) continue;
    const { message } = parsed;
    const begin = begins.get(message.callId) ?? time;
    begins.set(message.callId, begin);
    const call = calls.get(message.callId) ?? [];
    call.push({ at: 1_000 * (time - begin), isTheirs: from.port === ASTERISK.port, message });
    calls.set(message.callId, call);
  }
  return [...calls.values()];
}

/** The carrier's side of one recorded call, said again to an agent that is not the one of the capture. */
class Replay {
  readonly peer: Peer;
  readonly #world: World;
  readonly #script: readonly Recorded[];
  #next = 0;
  /** Requests of the agent by CSeq of the recorded ones that they stand for. */
  readonly #asked = new Map<string, ReceivedRequest>();

  constructor(world: World, script: readonly Recorded[]) {
    this.#world = world;
    this.#script = script;
    this.peer = new Peer(world, ASTERISK.address, ASTERISK.port);
    this.peer.on = (request) => this.#take(request);
  }

  /** The agent has come to its next recorded request: what followed then follows now, in the same times. */
  #take(request: ReceivedRequest): void {
    if (request.method === 'ACK') return;
    const at = this.#script.findIndex(
      ({ isTheirs, message }, index) =>
        index >= this.#next && !isTheirs && message.kind === 'request' && message.method === request.method,
    );
    const recorded = this.#script[at];
    if (recorded === undefined) return;
    this.#asked.set(keyOf(recorded.message), request);
    this.#next = at + 1;
    for (
      let later = this.#script[this.#next];
      later !== undefined && !isAsking(later);
      later = this.#script[this.#next]
    ) {
      this.#next++;
      if (later.isTheirs) this.#say(later.message, later.at - recorded.at);
    }
  }

  #say(message: ReceivedMessage, delay: number): void {
    this.#world.after(delay, () => {
      if (message.kind === 'response') this.#respond(message);
      else this.#request(message);
    });
  }

  #respond(message: ReceivedResponse): void {
    const request = this.#asked.get(keyOf(message)) ?? assert.fail('a response to nothing');
    const contact = nameAddrs(request.headers, 'contact')?.[0]?.uri ?? '';
    const headers = message.headers
      .lines()
      .filter(({ key }) => !OWN_KEYS.includes(key))
      // A registrar tells the binding of whoever has registered.
      .map(
        ({ name, value }) =>
          [name, request.method === 'REGISTER' ? value.replace(/<[^>]*>/, `<${contact}>`) : value] as const,
      );
    const type = contentType(message.headers)?.type;
    this.peer.send(
      responseTo(request, message.status, {
        reason: message.reason,
        headers,
        body: message.body,
        ...(message.toTag === null ? {} : { toTag: message.toTag }),
        ...(type === undefined ? {} : { contentType: type }),
      }),
    );
  }

  /** A request of Asterisk within the dialog of the agent's last INVITE. */
  #request(message: ReceivedRequest): void {
    const invite = [...this.#asked.values()].findLast(({ method }) => method === 'INVITE') ?? assert.fail('no dialog');
    const headers = new Headers(message.headers.lines().map(({ name, value }) => [name, value]));
    headers.set('From', `${invite.headers.get('to')?.replace(/;tag=.*/, '')};tag=${message.fromTag}`);
    headers.set('To', invite.headers.get('from') ?? '');
    headers.set('Call-ID', invite.callId);
    const uri = nameAddrs(invite.headers, 'contact')?.[0]?.uri ?? '';
    this.peer.send({ kind: 'request', method: message.method, uri, headers, body: message.body });
  }
}

function keyOf({ cseq }: ReceivedMessage): string {
  return `${cseq.number} ${cseq.method}`;
}

/** Whether the agent has to ask something before the script goes on. */
function isAsking({ isTheirs, message }: Recorded): boolean {
  return !isTheirs && message.kind === 'request' && message.method !== 'ACK';
}

/** Plays a recorded call to a new agent, which does `orders` at times in milliseconds, until nothing is left of it. */
function play(script: readonly Recorded[], orders: readonly (readonly [at: number, order: Order])[] = []): Party {
  const world = new World();
  new Replay(world, script);
  const credentials = { username: 'far', password: 'far-secret' };
  const server = { host: ASTERISK.address, port: ASTERISK.port };
  const party = new Party(world, '192.0.2.1', [trunk({ name: 'lab', server, credentials })]);
  party.on = (event) => (event.type === 'offered' ? { type: 'accept_offer', call: event.call, sdp: SDP } : undefined);
  party.order({ type: 'place', call: 'call', trunk: 'lab', to: '+15550100', from: null, sdp: SDP });
  for (const [at, order] of orders) world.at(at, () => party.order(order));
  world.run(200_000, () => party.of('ended').length > 0);
  return party;
}

function ended(party: Party): EndedEvent {
  const events = party.of('ended');
  assert.equal(events.length, 1);
  return events[0] ?? assert.fail();
}

/** The number that was called. */
function dialled([first]: readonly Recorded[]): string {
  return first?.message.kind === 'request' ? (/sip:(\d+)@/.exec(first.message.uri)?.[1] ?? '') : '';
}

/** The final refusal of the INVITE that Asterisk sent, but for challenges. */
function refusalOf(script: readonly Recorded[]): ReceivedResponse | undefined {
  return script
    .map(({ message }) => message)
    .filter((message) => message.kind === 'response')
    .find(({ status, cseq, toTag }) => cseq.method === 'INVITE' && status >= 300 && status !== 401 && toTag !== null);
}

/** When the caller of the capture sent a request of this method, milliseconds; undefined: never. */
function askedAt(script: readonly Recorded[], method: string): number | undefined {
  return script.find(({ isTheirs, message }) => !isTheirs && message.kind === 'request' && message.method === method)
    ?.at;
}

/** When the caller of the capture offered anew within the call, milliseconds; undefined: never. */
function reInvitedAt(script: readonly Recorded[]): number | undefined {
  const isReInvite = ({ isTheirs, message }: Recorded) =>
    !isTheirs && message.kind === 'request' && message.method === 'INVITE' && message.toTag !== null;
  return script.find(isReInvite)?.at;
}

/** The cause in the BYE that Asterisk sent. */
function byeCause(script: readonly Recorded[]): number | null {
  const bye = script.find(
    ({ isTheirs, message }) => isTheirs && message.kind === 'request' && message.method === 'BYE',
  );
  return (bye === undefined ? undefined : q850Cause(bye.message.headers)) ?? null;
}

const HANG_UP: Order = { type: 'hang_up', call: 'call', cause: 16 };

describe('the agent and the carrier of the lab', { skip: NO_CAPTURES }, () => {
  const calls = NO_CAPTURES === false ? callsOf('errors.pcap') : [];
  const refused = calls.filter((script) => (refusalOf(script)?.status ?? 487) !== 487 && !script.some(isAnswered));
  const answered = calls.filter((script) => dialled(script) !== '' && script.some(isAnswered));

  function isAnswered({ isTheirs, message }: Recorded): boolean {
    return isTheirs && message.kind === 'response' && message.status === 200 && message.cseq.method === 'INVITE';
  }

  test('each refusal ends the call with its status and the cause of its Reason', () => {
    const seen = refused.map((script) => {
      const refusal = refusalOf(script) ?? assert.fail();
      const { by, status, cause } = ended(play(script));
      assert.deepEqual([status, cause], [refusal.status, q850Cause(refusal.headers) ?? null]);
      return `${dialled(script)} ${by} ${status} ${cause}`;
    });
    assert.deepEqual(seen.sort(), [
      '5550300 remote 486 null',
      '5550302 remote 404 1',
      '5550303 remote 500 38',
      '5550306 remote 403 21',
      '5550310 remote 503 null',
      '5550311 remote 404 3',
      '5550312 remote 410 22',
      '5550313 remote 484 28',
      '5550314 remote 488 58',
      '5550315 remote 480 19',
      '5550316 remote 502 27',
    ]);
  });

  test('a call that nobody answers is canceled, and 487 is its end', () => {
    const canceled = calls.filter((script) => askedAt(script, 'CANCEL') !== undefined);
    assert.ok(canceled.length >= 2);
    for (const script of canceled) {
      const party = play(script, [[askedAt(script, 'CANCEL') ?? 0, HANG_UP]]);
      assert.deepEqual([ended(party).by, ended(party).status], ['local', 487]);
      assert.ok(party.ladder.includes('> CANCEL'));
    }
  });

  test('each answered call ends as it did: by their BYE with its cause, or by ours', () => {
    assert.ok(answered.length >= 6);
    for (const script of answered) {
      const ours = askedAt(script, 'BYE');
      const offer = reInvitedAt(script);
      const orders: [number, Order][] = ours === undefined ? [] : [[ours, HANG_UP]];
      if (offer !== undefined) orders.push([offer, { type: 'offer', call: 'call', sdp: SDP }]);
      const party = play(script, orders);
      const { by, status, cause } = ended(party);
      assert.equal(party.of('answered').length, 1, dialled(script));
      assert.deepEqual([by, status], [ours === undefined ? 'remote' : 'local', null], dialled(script));
      if (ours === undefined) assert.equal(cause, byeCause(script));
      const refusals = party.of('offer_refused').map((event) => event.status);
      assert.deepEqual(refusals, offer === undefined ? [] : [488]);
    }
  });

  test('a fax is answered, goes to T.38 by their offer and back to audio, and ends by their BYE', () => {
    for (const file of ['ecm-on-redundancy.pcap', 'ecm-on-fec.pcap', 'ecm-off-noec.pcap']) {
      const [script] = callsOf(file);
      assert.ok(script !== undefined);
      const party = play(script);
      const media = party.of('offered').map(({ sdp }) =>
        /m=(\w+ )\d+( \S+)/
          .exec(sdp ?? '')
          ?.slice(1)
          .join(''),
      );
      assert.deepEqual(media, ['image  udptl', 'audio  RTP/AVP'], file);
      assert.match(party.of('answered')[0]?.sdp ?? '', /m=audio \d+ RTP\/AVP/);
      assert.deepEqual([ended(party).by, ended(party).cause], ['remote', byeCause(script)], file);
    }
  });

  test('a registration is challenged, granted and told', () => {
    const [script] = callsOf('register.pcap');
    assert.ok(script !== undefined);
    const world = new World();
    const { peer } = new Replay(world, script);
    const register = { expires: 120, contactUser: 'far', keepAlive: 0 };
    const server = { host: ASTERISK.address, port: ASTERISK.port };
    const credentials = { username: 'far', password: 'far-secret' };
    const party = new Party(world, '192.0.2.1', [trunk({ name: 'lab', server, credentials, register })]);
    world.run(5_000);
    assert.deepEqual(
      party
        .of('trunk')
        .map(({ state, seconds }) => [state, seconds])
        .at(-1),
      ['registered', 119],
    );
    assert.deepEqual(
      peer.of('REGISTER').map(({ headers }) => headers.has('authorization')),
      [false, true],
    );
  });
});
