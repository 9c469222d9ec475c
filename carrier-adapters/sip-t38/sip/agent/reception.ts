import { createDigestServer, type DigestServer } from '../digest-server.ts';
import { type ReceivedRequest, type ResponseParts, responseTo } from '../message/index.ts';
import type { Hop } from '../transaction/index.ts';
import { sdpOf } from './body.ts';
import type { Calls } from './calls.ts';
import type { Core } from './core.ts';
import { Dialog } from './dialog.ts';
import type { EndedEvent } from './events.ts';
import { IncomingCall } from './incoming.ts';
import { callerOf, userOf } from './number.ts';
import { refusalOf, requirementOf } from './refusal.ts';
import { ALLOW, SUPPORTED } from './self.ts';
import { grantInterval } from './session-interval.ts';
import { targetKey } from './targets.ts';
import type { Trunk } from './trunk.ts';

/** A request that is no part of a call, with all that its treatment needs. */
interface Arrival {
  readonly server: number;
  readonly request: ReceivedRequest;
  readonly from: Hop;
  readonly trunk: Trunk;
  readonly now: number;
}

/** Takes requests outside of dialogs (RFC 3261 §8.2): calls that come in, OPTIONS, and what is refused. */
export class Reception {
  readonly #core: Core;
  readonly #calls: Calls;
  readonly #guards = new Map<Trunk, DigestServer>();
  #open = false;

  constructor(core: Core, calls: Calls) {
    this.#core = core;
    this.#calls = calls;
    for (const trunk of core.options.trunks) {
      const guard = guardOf(trunk, core);
      if (guard !== null) this.#guards.set(trunk, guard);
    }
  }

  /** Calls are taken from now on. */
  open(): void {
    this.#open = true;
  }

  /** No calls are taken any more. */
  close(): void {
    this.#open = false;
  }

  /** A request without a call of ours. */
  take(server: number, request: ReceivedRequest, from: Hop, now: number): void {
    const trunk = trunkFor(request, this.#core.gate.trunksOf(from.address));
    // Of a dialog that is over; without trunk, its address was known by that dialog alone.
    if (trunk === null || request.toTag !== null) {
      this.#refuse(server, request, 481, {}, now);
      return;
    }
    const refusal = refusalOf(request.method, false) ?? requirementOf(request);
    if (refusal !== null) this.#refuse(server, request, refusal.status, refusal.parts, now);
    else if (request.method === 'OPTIONS') this.#refuse(server, request, 200, { headers: ABILITIES }, now);
    else this.#takeInvite({ server, request, from, trunk, now });
  }

  #takeInvite(arrival: Arrival): void {
    const { server, request, now } = arrival;
    const to = userOf(request.uri);
    const sdp = sdpOf(request);
    if (this.#calls.ofCaller(request) !== undefined) this.#refuse(server, request, 482, {}, now);
    else if (!this.#authenticated(arrival)) return;
    else if (to === null) this.#refuse(server, request, /^tel:|^sips?:/i.test(request.uri) ? 404 : 416, {}, now);
    else if (sdp === 'other') this.#refuse(server, request, 415, { headers: [['Accept', 'application/sdp']] }, now);
    else if (!this.#open || this.#calls.incoming >= this.#core.options.maxIncoming) {
      this.#refuse(server, request, 503, { headers: [['Retry-After', '10']] }, now);
    } else this.#begin(arrival, to, sdp);
  }

  #begin({ server, request, from, trunk, now }: Arrival, to: string, sdp: string | null): void {
    const grant = grantInterval(request, this.#core.options.sessionExpires);
    if (!grant.granted) {
      this.#refuse(server, request, 422, { headers: [['Min-SE', String(grant.least)]] }, now);
      return;
    }
    const dialog = Dialog.ofRequest(request, this.#core.word(8));
    if (dialog === null) {
      this.#refuse(server, request, 400, { reason: 'Bad Contact or Record-Route' }, now);
      return;
    }
    const id = `in-${this.#core.word(12)}`;
    const remote = { address: from.address, port: from.port };
    const origin = { transport: from.transport, remote, connection: from.connection, serverName: null };
    const call: IncomingCall = new IncomingCall(
      this.#core,
      {
        id,
        trunk,
        server,
        request,
        dialog,
        origin,
        granted: grant,
        ended: (end) => {
          this.#calls.remove(call);
          const event: EndedEvent = { type: 'ended', call: id, ...end };
          this.#core.emit(event);
        },
      },
      now,
    );
    this.#calls.add(call);
    this.#core.step(id, 'heard', 'INVITE');
    this.#core.emit({ type: 'incoming', call: id, trunk: trunk.name, to, from: callerOf(request), sdp });
  }

  /** Whether the trunk needs no credentials or the request has them; if not, it has been challenged (§22.1). */
  #authenticated({ server, request, from, trunk, now }: Arrival): boolean {
    const guard = this.#guards.get(trunk);
    if (guard === undefined) return true;
    const source = targetKey(from.transport, { address: from.address, port: from.port });
    const verdict = guard.verify(request, source, now);
    if ('ok' in verdict) return true;
    const headers = guard.challenge(source, now, verdict.refused === 'stale');
    this.#refuse(server, request, 401, { headers }, now);
    return false;
  }

  /** Any answer without a call behind it. */
  #refuse(server: number, request: ReceivedRequest, status: number, parts: ResponseParts, now: number): void {
    this.#core.respond(server, responseTo(request, status, { toTag: this.#core.word(8), ...parts }), now);
  }
}

const ABILITIES = [
  ['Allow', ALLOW],
  ['Accept', 'application/sdp'],
  ['Supported', SUPPORTED],
] as const;

/** Which of the trunks at one address a request is for: the one whose Contact or domain it names, else the first. */
function trunkFor(request: ReceivedRequest, trunks: readonly Trunk[]): Trunk | null {
  const user = userOf(request.uri);
  const called = trunks.find((trunk) => trunk.register !== null && trunk.register.contactUser === user);
  const named = trunks.find((trunk) => request.from.uri.toLowerCase().includes(`@${trunk.server.host.toLowerCase()}`));
  return called ?? named ?? trunks[0] ?? null;
}

/** Asks a trunk's peer for credentials; null: its address is enough. */
function guardOf(trunk: Trunk, core: Core): DigestServer | null {
  const credentials = trunk.inboundAuth;
  if (credentials === null) return null;
  const { hash } = core.options;
  const secret = core.word(32);
  return createDigestServer({
    realm: trunk.fromDomain ?? trunk.server.host,
    hash,
    // The key stands on both sides of two hashes, as in HMAC: neither can be made longer without it.
    mac: (text) => hash('SHA-256', `${secret}${hash('SHA-256', `${secret}${text}`)}`),
    password: (username) => (username === credentials.username ? credentials.password : undefined),
  });
}
