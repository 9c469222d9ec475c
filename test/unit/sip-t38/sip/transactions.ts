import assert from 'node:assert/strict';
import {
  Headers,
  NO_BODY,
  type ReceivedRequest,
  responseTo,
  type SipRequest,
  serialise,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import {
  type Hop,
  TransactionLayer,
  type TransactionOutput,
  type Transport,
} from '../../../../carrier-adapters/sip-t38/sip/transaction/index.ts';
import { read, request, requestLines, response } from './messages.ts';

export const PEER = '192.0.2.10';

/** A hop to the peer, over a connection where there are any. */
export function hop(transport: Transport, port = 5060): Hop {
  return { transport, address: PEER, port, connection: transport === 'udp' ? null : 'c1' };
}

/** A layer whose branches count up, on a clock that goes as it is told; it keeps what came out. */
export class Bench {
  readonly layer: TransactionLayer;
  readonly transport: Transport;
  now = 0;
  #branches = 0;

  constructor(transport: Transport = 'udp', maxServer?: number) {
    this.transport = transport;
    const random = (bytes: number) => new Uint8Array(bytes).fill(++this.#branches);
    this.layer = new TransactionLayer(maxServer === undefined ? { random } : { random, maxServer });
  }

  handle(input: Parameters<TransactionLayer['handle']>[0]): TransactionOutput[] {
    return this.layer.handle(input, this.now);
  }

  /** Starts a client transaction named after its method; answers the request as it was sent. */
  start(method: string, more: readonly (readonly [string, string])[] = []): ReceivedRequest {
    const out = this.handle({
      type: 'request',
      client: method,
      request: draft(method, more),
      to: hop(this.transport),
      sentBy: 'us.example.com:5060',
    });
    const [sent] = sentIn(out);
    assert.ok(sent !== undefined && out.length === 1);
    return sent;
  }

  receive(message: Uint8Array, from: Hop = hop(this.transport)): TransactionOutput[] {
    return this.handle({ type: 'received', message: read(message), from });
  }

  /** A request that comes in; answers the number of its transaction. */
  take(...lines: readonly string[]): number {
    const [event] = this.receive(serialise(request(...lines)));
    assert.ok(event?.type === 'request');
    return event.server;
  }

  respond(server: number, to: ReceivedRequest, status: number, toTag = 'ours'): TransactionOutput[] {
    return this.handle({ type: 'respond', server, response: responseTo(to, status, { toTag }) });
  }

  /** Lets time go to `now`, in steps of the deadlines; answers all that came out with the time it came. */
  until(now: number): [at: number, output: TransactionOutput][] {
    const all: [number, TransactionOutput][] = [];
    for (let at = this.layer.deadline; at !== null && at <= now; at = this.layer.deadline) {
      this.now = at;
      for (const output of this.handle({ type: 'time' })) all.push([at, output]);
    }
    this.now = now;
    return all;
  }
}

/** A request without Via, as a caller of the layer makes it. */
export function draft(method: string, more: readonly (readonly [string, string])[] = []): SipRequest {
  const headers = new Headers([
    ['From', '<sip:us@example.com>;tag=f'],
    ['To', '<sip:them@example.com>'],
    ['Call-ID', 'call@us'],
    ['CSeq', `7 ${method}`],
    ...more,
  ]);
  return { kind: 'request', method, uri: 'sip:them@example.com', headers, body: NO_BODY };
}

/** Octets of a response to a request that we sent. */
export function answer(to: ReceivedRequest, status: number, toTag = 'theirs'): Uint8Array {
  return serialise(responseTo(to, status, { toTag }));
}

/** The requests among what was transmitted. */
export function sentIn(outputs: readonly TransactionOutput[]): ReceivedRequest[] {
  return outputs.flatMap((output) => {
    const message = output.type === 'transmit' ? read(output.bytes) : null;
    return message?.kind === 'request' ? [message] : [];
  });
}

/** Each output as a word: the method or status of what is transmitted, else its type and status or reason. */
export function words(outputs: readonly TransactionOutput[]): string[] {
  return outputs.map(word);
}

/** The times of what was transmitted and said, each with its word. */
export function timed(outputs: readonly [number, TransactionOutput][]): [number, string][] {
  return outputs.map(([at, output]) => [at, word(output)]);
}

function word(output: TransactionOutput): string {
  if (output.type === 'transmit') {
    const message = read(output.bytes);
    return message.kind === 'request' ? message.method : String(message.status);
  }
  if (output.type === 'response') return `response ${output.response.status}`;
  return output.type === 'failed' ? output.why : output.type;
}

export { read, request, requestLines, response };
