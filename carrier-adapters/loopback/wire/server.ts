import { createServer, type Server, type Socket } from 'node:net';
import type { IncomingCall } from '../../../gateway/ports/carrier-adapter.ts';
import type { Exchange } from '../network/exchange.ts';
import type { Leg } from '../network/signals.ts';
import type { Subscriber } from '../network/subscriber.ts';
import { commandOf, type ExchangeAsk, type GatewayAsk, gatewayAsk, offerAnswer } from './messages.ts';
import { Peer } from './peer.ts';

/** An exchange as a process of its own: gateways connect to `path` (a Unix socket). When a gateway's socket closes, its calls are hung up at once. */
export function serveExchange(exchange: Exchange, path: string): Promise<Server> {
  const server = createServer((socket) => new GatewayLine(exchange, socket));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

class GatewayLine {
  readonly #exchange: Exchange;
  readonly #peer: Peer;
  readonly #legs = new Map<number, Leg>();
  #unsubscribe = () => {};
  #offers = 0;

  constructor(exchange: Exchange, socket: Socket) {
    this.#exchange = exchange;
    this.#peer = new Peer(
      socket,
      async (head, data) => this.#asked(gatewayAsk.parse(head), data),
      () => this.#closed(),
    );
  }

  #asked(ask: GatewayAsk, data: Uint8Array): unknown {
    if (ask.ask === 'lookup') return this.#exchange.lookup(ask.reference);
    if (ask.ask === 'subscribe') return this.#subscribe();
    if (ask.ask === 'dial') return void this.#legs.set(ask.call, this.#exchange.dial(ask.order));
    const leg = this.#legs.get(ask.call);
    if (ask.ask === 'tell') return this.#tell(ask, leg, data);
    this.#legs.delete(ask.call);
    return leg?.hangUp(ask.cause, ask.detail);
  }

  async #tell(ask: Extract<GatewayAsk, { ask: 'tell' }>, leg: Leg | undefined, data: Uint8Array): Promise<unknown> {
    if (leg === undefined) throw new Error('no such call');
    const signal = await leg.tell(commandOf(ask.command, data));
    if (signal.hear === 'ended') this.#legs.delete(ask.call);
    return signal;
  }

  #subscribe(): void {
    this.#unsubscribe();
    this.#unsubscribe = this.#exchange.subscribe(this.#subscriber());
  }

  #subscriber(): Subscriber {
    return {
      offer: async (offered) => {
        const call = ++this.#offers;
        const answer = offerAnswer.parse(await this.#ask({ ask: 'offer', call, ...offered }));
        return 'refused' in answer ? answer : { accepted: this.#incoming(call) };
      },
    };
  }

  #incoming(call: number): IncomingCall {
    return {
      answered: async (remoteId) => void (await this.#ask({ ask: 'answered', call, remoteId })),
      beginPage: async (info) => void (await this.#ask({ ask: 'begin_page', call, info })),
      write: async (chunk) => void (await this.#ask({ ask: 'write', call }, chunk)),
      endPage: async (report) => void (await this.#ask({ ask: 'end_page', call, report })),
      dropPage: async () => void (await this.#ask({ ask: 'drop_page', call })),
      ended: async (result) => void (await this.#ask({ ask: 'ended', call, result })),
    };
  }

  #ask(ask: ExchangeAsk, data?: Uint8Array): Promise<unknown> {
    return this.#peer.ask(ask, data);
  }

  #closed(): void {
    this.#unsubscribe();
    for (const leg of this.#legs.values()) leg.hangUp('line_lost', 'the caller vanished');
    this.#legs.clear();
  }
}
