import { connect, type Socket } from 'node:net';
import type { Cause } from '../../../gateway/fax/cause.ts';
import type { CallReception, IncomingCall, LookupAnswer } from '../../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import {
  type Command,
  type DialOrder,
  type Ended,
  ended,
  type Leg,
  type LineSignal,
  type Network,
} from '../network/signals.ts';
import type { Subscriber } from '../network/subscriber.ts';
import { type ExchangeAsk, exchangeAsk, type GatewayAsk, lineSignal, lookupAnswer } from './messages.ts';
import { Peer } from './peer.ts';

/** Pause before the socket is connected again, ms. */
const RECONNECT = 1_000;

/** A network whose exchange is another process, behind a Unix socket. It reconnects by itself until it is closed. */
export class RemoteNetwork implements Network {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #incoming = new Map<number, IncomingCall>();
  #subscriber: Subscriber | undefined;
  #peer: Peer | undefined;
  #calls = 0;
  #closed = false;
  #stopRetry = () => {};

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  get connected(): boolean {
    return this.#peer !== undefined;
  }

  /** Connects, and offers every call to our numbers to `subscriber`. Rejects when nobody listens at the path. */
  async open(subscriber: Subscriber): Promise<void> {
    this.#subscriber = subscriber;
    if (this.#peer === undefined) await this.#connect();
    else await this.#subscribe(this.#peer);
  }

  close(): void {
    this.#closed = true;
    this.#stopRetry();
    this.#peer?.close();
  }

  dial(order: DialOrder): Leg {
    const peer = this.#peer;
    if (peer === undefined) return deadLeg();
    return new RemoteLeg(peer, ++this.#calls, order);
  }

  async lookup(reference: string): Promise<LookupAnswer> {
    try {
      // Calls of an earlier life are asked for before the gateway takes new ones: then nothing is connected yet.
      if (this.#peer === undefined) await this.#connect();
      return lookupAnswer.parse(await this.#peer?.ask({ ask: 'lookup', reference } satisfies GatewayAsk));
    } catch {
      return { found: 'unknown' };
    }
  }

  async #connect(): Promise<void> {
    if (this.#closed) throw new Error('the network is closed');
    const socket = await connected(this.#path);
    this.#peer = new Peer(
      socket,
      async (head, data) => this.#asked(exchangeAsk.parse(head), data),
      () => this.#lost(),
    );
    if (this.#subscriber !== undefined) await this.#subscribe(this.#peer);
  }

  async #subscribe(peer: Peer): Promise<void> {
    await peer.ask({ ask: 'subscribe' } satisfies GatewayAsk);
  }

  #lost(): void {
    this.#peer = undefined;
    for (const incoming of this.#incoming.values()) void endLost(incoming);
    this.#incoming.clear();
    this.#retry();
  }

  #retry(): void {
    if (this.#closed || this.#subscriber === undefined) return;
    this.#stopRetry = this.#clock.after(RECONNECT, () => {
      this.#connect().catch(() => this.#retry());
    });
  }

  async #asked(ask: ExchangeAsk, data: Uint8Array): Promise<unknown> {
    if (ask.ask === 'offer') return this.#offered(ask);
    const incoming = this.#incoming.get(ask.call);
    if (incoming === undefined) throw new Error('no such call');
    if (ask.ask === 'answered') return incoming.answered(ask.remoteId);
    if (ask.ask === 'begin_page') return incoming.beginPage(ask.info);
    if (ask.ask === 'write') return incoming.write(data);
    if (ask.ask === 'end_page') return incoming.endPage(ask.report);
    if (ask.ask === 'drop_page') return incoming.dropPage();
    this.#incoming.delete(ask.call);
    return incoming.ended(ask.result);
  }

  async #offered(ask: Extract<ExchangeAsk, { ask: 'offer' }>): Promise<{ accepted: true } | { refused: Cause }> {
    const peer = this.#peer;
    const { reference, from, to } = ask;
    const answer: Awaited<ReturnType<CallReception['offer']>> = (await this.#subscriber?.offer({
      reference,
      from,
      to,
    })) ?? { refused: 'out_of_service' };
    if ('refused' in answer) return answer;
    if (peer !== this.#peer)
      await endLost(answer.accepted); // the socket closed while the reception made ready
    else this.#incoming.set(ask.call, answer.accepted);
    return { accepted: true };
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** The exchange is gone: the receiver is told that its line is dead. Its own failure is in its own log. */
async function endLost(incoming: IncomingCall): Promise<void> {
  const result = {
    cause: 'line_lost',
    detail: 'the exchange vanished',
    pagesConfirmed: 0,
    pageInFlight: true,
    remoteId: null,
    line: null,
  } as const;
  await incoming.ended(result).catch(() => {});
}

class RemoteLeg implements Leg {
  readonly #peer: Peer;
  readonly #call: number;
  readonly #end = Promise.withResolvers<Ended>();
  #ended: Ended | undefined;

  constructor(peer: Peer, call: number, order: DialOrder) {
    this.#peer = peer;
    this.#call = call;
    this.#ask({ ask: 'dial', call, order }).catch(() => this.#finish(ended('line_lost', 'the exchange vanished')));
  }

  async tell(command: Command): Promise<LineSignal> {
    if (this.#ended !== undefined) return this.#ended;
    const signal = await Promise.race([this.#exchange(command), this.#end.promise]);
    if (signal.hear === 'ended') this.#finish(signal);
    return this.#ended ?? signal;
  }

  hangUp(cause: Cause, detail: string): void {
    if (this.#ended !== undefined) return;
    this.#finish(ended(cause, detail));
    this.#ask({ ask: 'hang_up', call: this.#call, cause, detail }).catch(() => {}); // a closed socket has hung up already
  }

  async #exchange(command: Command): Promise<LineSignal> {
    const data = command.do === 'block' ? command.data : undefined;
    const head = command.do === 'block' ? { do: command.do } : command;
    try {
      return lineSignal.parse(await this.#ask({ ask: 'tell', call: this.#call, command: head }, data));
    } catch {
      return ended('line_lost', 'the exchange vanished');
    }
  }

  #ask(ask: GatewayAsk, data?: Uint8Array): Promise<unknown> {
    return this.#peer.ask(ask, data);
  }

  #finish(end: Ended): void {
    this.#ended ??= end;
    this.#end.resolve(end);
  }
}

/** No exchange is connected: nothing rings. */
function deadLeg(): Leg {
  const end = ended('carrier_unavailable', 'no connection to the exchange');
  return { tell: async () => end, hangUp: () => {} };
}
