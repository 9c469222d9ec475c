import { createHash } from 'node:crypto';
import { createSipAgent } from '../../../../carrier-adapters/sip-t38/sip/agent/agent.ts';
import type { AgentEvent } from '../../../../carrier-adapters/sip-t38/sip/agent/events.ts';
import type { Endpoint, SrvRecord, TransportName } from '../../../../carrier-adapters/sip-t38/sip/agent/io.ts';
import type { AgentInput, AgentOptions, SipAgent } from '../../../../carrier-adapters/sip-t38/sip/agent/options.ts';
import type { Order } from '../../../../carrier-adapters/sip-t38/sip/agent/orders.ts';
import type { Trunk } from '../../../../carrier-adapters/sip-t38/sip/agent/trunk.ts';
import {
  parseMessage,
  type ReceivedMessage,
  type ReceivedRequest,
  type ReceivedResponse,
  type ResponseParts,
  responseTo,
  type SipMessage,
  serialise,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';

/** What the network does to one packet: the delays after which copies arrive, in ms; empty: lost. */
export type Weather = (packet: { readonly from: Endpoint; readonly to: Endpoint; readonly text: string }) => number[];

/** Random numbers of a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Job {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A network of agents and scripted peers with one virtual clock. */
export class World {
  now = 0;
  weather: Weather = () => [10];
  /** Answers of the name server; a name that is missing has none. */
  readonly addresses: Record<string, string[]> = {};
  readonly services: Record<string, SrvRecord[]> = {};
  readonly chance: () => number;
  readonly #jobs: Job[] = [];
  readonly #listeners = new Map<string, (bytes: Uint8Array, from: Endpoint, connection: string | null) => void>();
  #order = 0;

  constructor(seed = 1) {
    this.chance = seeded(seed);
  }

  at(time: number, run: () => void): void {
    this.#jobs.push({ at: time, order: this.#order++, run });
  }

  after(delay: number, run: () => void): void {
    this.at(this.now + delay, run);
  }

  listen(place: Endpoint, hear: (bytes: Uint8Array, from: Endpoint, connection: string | null) => void): void {
    this.#listeners.set(key(place), hear);
  }

  /** False: nobody is there. */
  carry(from: Endpoint, to: Endpoint, bytes: Uint8Array, connection: string | null = null): boolean {
    const hear = this.#listeners.get(key(to));
    const copy = bytes.slice();
    const text = new TextDecoder().decode(copy);
    for (const delay of this.weather({ from, to, text })) this.after(delay, () => hear?.(copy, from, connection));
    return hear !== undefined;
  }

  random(octets: number): Uint8Array {
    return Uint8Array.from({ length: octets }, () => Math.floor(this.chance() * 256));
  }

  /** Goes on until `done`, or until nothing happens before `limit` (ms from now). */
  run(limit: number, done: () => boolean = () => false): void {
    const end = this.now + limit;
    while (!done()) {
      const next = this.#takeBefore(end);
      if (next === undefined) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, next.at);
      next.run();
    }
  }

  #takeBefore(end: number): Job | undefined {
    let first = -1;
    for (const [index, job] of this.#jobs.entries()) {
      const best = this.#jobs[first];
      if (job.at <= end && (!best || job.at < best.at || (job.at === best.at && job.order < best.order))) first = index;
    }
    return first < 0 ? undefined : this.#jobs.splice(first, 1)[0];
  }
}

function key({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** A trunk with the usual settings. */
export function trunk(settings: Partial<Trunk> & Pick<Trunk, 'name' | 'server'>): Trunk {
  return {
    transport: 'udp',
    outboundProxy: null,
    credentials: null,
    register: null,
    fromDomain: null,
    user: 'sealfax',
    numberFormat: 'plus',
    callerId: 'from',
    peers: [],
    inboundAuth: null,
    ...settings,
  };
}

/** An agent in the world, and what it has said. */
export class Party {
  readonly world: World;
  readonly place: Endpoint;
  readonly agent: SipAgent;
  readonly events: AgentEvent[] = [];
  /** What the layer of calls does with an event; the orders are carried out at once. */
  on: (event: AgentEvent) => Order | readonly Order[] | undefined = () => undefined;
  /** Messages that it has sent, in order. */
  readonly sent: string[] = [];
  #wakeAt: number | null = null;

  constructor(
    world: World,
    address: string,
    trunks: readonly Trunk[],
    options: Partial<AgentOptions> = {},
    transport: TransportName = 'udp',
  ) {
    this.world = world;
    this.place = { address, port: 5060 };
    this.agent = createSipAgent({
      trunks,
      listening: [{ transport, local: this.place, advertised: null }],
      product: null,
      sessionExpires: null,
      maxIncoming: 10,
      random: (octets) => world.random(octets),
      hash: (algorithm, text) =>
        createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
          .update(text)
          .digest('hex'),
      ...options,
    });
    world.listen(this.place, (bytes, remote, connection) => {
      this.tell({ type: 'received', transport, connection, local: this.place, remote, bytes });
    });
    this.order({ type: 'start' });
  }

  order(order: Order): void {
    this.tell({ type: 'order', order });
  }

  tell(input: AgentInput): void {
    const orders: Order[] = [];
    for (const output of this.agent.handle(input, this.world.now)) {
      if (output.type === 'event') {
        this.events.push(output.event);
        const more = this.on(output.event);
        if (more !== undefined) orders.push(...(Array.isArray(more) ? (more as Order[]) : [more as Order]));
      } else if (output.type === 'send') {
        this.sent.push(new TextDecoder().decode(output.bytes));
        this.world.carry(this.place, output.to.remote, output.bytes, output.to.connection);
      } else if (output.type === 'resolve') this.#resolve(output.query, output.kind, output.name);
    }
    this.#setAlarm();
    for (const order of orders) this.order(order);
  }

  /** Events of one type. */
  of<Type extends AgentEvent['type']>(type: Type): Extract<AgentEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<AgentEvent, { type: Type }> => event.type === type);
  }

  /** The ladder in short: `> INVITE`, `< 200 OK`. */
  get ladder(): string[] {
    return this.of('step').map((step) => {
      const arrow = step.direction === 'sent' ? '>' : '<';
      return `${arrow} ${step.signal}${step.info === undefined ? '' : ` (${step.info})`}`;
    });
  }

  #resolve(query: number, kind: 'srv' | 'address', name: string): void {
    this.world.after(5, () => {
      if (kind === 'srv') this.tell({ type: 'resolved', query, services: this.world.services[name] ?? [] });
      else this.tell({ type: 'resolved', query, addresses: this.world.addresses[name] ?? [] });
    });
  }

  #setAlarm(): void {
    const { deadline } = this.agent;
    if (deadline === null || (this.#wakeAt !== null && this.#wakeAt <= deadline)) return;
    const at = Math.max(deadline, this.world.now);
    this.#wakeAt = at;
    this.world.at(at, () => {
      if (this.#wakeAt !== at) return;
      this.#wakeAt = null;
      this.tell({ type: 'time' });
    });
  }
}

/** A peer that does what a test says: messages come in here, and it sends what it is told. */
export class Peer {
  readonly world: World;
  readonly place: Endpoint;
  readonly requests: ReceivedRequest[] = [];
  readonly responses: ReceivedResponse[] = [];
  /** Answers a request as it comes. */
  on: (request: ReceivedRequest) => void = () => {};
  #from: Endpoint = { address: '192.0.2.99', port: 5060 };

  constructor(world: World, address: string, port = 5060) {
    this.world = world;
    this.place = { address, port };
    world.listen(this.place, (bytes, from) => {
      if (bytes.every((octet) => octet === 13 || octet === 10)) return; // a keep-alive
      const parsed = parseMessage(bytes);
      if ('error' in parsed) throw new Error(`unreadable: ${parsed.error}`);
      this.#from = from;
      this.#take(parsed.message);
    });
  }

  /** Requests of one method. */
  of(method: string): ReceivedRequest[] {
    return this.requests.filter((request) => request.method === method);
  }

  last(method: string): ReceivedRequest {
    const request = this.of(method).at(-1);
    if (request === undefined) throw new Error(`no ${method} has come`);
    return request;
  }

  reply(request: ReceivedRequest, status: number, parts: ResponseParts = {}): void {
    this.send(responseTo(request, status, { toTag: 'peer', ...parts }));
  }

  /** 2xx to INVITE with Contact and SDP. */
  answer(
    request: ReceivedRequest,
    sdp: string,
    headers: readonly (readonly [string, string])[] = [],
    tag = 'peer',
  ): void {
    const body = new TextEncoder().encode(sdp);
    const contact = ['Contact', `<sip:far@${this.place.address}:${this.place.port}>`] as const;
    this.reply(request, 200, { toTag: tag, headers: [contact, ...headers], body, contentType: 'application/sdp' });
  }

  send(message: SipMessage, to: Endpoint = this.#from): void {
    this.world.carry(this.place, to, serialise(message));
  }

  /** Sends text as it is; lines end in CRLF. */
  write(lines: readonly string[], to: Endpoint, body = ''): void {
    const text = [...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
    this.world.carry(this.place, to, new TextEncoder().encode(text));
  }

  /** A request of a dialog that the agent's INVITE and our answer with tag `peer` have made. */
  within(invite: ReceivedRequest, method: string, cseq: number, more: readonly string[] = [], body = ''): void {
    const contact = /<([^>]+)>/.exec(invite.headers.get('contact') ?? '')?.[1] ?? '';
    const type = body === '' ? [] : ['Content-Type: application/sdp'];
    this.write(
      [
        `${method} ${contact} SIP/2.0`,
        `Via: SIP/2.0/UDP ${this.place.address}:${this.place.port};branch=z9hG4bK-${method}-${cseq};rport`,
        'Max-Forwards: 70',
        `From: ${invite.headers.get('to')};tag=peer`,
        `To: ${invite.headers.get('from')}`,
        `Call-ID: ${invite.callId}`,
        `CSeq: ${cseq} ${method}`,
        ...(method === 'INVITE' || method === 'UPDATE'
          ? [`Contact: <sip:far@${this.place.address}:${this.place.port}>`]
          : []),
        ...type,
        ...more,
      ],
      this.#from,
      body,
    );
  }

  #take(message: ReceivedMessage): void {
    if (message.kind === 'response') {
      this.responses.push(message);
      return;
    }
    this.requests.push(message);
    this.on(message);
  }
}
