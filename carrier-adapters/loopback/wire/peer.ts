import type { Socket } from 'node:net';
import { encodeFrame, type Frame, FrameReader } from './frame.ts';

/** Asks of the other side that may be under way at once; more than any gateway has channels. */
const OPEN_ASKS = 16_384;

/** Takes what the other side asks; a rejection is answered as a plain failure without its reason. */
export type AskHandler = (head: unknown, data: Uint8Array) => Promise<unknown>;

/** One end of the exchange's socket: asks, and answers what it is asked. */
export class Peer {
  readonly #socket: Socket;
  readonly #handle: AskHandler;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;
  #answering = 0;

  constructor(socket: Socket, handle: AskHandler, closed: () => void) {
    this.#socket = socket;
    this.#handle = handle;
    const reader = new FrameReader();
    socket.on('data', (bytes: Uint8Array) => this.#read(reader, bytes));
    socket.on('error', () => {}); // 'close' follows and tells everyone
    socket.on('close', () => {
      this.#failAll();
      closed();
    });
  }

  /** The answer to `head`. Rejects when the other side refuses or the socket closes. `data` is copied before this returns. */
  ask(head: unknown, data?: Uint8Array): Promise<unknown> {
    if (this.#socket.destroyed) return Promise.reject(new Error('the socket is closed'));
    this.#next = (this.#next + 1) >>> 0;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#next, answer);
    this.#socket.write(encodeFrame({ kind: 'ask', id: this.#next, head, ...(data && { data }) }));
    return answer.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(reader: FrameReader, bytes: Uint8Array): void {
    try {
      for (const frame of reader.read(bytes)) this.#take(frame);
    } catch {
      this.close();
    }
  }

  #take(frame: Frame): void {
    if (frame.kind === 'ask') {
      void this.#answer(frame);
      return;
    }
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    const head = frame.head;
    if (typeof head === 'object' && head !== null && 'value' in head) waiting?.resolve(head.value);
    else waiting?.reject(new Error('refused by the other side'));
  }

  async #answer(frame: Frame): Promise<void> {
    if (++this.#answering > OPEN_ASKS) return this.close();
    const data = frame.data.slice(); // the reader's buffer does not outlive this turn
    const head = await this.#handle(frame.head, data).then(
      (value) => ({ value: value ?? null }),
      () => ({ failed: true }),
    );
    data.fill(0);
    this.#answering--;
    if (!this.#socket.destroyed) this.#socket.write(encodeFrame({ kind: 'answer', id: frame.id, head }));
  }

  #failAll(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error('the socket closed'));
    this.#waiting.clear();
  }
}
