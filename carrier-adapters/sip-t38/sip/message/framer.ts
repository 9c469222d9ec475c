import { STREAM_LIMIT } from './limits.ts';
import { declaredLength } from './parse.ts';

/** Why a stream can be read no further: its connection has to be closed. */
export type FrameErrorCode =
  /** A message is longer than is taken. */
  | 'too_long'
  /** Content-Length is missing or malformed: where the next message begins cannot be known (RFC 3261 §18.3). */
  | 'bad_length';

/** What a stream is made of. */
export type Framed =
  /** The octets of one message, for `parseMessage` with {@link STREAM_LIMIT}. */
  | { readonly type: 'message'; readonly bytes: Uint8Array }
  /** Keep-alive of the peer: answer it by one CRLF (RFC 5626 §4.4.1). At most one comes of each push. */
  | { readonly type: 'ping' }
  /** The answer to a keep-alive of ours. */
  | { readonly type: 'pong' }
  /** The end: whatever is pushed later is dropped. */
  | { readonly type: 'error'; readonly code: FrameErrorCode };

/** Cuts the octets of one TCP or TLS connection into messages. */
export interface Framer {
  push(bytes: Uint8Array): Framed[];
}

const CR = 13;
const LF = 10;

/**
 * A framer for one direction of one connection. It holds at most `limit` octets and looks at each a bounded number of
 * times, however they are cut.
 */
export function createFramer(limit = STREAM_LIMIT): Framer {
  return new StreamFramer(limit);
}

class StreamFramer implements Framer {
  readonly #limit: number;
  /** Octets held are those from `#from` to `#to`. */
  #held = new Uint8Array(0);
  #from = 0;
  #to = 0;
  /** No header ends before here. */
  #searched = 0;
  /** Octets of the message under way, once its header is complete. */
  #wanted: number | null = null;
  /** Line ends that have come one after the other since the last message. */
  #lineEnds = 0;
  #dead = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Uint8Array): Framed[] {
    const found: Framed[] = [];
    for (let at = 0; at < bytes.length && !this.#dead; ) {
      // Room for one message and no more: a long push is cut before it is held.
      const taken = bytes.subarray(at, at + this.#limit - (this.#to - this.#from));
      this.#hold(taken);
      at += taken.length;
      while (this.#cut(found));
      if (this.#to - this.#from >= this.#limit) this.#fail('too_long', found);
    }
    return found;
  }

  #hold(bytes: Uint8Array): void {
    if (this.#to + bytes.length > this.#held.length) this.#makeRoom(bytes.length);
    this.#held.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** Moves what is held to the front, into twice the room: each octet is moved a bounded number of times on average. */
  #makeRoom(more: number): void {
    const length = this.#to - this.#from;
    const room = new Uint8Array(Math.min(Math.max(2 * (length + more), 1_024), this.#limit));
    room.set(this.#held.subarray(this.#from, this.#to));
    this.#searched -= this.#from;
    this.#held = room;
    this.#from = 0;
    this.#to = length;
  }

  /** Takes one message or line end off; false when it is not complete yet. */
  #cut(found: Framed[]): boolean {
    if (this.#wanted === null && this.#takeLineEnd(found)) return true;
    if (this.#wanted === null && !this.#findLength(found)) return false;
    const wanted = this.#wanted ?? 0;
    if (this.#to - this.#from < wanted) return false;
    found.push({ type: 'message', bytes: this.#held.slice(this.#from, this.#from + wanted) });
    this.#step(wanted);
    this.#wanted = null;
    this.#lineEnds = 0;
    return true;
  }

  /** Two line ends are a ping, one is a pong; the half of a ping that comes alone is told as a pong before, which harms nobody. */
  #takeLineEnd(found: Framed[]): boolean {
    const held = this.#held;
    if (this.#to - this.#from < 2 || held[this.#from] !== CR || held[this.#from + 1] !== LF) return false;
    this.#step(2);
    this.#lineEnds++;
    const isPing = this.#lineEnds % 2 === 0;
    const isLast = this.#to === this.#from || held[this.#from] !== CR;
    if (isPing && !found.some(({ type }) => type === 'ping')) found.push({ type: 'ping' });
    else if (!isPing && isLast) found.push({ type: 'pong' });
    return true;
  }

  #step(octets: number): void {
    this.#from += octets;
    this.#searched = this.#from;
  }

  /** Looks for the end of the header, and in it for the length of the message. */
  #findLength(found: Framed[]): boolean {
    const end = this.#headerEnd();
    if (end === undefined) return false;
    const body = declaredLength(this.#held.subarray(this.#from, end));
    if (body === undefined) return this.#fail('bad_length', found);
    this.#wanted = end - this.#from + body;
    return this.#wanted <= this.#limit || this.#fail('too_long', found);
  }

  #headerEnd(): number | undefined {
    const held = this.#held;
    for (let at = this.#searched; at + 3 < this.#to; at++) {
      if (held[at] === CR && held[at + 1] === LF && held[at + 2] === CR && held[at + 3] === LF) return at + 4;
    }
    this.#searched = Math.max(this.#from, this.#to - 3);
    return undefined;
  }

  #fail(code: FrameErrorCode, found: Framed[]): false {
    this.#dead = true;
    this.#held = new Uint8Array(0);
    this.#from = this.#to = 0;
    found.push({ type: 'error', code });
    return false;
  }
}
