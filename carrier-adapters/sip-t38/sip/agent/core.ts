import { createDigestClient, type DigestClient } from '../digest.ts';
import type { ReceivedRequest, ReceivedResponse, SipRequest, SipResponse } from '../message/index.ts';
import { type Hop, type TransactionInput, TransactionLayer, type TransactionOutput } from '../transaction/index.ts';
import { Alarms } from './alarms.ts';
import type { AgentEvent } from './events.ts';
import { Gate } from './gate.ts';
import type { Destination, NetworkOutput, TransportName } from './io.ts';
import { SERVER_NAMES } from './limits.ts';
import { Lookups } from './lookups.ts';
import type { AgentOptions, AgentOutput } from './options.ts';
import { signalOf } from './refusal.ts';
import { Resting } from './resting.ts';
import { Self } from './self.ts';
import type { HeaderPairs } from './session-interval.ts';
import { findTargets, sameTarget, targetKey } from './targets.ts';
import type { Trunk } from './trunk.ts';

/** Who waits for the responses to a request of ours. */
export interface ClientListener {
  /** 1xx and 2xx to INVITE each time they come; other final ones once. */
  response(response: ReceivedResponse, now: number): void;
  /** No final response will come: as 408 and 503 (RFC 3261 §8.1.3.1). */
  failed(why: 'timeout' | 'transport', now: number): void;
}

/** Who takes what peers ask for. */
export interface Taker {
  request(server: number, request: ReceivedRequest, from: Hop, now: number): void;
  /** ACK to a 2xx. */
  ack(request: ReceivedRequest, now: number): void;
  /** A CANCEL came for this INVITE, which has no final response yet. */
  canceled(server: number, request: ReceivedRequest, now: number): void;
  /** A response has told that a trunk sees us at another address than before. */
  moved(trunk: Trunk, now: number): void;
}

/** What the parts of an agent share: options, time, transactions and the way out. */
export class Core {
  readonly options: AgentOptions;
  readonly alarms = new Alarms();
  readonly lookups: Lookups;
  readonly gate: Gate;
  readonly self: Self;
  readonly resting = new Resting();
  /** Where the trunks are registered. */
  readonly flows = new Map<Trunk, Destination>();
  readonly #layer: TransactionLayer;
  readonly #taker: Taker;
  readonly #clients = new Map<string, ClientListener>();
  /** Names that certificates must bear, by target. */
  readonly #serverNames = new Map<string, string>();
  #requests = 0;
  #outputs: AgentOutput[] = [];

  constructor(options: AgentOptions, taker: Taker) {
    this.options = options;
    this.lookups = new Lookups(this.alarms, (output) => this.send(output));
    this.gate = new Gate(options.trunks);
    this.self = new Self(options.listening);
    this.#layer = new TransactionLayer({ random: options.random });
    this.#taker = taker;
  }

  get deadline(): number | null {
    const ours = this.alarms.next;
    const theirs = this.#layer.deadline;
    return ours === null || theirs === null ? (ours ?? theirs) : Math.min(ours, theirs);
  }

  /** What has to be done and said since the last time. */
  takeOutputs(): AgentOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  send(output: NetworkOutput): void {
    this.#outputs.push(output);
  }

  emit(event: AgentEvent): void {
    this.#outputs.push({ type: 'event', event });
  }

  /** Sends a request in a transaction of its own; the name given back cancels it. */
  request(request: SipRequest, to: Destination, listener: ClientListener, now: number): string {
    const client = `c${++this.#requests}`;
    this.#clients.set(client, listener);
    const sentBy = this.self.sentBy(to.transport);
    this.transact({ type: 'request', client, request, to: this.#hopOf(to), sentBy }, now);
    return client;
  }

  respond(server: number, response: SipResponse, now: number): void {
    this.transact({ type: 'respond', server, response }, now);
  }

  /** Answers a request of a call, or of none, and writes it into the ladder. */
  answer(call: string | null, server: number, response: SipResponse, now: number): void {
    if (call !== null) this.step(call, 'sent', `${response.status} ${response.reason}`, methodOf(response));
    this.respond(server, response, now);
  }

  /** A line of the ladder; `method`: what a response answers, left out for a request. */
  step(call: string, direction: 'sent' | 'heard', signal: string, method = 'INVITE'): void {
    this.emit({ type: 'step', call, direction, signal, ...(method !== 'INVITE' && { info: signalOf(method) }) });
  }

  /** Sends an ACK to a 2xx, and gives what was sent so that it can be sent again. */
  acknowledge(request: SipRequest, to: Destination, now: number): readonly NetworkOutput[] {
    const sentBy = this.self.sentBy(to.transport);
    const outputs = this.#layer.handle({ type: 'ack', request, to: this.#hopOf(to), sentBy }, now);
    const sent = outputs.flatMap((output) =>
      output.type === 'transmit' ? [this.#sendOf(output.bytes, output.to)] : [],
    );
    for (const output of sent) this.send(output);
    return sent;
  }

  /** Reads from a response how we are seen from a trunk. */
  learn(trunk: Trunk, transport: TransportName, response: ReceivedResponse, now: number): void {
    // Through some NATs each of a trunk's hosts sees us elsewhere: the registrar's word decides.
    if (trunk.register !== null && response.cseq.method !== 'REGISTER') return;
    if (this.self.learn(trunk, transport, response)) this.#taker.moved(trunk, now);
  }

  /** Hands an input to the transactions and carries out what comes of it. */
  transact(input: TransactionInput, now: number): void {
    for (const output of this.#layer.handle(input, now)) this.#carryOut(output, now);
  }

  tick(now: number): void {
    this.transact({ type: 'time' }, now);
    this.alarms.ringDue(now);
  }

  /** Where a trunk's requests go, best first: those of its registration, then those that have not failed lately. */
  findTargets(trunk: Trunk, now: number, done: (targets: readonly Destination[], now: number) => void): void {
    const { lookups } = this;
    const finding = { lookups, chance: () => this.chance() };
    findTargets(trunk.outboundProxy ?? trunk.server, trunk.transport, finding, now, (found, at) => {
      const flow = this.flows.get(trunk);
      const isFlow = (target: Destination) => flow !== undefined && sameTarget(target, flow);
      const targets = [...found.filter(isFlow), ...found.filter((target) => !isFlow(target))];
      done(this.resting.order(targets, at), at);
    });
  }

  /** A digest client of its own for a call or a registration; null: the trunk has no credentials. */
  digestFor(trunk: Trunk): DigestClient | null {
    const { hash, random } = this.options;
    return trunk.credentials === null ? null : createDigestClient({ ...trunk.credentials, hash, random });
  }

  /** User-Agent, where it is to be told. */
  get product(): HeaderPairs {
    return this.options.product === null ? [] : [['User-Agent', this.options.product]];
  }

  /** A number of [0, 1). */
  chance(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.options.random(4);
    return (a * 0x1000000 + b * 0x10000 + c * 0x100 + d) / 0x100000000;
  }

  /** An unpredictable word: tags and ids have at least 32 bits of it (RFC 3261 §19.3). */
  word(octets: number): string {
    return Array.from(this.options.random(octets), (octet) => octet.toString(16).padStart(2, '0')).join('');
  }

  #carryOut(output: TransactionOutput, now: number): void {
    switch (output.type) {
      case 'transmit':
        this.send(this.#sendOf(output.bytes, output.to));
        return;
      case 'request':
        this.#taker.request(output.server, output.request, output.from, now);
        return;
      case 'ack':
        this.#taker.ack(output.request, now);
        return;
      case 'canceled':
        this.#taker.canceled(output.server, output.request, now);
        return;
      case 'response':
        this.#clients.get(output.client)?.response(output.response, now);
        return;
      case 'failed':
        this.#clients.get(output.client)?.failed(output.why, now);
        return;
      case 'client_ended':
        this.#clients.delete(output.client);
        return;
      case 'unacknowledged': // the call behind a refused INVITE is over already
      case 'server_ended':
        return;
    }
  }

  #hopOf({ transport, remote, connection, serverName }: Destination): Hop {
    if (serverName !== null) this.#remember(targetKey(transport, remote), serverName);
    return { transport, address: remote.address, port: remote.port, connection };
  }

  #sendOf(bytes: Uint8Array, hop: Hop): NetworkOutput {
    const remote = { address: hop.address, port: hop.port };
    const serverName = hop.transport === 'tls' ? (this.#serverNames.get(targetKey('tls', remote)) ?? null) : null;
    // A local socket of UDP is not of interest here: there is one.
    const connection = hop.transport === 'udp' ? null : hop.connection;
    return { type: 'send', to: { transport: hop.transport, remote, connection, serverName }, bytes };
  }

  #remember(target: string, serverName: string): void {
    if (this.#serverNames.size >= SERVER_NAMES && !this.#serverNames.has(target)) this.#serverNames.clear();
    this.#serverNames.set(target, serverName);
  }
}

function methodOf(response: SipResponse): string {
  return response.headers.get('cseq')?.split(' ').at(-1) ?? '';
}
