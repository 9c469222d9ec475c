import type { ReceivedRequest } from '../message/index.ts';
import type { Call } from './call.ts';
import { IncomingCall } from './incoming.ts';

/** The calls that live, by id and by what their messages bear. */
export class Calls {
  readonly #byId = new Map<string, Call>();
  readonly #byTag = new Map<string, Call>();
  /** Taken calls by Call-ID and the caller's tag, to find an INVITE that came on two ways. */
  readonly #byCaller = new Map<string, IncomingCall>();

  get incoming(): number {
    return this.#byCaller.size;
  }

  get size(): number {
    return this.#byId.size;
  }

  add(call: Call): void {
    this.#byId.set(call.id, call);
    this.#byTag.set(`${call.localTag} ${call.callId}`, call);
    if (call instanceof IncomingCall) this.#byCaller.set(callerKey(call.invite), call);
  }

  remove(call: Call): void {
    this.#byId.delete(call.id);
    this.#byTag.delete(`${call.localTag} ${call.callId}`);
    if (call instanceof IncomingCall) this.#byCaller.delete(callerKey(call.invite));
  }

  get(id: string): Call | undefined {
    return this.#byId.get(id);
  }

  /** The call that a request bears the tag of. */
  of(request: ReceivedRequest): Call | undefined {
    return request.toTag === null ? undefined : this.#byTag.get(`${request.toTag} ${request.callId}`);
  }

  /** The call that a CANCEL, or a merged INVITE (RFC 3261 §8.2.2.2), belongs to. */
  ofCaller(request: ReceivedRequest): IncomingCall | undefined {
    return this.#byCaller.get(callerKey(request));
  }

  /** All, in a list that may be gone through while they end. */
  all(): Call[] {
    return [...this.#byId.values()];
  }
}

function callerKey(request: ReceivedRequest): string {
  return `${request.fromTag ?? ''} ${request.callId}`;
}
