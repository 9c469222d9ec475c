import { SipError } from '../errors.ts';
import { hex } from '../hex.ts';
import {
  BRANCH_COOKIE,
  type ReceivedRequest,
  type ReceivedResponse,
  responseTo,
  type SipRequest,
  serialise,
} from '../message/index.ts';
import { answers, clientKey, responseHop, serverKey, withSource } from './arrival.ts';
import { ClientInvite } from './client-invite.ts';
import { ClientOther } from './client-other.ts';
import type { TransactionInput, TransactionOptions, TransactionOutput } from './contract.ts';
import { Deadlines } from './deadlines.ts';
import type { Hop } from './hop.ts';
import { ServerInvite } from './server-invite.ts';
import { ServerOther } from './server-other.ts';

type Client = ClientInvite | ClientOther;
type Server = ServerInvite | ServerOther;

/** Server transactions at once, unless the options say otherwise. */
const MAX_SERVER = 4_096;
/** Octets of a branch that nobody can guess: a response is believed for knowing it. */
const BRANCH_OCTETS = 16;

/**
 * All transactions of one SIP element (RFC 3261 §17): no clock, no I/O, and nothing that a peer sends makes it throw.
 * Call `handle` with `time` when `deadline` has come; later is allowed, and only makes timers late.
 */
export class TransactionLayer {
  readonly #options: TransactionOptions;
  readonly #deadlines = new Deadlines<Client | Server>();
  /** By the name that the caller gave. */
  readonly #named = new Map<string, Client>();
  /** By {@link clientKey}, CANCELs included. */
  readonly #clients = new Map<string, Client>();
  /** By {@link serverKey}, and by number. */
  readonly #servers = new Map<string, Server>();
  readonly #numbered = new Map<number, Server>();
  #lastServer = 0;

  constructor(options: TransactionOptions) {
    this.#options = options;
  }

  /** When `time` is due; null: not before something else happens. */
  get deadline(): number | null {
    return this.#deadlines.next;
  }

  /** Transactions that live, of each kind: what the bounds are about. */
  get counts(): { readonly clients: number; readonly servers: number } {
    return { clients: this.#clients.size, servers: this.#servers.size };
  }

  /** @throws SipError `client_reused`, `unsafe_value`: faults of the caller */
  handle(input: TransactionInput, now: number): TransactionOutput[] {
    const out: TransactionOutput[] = [];
    switch (input.type) {
      case 'received':
        if (input.message.kind === 'response') this.#response(input.message, now, out);
        else this.#request(withSource(input.message, input.from), input.from, now, out);
        break;
      case 'request':
        this.#start(input, now, out);
        break;
      case 'ack':
        out.push({ type: 'transmit', bytes: serialise(this.#withVia(input).request), to: input.to });
        break;
      case 'cancel':
        this.#cancel(input.client, input.reason, now, out);
        break;
      case 'respond':
        this.#respond(input, now, out);
        break;
      case 'transport_failed':
        this.#transportFailed(input.hop, now, out);
        break;
      case 'time':
        this.#time(now, out);
        break;
    }
    return out;
  }

  #start(input: TransactionInput & { readonly type: 'request' }, now: number, out: TransactionOutput[]): void {
    if (this.#named.has(input.client)) throw new SipError('client_reused', 'a client transaction of this name lives');
    const { request, branch } = this.#withVia(input);
    const client = new (request.method === 'INVITE' ? ClientInvite : ClientOther)(
      input.client,
      branch,
      request,
      input.to,
    );
    this.#named.set(input.client, client);
    this.#startClient(client, now, out);
  }

  #startClient(client: Client, now: number, out: TransactionOutput[]): void {
    this.#clients.set(client.key, client);
    client.start(now, out);
    this.#settleClient(client, now, out);
  }

  #withVia(input: { readonly request: SipRequest; readonly to: Hop; readonly sentBy: string }): {
    readonly request: SipRequest;
    readonly branch: string;
  } {
    const branch = BRANCH_COOKIE + hex(this.#options.random(BRANCH_OCTETS));
    const via = `SIP/2.0/${input.to.transport.toUpperCase()} ${input.sentBy};branch=${branch};rport`;
    const headers = input.request.headers.copy().prepend('Via', via);
    return { request: { ...input.request, headers }, branch };
  }

  #cancel(name: string, reason: string | undefined, now: number, out: TransactionOutput[]): void {
    const client = this.#named.get(name);
    if (!(client instanceof ClientInvite)) return;
    client.cancel(reason);
    this.#settleClient(client, now, out);
  }

  /** A response that belongs to nothing is dropped (§18.1.2). */
  #response(response: ReceivedResponse, now: number, out: TransactionOutput[]): void {
    const client = this.#clients.get(clientKey(response.via.branch ?? '', response.cseq.method));
    if (client === undefined || !answers(response, client.identity)) return;
    client.received(response, now, out);
    this.#settleClient(client, now, out);
  }

  #transportFailed(hop: Hop, now: number, out: TransactionOutput[]): void {
    for (const client of [...this.#clients.values()]) {
      if (!leadsTo(client.to, hop)) continue;
      client.transportFailed(out);
      this.#settleClient(client, now, out);
    }
  }

  /** After whatever happened to a client: its CANCEL, its deadline, its end. */
  #settleClient(client: Client, now: number, out: TransactionOutput[]): void {
    const cancel = client instanceof ClientInvite ? client.takeCancel(now) : null;
    if (client instanceof ClientInvite && cancel !== null) {
      this.#startClient(new ClientOther(null, client.branch, cancel, client.to), now, out);
    }
    this.#deadlines.set(client, client.deadline);
    if (!client.isOver) return;
    this.#clients.delete(client.key);
    if (client.client === null) return;
    this.#named.delete(client.client);
    out.push({ type: 'client_ended', client: client.client });
  }

  #request(request: ReceivedRequest, from: Hop, now: number, out: TransactionOutput[]): void {
    const known = this.#servers.get(serverKey(request, request.method));
    if (request.method === 'ACK') this.#ack(request, from, now, out);
    else if (known !== undefined) known.repeated(out);
    // At most one for each INVITE that lives: the bound below holds for it as well.
    else if (request.method === 'CANCEL') this.#cancelRequest(request, from, now, out);
    else if (this.#servers.size >= (this.#options.maxServer ?? MAX_SERVER)) refuse(request, from, 503, out);
    else out.push({ type: 'request', server: this.#newServer(request, from, now).server, request, from });
  }

  #newServer(request: ReceivedRequest, from: Hop, now: number): Server {
    const number = ++this.#lastServer;
    const key = serverKey(request, request.method);
    const hop = responseHop(request, from);
    const isInvite = request.method === 'INVITE';
    const server = isInvite
      ? new ServerInvite(number, key, request, hop)
      : new ServerOther(number, key, hop, request.method !== 'CANCEL');
    this.#servers.set(key, server);
    this.#numbered.set(number, server);
    server.start(now);
    this.#deadlines.set(server, server.deadline);
    return server;
  }

  /** An ACK belongs to the INVITE of its branch, or else to a 2xx, which is the caller's (§17.2.3). */
  #ack(request: ReceivedRequest, from: Hop, now: number, out: TransactionOutput[]): void {
    const invite = this.#servers.get(serverKey(request, 'INVITE'));
    if (!(invite instanceof ServerInvite) || invite.acknowledged(now)) out.push({ type: 'ack', request, from });
    if (invite !== undefined) this.#settleServer(invite, out);
  }

  /** A CANCEL is a transaction of its own, and is answered whatever comes of the INVITE (§9.2). */
  #cancelRequest(request: ReceivedRequest, from: Hop, now: number, out: TransactionOutput[]): void {
    const invite = this.#servers.get(serverKey(request, 'INVITE'));
    if (!(invite instanceof ServerInvite)) {
      refuse(request, from, 481, out);
      return;
    }
    const server = this.#newServer(request, from, now);
    server.respond(responseTo(request, 200, { toTag: invite.toTag ?? statelessTag(request) }), now, out);
    this.#settleServer(server, out);
    if (invite.isProceeding) out.push({ type: 'canceled', server: invite.server, request });
  }

  #respond(input: TransactionInput & { readonly type: 'respond' }, now: number, out: TransactionOutput[]): void {
    const server = this.#numbered.get(input.server);
    if (server === undefined) return;
    server.respond(input.response, now, out);
    this.#settleServer(server, out);
  }

  #settleServer(server: Server, out: TransactionOutput[]): void {
    this.#deadlines.set(server, server.deadline);
    if (!server.isOver || !this.#numbered.delete(server.server)) return;
    this.#servers.delete(server.key);
    if (server.isTold) out.push({ type: 'server_ended', server: server.server });
  }

  #time(now: number, out: TransactionOutput[]): void {
    for (;;) {
      const due = this.#deadlines.take(now);
      if (due === undefined) return;
      due.tick(now, out);
      if (due instanceof ServerInvite || due instanceof ServerOther) this.#settleServer(due, out);
      else this.#settleClient(due, now, out);
    }
  }
}

/** Answers without state (§8.2.7): the request comes again and is answered again. */
function refuse(request: ReceivedRequest, from: Hop, status: number, out: TransactionOutput[]): void {
  const response = responseTo(request, status, { toTag: statelessTag(request) });
  out.push({ type: 'transmit', bytes: serialise(response), to: responseHop(request, from) });
}

/** A tag that is the same for each repetition of a request (§8.2.7). */
function statelessTag(request: ReceivedRequest): string {
  const branch = request.via.branch ?? '';
  return /^[A-Za-z0-9.-]{1,128}$/.test(branch) ? branch : 'none';
}

/** Whether what was sent to `to` is lost when `gone` fails. */
function leadsTo(to: Hop, gone: Hop): boolean {
  if (to.transport !== gone.transport || to.address !== gone.address || to.port !== gone.port) return false;
  return gone.connection === null || to.connection === null || to.connection === gone.connection;
}
