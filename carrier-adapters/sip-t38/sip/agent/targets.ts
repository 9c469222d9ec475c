import { parseAddress } from './address.ts';
import type { Destination, SrvRecord, TransportName } from './io.ts';
import { ADDRESSES_OF_NAME, TARGETS } from './limits.ts';
import type { Lookups } from './lookups.ts';
import type { SipHost } from './trunk.ts';

/** What is needed to find targets. */
export interface Finding {
  readonly lookups: Lookups;
  /** A number of [0, 1). */
  readonly chance: () => number;
}

/**
 * Where a request for `host` goes, best first and each once (RFC 3263 §4). The transport is configured, so NAPTR is not
 * asked for; SRV is when the host is a name without port, and A and AAAA otherwise. `done` may be called before this
 * returns; it gets an empty list when nothing was found.
 */
export function findTargets(
  host: SipHost,
  transport: TransportName,
  finding: Finding,
  now: number,
  done: (targets: readonly Destination[], now: number) => void,
): void {
  const serverName = transport === 'tls' ? host.host : null;
  if (parseAddress(host.host) !== null || host.port !== null) {
    const place = { target: host.host, port: host.port ?? defaultPort(transport) };
    addressesOf([place], transport, serverName, finding, now, done);
    return;
  }
  finding.lookups.services(serviceName(host.host, transport), now, (services, at) => {
    const places = serviceOrder(services, finding.chance).filter((service) => service.target !== '.');
    const without = services.length === 0 ? [{ target: host.host, port: defaultPort(transport) }] : [];
    addressesOf([...places, ...without].slice(0, TARGETS), transport, serverName, finding, at, done);
  });
}

/** 5060, and 5061 with TLS (RFC 3261 §19.1.2). */
export function defaultPort(transport: TransportName): number {
  return transport === 'tls' ? 5061 : 5060;
}

/** Order of trial of RFC 2782: by priority; within one, drawn by weight. */
export function serviceOrder(services: readonly SrvRecord[], chance: () => number): SrvRecord[] {
  const priorities = [...new Set(services.map((service) => service.priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawn(
      services.filter((service) => service.priority === priority),
      chance,
    ),
  );
}

function drawn(services: SrvRecord[], chance: () => number): SrvRecord[] {
  // Those of weight 0 stand first, so that they have a very small chance (RFC 2782).
  const left = services.sort((a, b) => a.weight - b.weight);
  const order: SrvRecord[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, service) => total + service.weight, 0);
    const mark = Math.floor(chance() * (sum + 1));
    order.push(...left.splice(atWeight(left, mark), 1));
  }
  return order;
}

/** Index of the first one whose running sum of weights reaches `mark`. */
function atWeight(services: readonly SrvRecord[], mark: number): number {
  let sum = 0;
  for (const [index, service] of services.entries()) {
    sum += service.weight;
    if (sum >= mark) return index;
  }
  return 0;
}

/** The name of the SRV records of a host (RFC 3263 §4.2). */
export function serviceName(host: string, transport: TransportName): string {
  return transport === 'tls' ? `_sips._tcp.${host}` : `_sip._${transport}.${host}`;
}

interface Place {
  readonly target: string;
  readonly port: number;
}

/** Looks all names up at once and keeps their order. */
function addressesOf(
  places: readonly Place[],
  transport: TransportName,
  serverName: string | null,
  finding: Finding,
  now: number,
  done: (targets: readonly Destination[], now: number) => void,
): void {
  const found: string[][] = places.map(() => []);
  let left = places.length;
  const finish = (at: number) => done(distinct(places, found, transport, serverName), at);
  if (left === 0) finish(now);
  for (const [index, place] of places.entries()) {
    const take = (addresses: readonly string[], at: number) => {
      found[index] = addresses.filter((address) => parseAddress(address) !== null).slice(0, ADDRESSES_OF_NAME);
      if (--left === 0) finish(at);
    };
    if (parseAddress(place.target) !== null) take([place.target], now);
    else finding.lookups.addresses(place.target, now, take);
  }
}

function distinct(
  places: readonly Place[],
  found: readonly string[][],
  transport: TransportName,
  serverName: string | null,
): Destination[] {
  const targets = new Map<string, Destination>();
  for (const [index, place] of places.entries()) {
    for (const address of found[index] ?? []) {
      const remote = { address, port: place.port };
      const key = targetKey(transport, remote);
      if (!targets.has(key)) targets.set(key, { transport, remote, connection: null, serverName });
    }
  }
  return [...targets.values()].slice(0, TARGETS);
}

/** Whether two lead to the same place. */
export function sameTarget(a: Destination, b: Destination): boolean {
  return targetKey(a.transport, a.remote) === targetKey(b.transport, b.remote);
}

/** One name for a target. */
export function targetKey(
  transport: TransportName,
  remote: { readonly address: string; readonly port: number },
): string {
  return `${transport} ${remote.address} ${remote.port}`;
}
