import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';

/** Status and header fields of an answer before it is sealed. */
export interface InnerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

type Done = (error?: Error | null) => void;

interface Piece {
  readonly chunk: Uint8Array;
  readonly done: Done | undefined;
}

const NOWHERE = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * The answer to a request from inside a sealed message. It is a ServerResponse for the router; what is written waits
 * here until the seal takes it, and a write's callback comes when its chunk has been used, so that the writer may
 * zero it.
 */
export class InnerResponse extends ServerResponse {
  /** Resolves with the first byte or the end of the answer. */
  readonly head: Promise<InnerHead>;
  #resolveHead: (head: InnerHead) => void = () => undefined;
  #pieces: Piece[] = [];
  #ended = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(request: IncomingMessage) {
    super(request);
    this.assignSocket(NOWHERE() as never);
    this.head = new Promise((resolve) => {
      this.#resolveHead = resolve;
    });
  }

  override writeHead(
    status: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    const fields = typeof reason === 'string' ? headers : reason;
    for (const [name, value] of Object.entries(fields ?? {})) {
      if (value !== undefined) this.setHeader(name, value);
    }
    super.writeHead(status);
    return this;
  }

  #start(): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.getHeaders())) {
      if (value !== undefined && !HOP_BY_HOP.has(name))
        headers[name] = Array.isArray(value) ? value.join(', ') : `${value}`;
    }
    this.#resolveHead({ status: this.statusCode, headers });
  }

  #take(chunk: unknown, done: Done | undefined): void {
    this.#start();
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (this.#failure !== undefined) done?.(this.#failure);
    else if (bytes instanceof Uint8Array && bytes.length > 0) this.#pieces.push({ chunk: bytes, done });
    else if (done !== undefined) queueMicrotask(done);
    this.#wake();
  }

  override write(chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean {
    this.#take(chunk, typeof encoding === 'function' ? encoding : done);
    return false;
  }

  override end(chunk?: unknown, encoding?: BufferEncoding | Done, done?: Done): this {
    const last = typeof chunk === 'function' ? undefined : chunk;
    if (!this.#ended) this.#take(last, undefined);
    this.#ended = true;
    this.#wake();
    for (const callback of [chunk, encoding, done]) {
      if (typeof callback === 'function') queueMicrotask(() => callback());
    }
    return super.end();
  }

  /** The answer breaks off: the sealed message gets no final record, so that its receiver does not believe it. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#resolveHead({ status: 500, headers: {} });
    for (const piece of this.#pieces.splice(0)) piece.done?.(this.#failure);
    this.#wake();
  }

  /** The caller has gone: nobody will take what is still to come. */
  abandon(): void {
    this.fail(new Error('the caller has gone'));
    this.emit('close');
  }

  /** What is written, piece by piece. */
  async *body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        yield piece.chunk;
        piece.done?.();
        if (this.#pieces.length === 0) this.emit('drain');
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** Fields of the outer connection (RFC 9110 §7.6.1); inside a sealed message they say nothing. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date', 'content-length']);
