import { SipError } from '../errors.ts';
import { DATAGRAM_LIMIT, parseMessage, type ReceivedRequest, STREAM_LIMIT } from '../message/index.ts';
import type { Hop } from '../transaction/index.ts';
import { Calls } from './calls.ts';
import { Core, type Taker } from './core.ts';
import { inquire } from './inquiry.ts';
import type { NetworkInput } from './io.ts';
import type { AgentInput, AgentOptions, AgentOutput, SipAgent } from './options.ts';
import type { Order } from './orders.ts';
import { OutgoingCall } from './outgoing.ts';
import { probe } from './probe.ts';
import { Reception } from './reception.ts';
import { Registration } from './registration.ts';
import { Streams } from './streams.ts';
import { STOP_WAIT } from './timers.ts';
import type { Trunk } from './trunk.ts';
import { TrunkHosts } from './trunk-hosts.ts';

/** Makes a user agent; it does nothing before the order `start`. */
export function createSipAgent(options: AgentOptions): SipAgent {
  return new UserAgent(options);
}

/** What came from the network with octets. */
type Arrived = Extract<NetworkInput, { readonly type: 'received' }>;

/** Leads every input to the part that it belongs to. */
class UserAgent implements SipAgent, Taker {
  readonly #core: Core;
  readonly #calls = new Calls();
  readonly #streams = new Streams();
  readonly #reception: Reception;
  readonly #registrations = new Map<Trunk, Registration>();
  readonly #hosts: readonly TrunkHosts[];
  #started = false;
  /** Bindings that are still to be taken back, once the agent stops; null before. */
  #unbinding: number | null = null;
  #stopped = false;

  constructor(options: AgentOptions) {
    this.#core = new Core(options, this);
    this.#reception = new Reception(this.#core, this.#calls);
    this.#hosts = options.trunks.map((trunk) => new TrunkHosts(this.#core, trunk));
    for (const trunk of options.trunks) {
      if (trunk.register !== null) this.#registrations.set(trunk, new Registration(this.#core, trunk, trunk.register));
    }
  }

  get deadline(): number | null {
    return this.#core.deadline;
  }

  handle(input: AgentInput, now: number): AgentOutput[] {
    if (input.type === 'order') this.#order(input.order, now);
    else if (input.type !== 'time') this.#hear(input, now);
    this.#core.tick(now);
    if (this.#unbinding === 0 && this.#calls.size === 0) this.#tellStopped();
    return this.#core.takeOutputs();
  }

  // The network.

  #hear(input: NetworkInput, now: number): void {
    switch (input.type) {
      case 'received':
        this.#receive(input, now);
        return;
      case 'closed':
        this.#closed(input.connection, now);
        return;
      case 'unreachable':
        this.#lost({ transport: input.transport, ...input.remote, connection: null }, now);
        return;
      case 'resolved':
        this.#core.lookups.resolved(input.query, 'services' in input ? input.services : input.addresses, now);
        return;
    }
  }

  #receive(input: Arrived, now: number): void {
    const { transport, connection, remote, bytes } = input;
    if (!this.#core.gate.admits(remote.address, now)) {
      if (connection !== null) this.#disconnect(connection, now);
      return;
    }
    if (connection === null) {
      this.#read(input, bytes, DATAGRAM_LIMIT, now);
      return;
    }
    const messages = this.#streams.push(connection, transport, remote, bytes, (output) => this.#core.send(output));
    for (const message of messages ?? []) this.#read(input, message, STREAM_LIMIT, now);
    if (messages === null) this.#disconnect(connection, now);
  }

  /** What cannot be read is dropped: an answer would help nobody but a prober. */
  #read({ transport, connection, remote }: Arrived, bytes: Uint8Array, limit: number, now: number): void {
    const parsed = parseMessage(bytes, limit);
    if ('error' in parsed) return;
    const { message } = parsed;
    const isNew = message.kind === 'request' && message.toTag === null && message.method !== 'CANCEL';
    if (isNew && !this.#core.gate.admitsNew(remote.address, now)) return;
    const from: Hop = { transport, address: remote.address, port: remote.port, connection };
    this.#core.transact({ type: 'received', message, from }, now);
  }

  #disconnect(connection: string, now: number): void {
    this.#core.send({ type: 'disconnect', connection });
    this.#closed(connection, now);
  }

  #closed(connection: string, now: number): void {
    const stream = this.#streams.close(connection);
    if (stream !== undefined) this.#lost({ transport: stream.transport, ...stream.remote, connection }, now);
  }

  #lost(hop: Hop, now: number): void {
    this.#core.transact({ type: 'transport_failed', hop }, now);
    const remote = { address: hop.address, port: hop.port };
    const to = { transport: hop.transport, remote, connection: null, serverName: null };
    for (const registration of this.#registrations.values()) registration.disconnected(to, now);
  }

  // Requests of peers.

  request(server: number, request: ReceivedRequest, from: Hop, now: number): void {
    const call = this.#calls.of(request);
    if (call === undefined) this.#reception.take(server, request, from, now);
    else call.request(server, request, now);
  }

  ack(request: ReceivedRequest, now: number): void {
    this.#calls.of(request)?.ack(request, now);
  }

  canceled(server: number, request: ReceivedRequest, now: number): void {
    const call = this.#calls.of(request) ?? this.#calls.ofCaller(request);
    call?.canceled(server, request, now);
  }

  moved(trunk: Trunk, now: number): void {
    this.#registrations.get(trunk)?.moved(now);
  }

  // Orders.

  #order(order: Order, now: number): void {
    switch (order.type) {
      case 'start':
        this.#start(now);
        return;
      case 'drain':
        this.#reception.close();
        return;
      case 'stop':
        this.#stop(now);
        return;
      case 'place':
        this.#place(order, now);
        return;
      case 'probe':
        probe(this.#core, order.probe, this.#trunk(order.trunk), now);
        return;
      case 'inquire':
        inquire(this.#core, { ...order, trunk: this.#trunk(order.trunk) }, now, (answer) =>
          this.#core.emit({ type: 'inquired', inquiry: order.inquiry, answer }),
        );
        return;
      default:
        this.#calls.get(order.call)?.order(order, now);
    }
  }

  #start(now: number): void {
    if (this.#started || this.#unbinding !== null) return;
    this.#started = true;
    this.#reception.open();
    for (const hosts of this.#hosts) hosts.start(now);
    for (const registration of this.#registrations.values()) registration.start(now);
  }

  #place(order: Extract<Order, { readonly type: 'place' }>, now: number): void {
    const { call: id, to, from, sdp } = order;
    const trunk = this.#trunk(order.trunk);
    if (this.#calls.get(id) !== undefined) throw new SipError('call_reused', 'a live call has this id');
    const call: OutgoingCall = new OutgoingCall(this.#core, {
      id,
      trunk,
      to,
      from,
      sdp,
      ended: (end) => {
        this.#calls.remove(call);
        this.#core.emit({ type: 'ended', call: id, ...end });
      },
    });
    this.#calls.add(call);
    call.start(now);
  }

  #trunk(name: string): Trunk {
    const trunk = this.#core.options.trunks.find((candidate) => candidate.name === name);
    if (trunk === undefined) throw new SipError('trunk_unknown', 'no trunk has this name');
    return trunk;
  }

  /** BYE and CANCEL to all, bindings taken back, and then `stopped`; what has no answer in time is left alone. */
  #stop(now: number): void {
    if (this.#unbinding !== null) return;
    this.#unbinding = this.#started ? this.#registrations.size : 0;
    this.#reception.close();
    for (const hosts of this.#hosts) hosts.stop();
    for (const call of this.#calls.all()) call.order({ type: 'hang_up', call: call.id, cause: 16 }, now);
    for (const registration of this.#started ? this.#registrations.values() : []) {
      registration.stop(now, () => {
        this.#unbinding = (this.#unbinding ?? 0) - 1;
      });
    }
    this.#core.alarms.set(now + STOP_WAIT, () => this.#tellStopped());
  }

  #tellStopped(): void {
    if (!this.#stopped) this.#core.emit({ type: 'stopped' });
    this.#stopped = true;
  }
}
