import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Headers,
  NO_BODY,
  parseMessage,
  type ReceivedRequest,
  responseTo,
  type SipRequest,
} from '../../../carrier-adapters/sip-t38/sip/message/index.ts';
import {
  type Hop,
  T1,
  T2,
  type TransactionInput,
  TransactionLayer,
  type TransactionOutput,
  type Transport,
} from '../../../carrier-adapters/sip-t38/sip/transaction/index.ts';
import { seeded } from '../../unit/imaging/pictures.ts';

/** What a network does to datagrams, in hundredths. */
interface Weather {
  readonly lost: number;
  readonly twice: number;
  /** Longest time on the way, milliseconds: those sent later may come before. */
  readonly delay: number;
}

const CLEAR: Weather = { lost: 0, twice: 0, delay: 20 };
const STORM: Weather = { lost: 30, twice: 20, delay: 700 };
/** Nothing is resent for longer: what has not come by then never does. */
const CALM = 400_000;

type Side = 'client' | 'server';

interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** How one request ends, as its two callers see it. */
interface Story {
  readonly method: 'INVITE' | 'OPTIONS';
  readonly answer: number;
  readonly canceled: boolean;
  /** Times that the server was told of the request. */
  asked: number;
  acknowledged: boolean;
  readonly statuses: number[];
  failed: boolean;
}

/** Two layers with a network between them, and on each a caller that does what RFC 3261 leaves to it. */
class World {
  readonly #random: () => number;
  readonly #weather: Weather;
  readonly #transport: Transport;
  readonly layers: Readonly<Record<Side, TransactionLayer>>;
  readonly stories = new Map<string, Story>();
  readonly #requests = new Map<number, ReceivedRequest>();
  #events: Event[] = [];
  #now = 0;

  constructor(seed: number, weather: Weather, transport: Transport) {
    this.#random = seeded(seed);
    this.#weather = weather;
    this.#transport = transport;
    const random = (bytes: number) => Uint8Array.from({ length: bytes }, () => this.#random() & 0xff);
    this.layers = { client: new TransactionLayer({ random }), server: new TransactionLayer({ random }) };
  }

  start(name: string, story: Story): void {
    this.stories.set(name, story);
    const request = draft(name, story.method);
    this.#give('client', { type: 'request', client: name, request, to: this.#hop(), sentBy: 'client.example.com' });
    if (story.canceled)
      this.#later(this.#random() % 3_000, () => this.#give('client', { type: 'cancel', client: name }));
  }

  /** Until nothing happens any more. */
  run(): void {
    for (;;) {
      const next = Math.min(...this.#events.map(({ at }) => at), ...this.#deadlines());
      if (next > CALM) break;
      this.#now = next;
      const due = this.#events.filter(({ at }) => at <= next);
      this.#events = this.#events.filter(({ at }) => at > next);
      for (const { run } of due) run();
      for (const side of ['client', 'server'] as const) {
        if ((this.layers[side].deadline ?? CALM) <= next) this.#give(side, { type: 'time' });
      }
    }
  }

  #deadlines(): number[] {
    return (['client', 'server'] as const).map((side) => this.layers[side].deadline ?? Number.POSITIVE_INFINITY);
  }

  #hop(): Hop {
    const connection = this.#transport === 'udp' ? null : 'c';
    return { transport: this.#transport, address: '192.0.2.1', port: 5060, connection };
  }

  #later(delay: number, run: () => void): void {
    this.#events.push({ at: this.#now + delay, run });
  }

  #give(side: Side, input: TransactionInput): void {
    for (const output of this.layers[side].handle(input, this.#now)) this.#output(side, output);
  }

  #output(side: Side, output: TransactionOutput): void {
    if (output.type === 'transmit') this.#carry(side === 'client' ? 'server' : 'client', output.bytes);
    else if (output.type === 'request') this.#answer(output.server, output.request);
    else if (output.type === 'canceled') this.#terminate(output.server);
    else if (output.type === 'response') this.#heard(output.client, output.response.status);
    else if (output.type === 'ack') this.#story(output.request.callId).acknowledged = true;
    else if (output.type === 'failed') this.#story(output.client).failed = true;
  }

  #carry(to: Side, bytes: Uint8Array): void {
    const isDatagram = this.#transport === 'udp';
    const copies = isDatagram && this.#chance(this.#weather.twice) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (isDatagram && this.#chance(this.#weather.lost)) continue;
      // A stream keeps its order; a datagram need not.
      const delay = isDatagram ? this.#random() % this.#weather.delay : 10;
      this.#later(delay, () => {
        const parsed = parseMessage(bytes);
        assert.ok('message' in parsed);
        this.#give(to, { type: 'received', message: parsed.message, from: this.#hop() });
      });
    }
  }

  #terminate(server: number): void {
    const invite = this.#requests.get(server) ?? assert.fail('a transaction that nobody was told of');
    this.#give('server', { type: 'respond', server, response: responseTo(invite, 487, { toTag: 's' }) });
  }

  #answer(server: number, request: ReceivedRequest): void {
    const story = this.#story(request.callId);
    story.asked++;
    this.#requests.set(server, request);
    const respond = (status: number) =>
      this.#give('server', { type: 'respond', server, response: responseTo(request, status, { toTag: 's' }) });
    if (story.method === 'INVITE') this.#later(this.#random() % 1_000, () => respond(180));
    const isSuccess = story.method === 'INVITE' && story.answer < 300;
    this.#later(1_000 + (this.#random() % 4_000), () =>
      isSuccess ? this.#repeat(story, respond, T1) : respond(story.answer),
    );
  }

  /** The 2xx of an INVITE until its ACK comes (§13.3.1.4). */
  #repeat(story: Story, respond: (status: number) => void, interval: number): void {
    if (story.acknowledged || interval > 64 * T1) return;
    respond(story.answer);
    this.#later(interval, () => this.#repeat(story, respond, Math.min(2 * interval, T2)));
  }

  #heard(client: string, status: number): void {
    const story = this.#story(client);
    if (status < 200) return;
    if (story.method === 'INVITE' && status < 300) {
      const request = draft(client, 'ACK');
      this.#give('client', { type: 'ack', request, to: this.#hop(), sentBy: 'client.example.com' });
      if (story.statuses.includes(status)) return;
    }
    story.statuses.push(status);
  }

  #story(name: string): Story {
    return this.stories.get(name) ?? assert.fail(name);
  }

  #chance(hundredths: number): boolean {
    return this.#random() % 100 < hundredths;
  }
}

function draft(name: string, method: string): SipRequest {
  const headers = new Headers([
    ['From', '<sip:client@example.com>;tag=c'],
    ['To', '<sip:server@example.com>'],
    ['Call-ID', name],
    ['CSeq', `1 ${method}`],
  ]);
  return { kind: 'request', method, uri: 'sip:server@example.com', headers, body: NO_BODY };
}

function story(method: Story['method'], answer: number, canceled = false): Story {
  return { method, answer, canceled, asked: 0, acknowledged: false, statuses: [], failed: false };
}

const STORIES: Readonly<Record<string, () => Story>> = {
  answered: () => story('INVITE', 200),
  refused: () => story('INVITE', 486),
  canceled: () => story('INVITE', 200, true),
  asked: () => story('OPTIONS', 200),
};

function played(seed: number, weather: Weather, transport: Transport): World {
  const world = new World(seed, weather, transport);
  for (const [name, make] of Object.entries(STORIES)) world.start(name, make());
  world.run();
  return world;
}

describe('two transaction layers face to face', () => {
  test('on a clear line each request ends as it was answered', () => {
    for (const transport of ['udp', 'tcp', 'tls'] as const) {
      const { stories } = played(1, CLEAR, transport);
      assert.deepEqual(stories.get('answered')?.statuses, [200]);
      assert.deepEqual(stories.get('refused')?.statuses, [486]);
      assert.deepEqual(stories.get('canceled')?.statuses, [487]);
      assert.deepEqual(stories.get('asked')?.statuses, [200]);
      assert.ok(stories.get('answered')?.acknowledged);
    }
  });

  test('in 500 storms each is told once and ends once, and nothing is left behind', () => {
    let heard = 0;
    for (let seed = 1; seed <= 500; seed++) {
      const world = played(seed, STORM, 'udp');
      for (const [name, { method, asked, statuses, failed, canceled }] of world.stories) {
        const what = `${name} of seed ${seed}`;
        assert.ok(asked <= 1, what);
        // An INVITE that has rung may wait for its answer for ever, unless it is canceled.
        const mayWait = method === 'INVITE' && !canceled;
        assert.ok(statuses.length <= 1 && (statuses.length === 1 || failed || mayWait), what);
        heard += statuses.length;
      }
      const { client, server } = world.layers;
      const waiting = [...world.stories.values()].filter(({ statuses, failed }) => statuses.length === 0 && !failed);
      assert.equal(client.counts.clients, waiting.length, `seed ${seed}`);
      assert.equal(server.counts.servers, 0, `seed ${seed}`);
    }
    assert.ok(heard > 1_900, `${heard} of 2,000 heard their answer`);
  });
});
