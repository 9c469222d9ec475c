import type { Alarm } from './alarms.ts';
import type { Core } from './core.ts';
import { findTargets } from './targets.ts';
import { RESOLVE_AGAIN, RESOLVE_RETRY } from './timers.ts';
import type { Trunk } from './trunk.ts';

/** Keeps the addresses of one trunk's hosts known: calls come from them. */
export class TrunkHosts {
  readonly #core: Core;
  readonly #trunk: Trunk;
  #told: 'resolved' | 'unresolvable' | null = null;
  #alarm: Alarm | null = null;
  #stopped = false;

  constructor(core: Core, trunk: Trunk) {
    this.#core = core;
    this.#trunk = trunk;
  }

  /** Looks them up now, and again from time to time. */
  start(now: number): void {
    const { server, outboundProxy, transport } = this.#trunk;
    const hosts = outboundProxy === null ? [server] : [outboundProxy, server];
    const finding = { lookups: this.#core.lookups, chance: () => this.#core.chance() };
    const addresses: string[] = [];
    let left = hosts.length;
    for (const host of hosts) {
      findTargets(host, transport, finding, now, (targets, at) => {
        addresses.push(...targets.map(({ remote }) => remote.address));
        if (--left === 0) this.#found(addresses, at);
      });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm?.cancel();
  }

  #found(addresses: readonly string[], now: number): void {
    if (this.#stopped) return;
    const state = addresses.length > 0 ? 'resolved' : 'unresolvable';
    // What was known stays known while the name server is away.
    if (state === 'resolved') this.#core.gate.setResolved(this.#trunk, addresses);
    this.#alarm = this.#core.alarms.set(now + (state === 'resolved' ? RESOLVE_AGAIN : RESOLVE_RETRY), (at) =>
      this.start(at),
    );
    if (this.#told === state) return;
    this.#told = state;
    const detail = state === 'resolved' ? `${addresses.length} addresses` : 'no address was found for its host';
    this.#core.emit({ type: 'trunk', trunk: this.#trunk.name, state, status: null, seconds: null, detail });
  }
}
