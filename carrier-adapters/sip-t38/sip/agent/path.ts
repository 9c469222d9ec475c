import { parseUri } from '../message/index.ts';
import { parseAddress } from './address.ts';
import type { Core } from './core.ts';
import type { Destination, TransportName } from './io.ts';
import { unbracketed } from './self.ts';
import { findTargets } from './targets.ts';
import type { SipHost, Trunk } from './trunk.ts';

/** Where a URI is, when a request is to go to it. */
export interface Whereabouts {
  readonly host: SipHost;
  readonly transport: TransportName;
}

/** Reads host, port and transport of a URI; a transport that we do not have, or none, is the trunk's. Null: it leads nowhere. */
export function whereabouts(uri: string, trunk: Trunk, core: Core): Whereabouts | null {
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.scheme === 'tel') return null;
  const said = parsed.scheme === 'sips' ? 'tls' : parsed.params.get('transport')?.toLowerCase();
  const known = said === 'udp' || said === 'tcp' || said === 'tls' ? said : trunk.transport;
  const transport = core.self.listens(known) ? known : trunk.transport;
  return { host: { host: unbracketed(parsed.host), port: parsed.port }, transport };
}

/** The way that the requests of one dialog take. */
export class Path {
  readonly #core: Core;
  readonly #trunk: Trunk;
  /** Where the dialog was made: what is used when its own target cannot be found, and the connection for as long as it is open. */
  readonly #origin: Destination;
  #target: Destination | null = null;
  #waiting: ((to: Destination, now: number) => void)[] | null = null;
  #unlearn: () => void;
  #turn = 0;

  constructor(core: Core, trunk: Trunk, origin: Destination) {
    this.#core = core;
    this.#trunk = trunk;
    this.#origin = origin;
    this.#unlearn = core.gate.learn(origin.remote.address);
  }

  /** Requests go to `uri` from now on. */
  lead(uri: string, now: number): void {
    const where = whereabouts(uri, this.#trunk, this.#core);
    const turn = ++this.#turn;
    this.#waiting ??= [];
    if (where === null) {
      this.#arrive(this.#origin, now);
      return;
    }
    const finding = { lookups: this.#core.lookups, chance: () => this.#core.chance() };
    findTargets(where.host, where.transport, finding, now, (targets, at) => {
      if (turn === this.#turn) this.#arrive(this.#kept(targets[0] ?? this.#origin), at);
    });
  }

  /** Calls `go` with the way, now or when it has been found. */
  when(now: number, go: (to: Destination, now: number) => void): void {
    if (this.#waiting !== null) this.#waiting.push(go);
    else go(this.#target ?? this.#origin, now);
  }

  /** The dialog is over: what comes from there is not looked at on its account any more. */
  release(): void {
    this.#unlearn();
    this.#turn++;
  }

  /**
   * A stream to the same host is kept: the far side may not be able to take a new connection (RFC 5923 §3). A peer behind
   * NAT that names an address of its private network is reached where it came from.
   */
  #kept(target: Destination): Destination {
    const { transport, connection, remote } = this.#origin;
    const behindNat = isPrivate(target.remote.address) && !isPrivate(remote.address);
    if (target.transport !== transport) return target;
    if (transport === 'udp') return behindNat ? this.#origin : target;
    return behindNat || target.remote.address === remote.address ? { ...target, connection } : target;
  }

  #arrive(target: Destination, now: number): void {
    this.#unlearn();
    this.#unlearn = this.#core.gate.learn(target.remote.address);
    this.#target = target;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const go of waiting) go(target, now);
  }
}

/** RFC 1918, RFC 6598 and RFC 4193; loopback and link-local addresses as well. */
export function isPrivate(address: string): boolean {
  const [a = 0, b = 0, ...rest] = parseAddress(address) ?? [];
  if (rest.length > 2) return (a & 0xfe) === 0xfc || (a === 0xfe && (b & 0xc0) === 0x80);
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  );
}
