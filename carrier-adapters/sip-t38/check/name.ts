import { parseAddress } from '../sip/agent/address.ts';
import type { SrvRecord } from '../sip/agent/io.ts';
import { defaultPort, serviceName } from '../sip/agent/targets.ts';
import type { Trunk } from '../sip/agent/trunk.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** What the name server says of a trunk's host. */
export interface Looked {
  /** Empty: there are none, or the host needs none. */
  readonly services: readonly SrvRecord[];
  /** Addresses by name, for each name that requests may go to. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** Whether a look-up failed, other than by there being nothing. */
  readonly failed: boolean;
}

/** The name server as this needs it. */
export interface NameServer {
  services(name: string): Promise<readonly SrvRecord[]>;
  addresses(name: string): Promise<readonly string[]>;
}

/** Looks a trunk's host up as RFC 3263 §4 has it. @param failures how many look-ups have failed so far */
export async function lookUp(trunk: Trunk, names: NameServer, failures: () => number): Promise<Looked> {
  const { host, port } = trunk.outboundProxy ?? trunk.server;
  const before = failures();
  const isName = parseAddress(host) === null;
  const services = isName && port === null ? await names.services(serviceName(host, trunk.transport)) : [];
  const hosts = services.length === 0 ? [host] : services.map(({ target }) => target).filter((name) => name !== '.');
  const found = await Promise.all(hosts.map(async (name) => [name, await names.addresses(name)] as const));
  return { services, addresses: new Map(found), failed: failures() > before };
}

/** Whether the trunk's name leads somewhere. */
export function judgeName(trunk: Trunk, looked: Looked): Finding {
  const { host, port } = trunk.outboundProxy ?? trunk.server;
  const { services, addresses, failed } = looked;
  const all = [...addresses.values()].flat();
  if (parseAddress(host) !== null) return judgeAddress(host, all.length > 0);
  const asked = `${host} over ${trunk.transport}`;
  if (services.length > 0 && addresses.size === 0) {
    return fault('name', `${host} says that it has no SIP over ${trunk.transport}`, 'Try another transport.');
  }
  if (all.length === 0) return nowhere(host, failed);
  const text =
    services.length === 0
      ? `${asked}: ${all.join(', ')}, port ${port ?? defaultPort(trunk.transport)}`
      : `${asked}, by SRV: ${services.map((one) => placeText(one, addresses)).join('; ')}`;
  const lost = [...addresses].filter(([, found]) => found.length === 0).map(([name]) => name);
  if (lost.length === 0) return ok('name', text);
  return warning(
    'name',
    `${text}. No address: ${lost.join(', ')}`,
    'One of the trunk’s places cannot be found: tell the provider.',
  );
}

function judgeAddress(host: string, inUse: boolean): Finding {
  if (inUse) return ok('name', `${host} is an address, there is nothing to look up`);
  const v6 = host.includes(':');
  const any = v6 ? '::' : '0.0.0.0';
  return fault(
    'name',
    `${host} is an IPv${v6 ? 6 : 4} address, and listen has none of that kind`,
    `Add an entry with "address": "${any}" to listen, and give media.address the same kind.`,
  );
}

function nowhere(host: string, failed: boolean): Finding {
  return failed
    ? fault(
        'name',
        `the name server does not answer for ${host}`,
        'Check /etc/resolv.conf, and the way to the name server.',
      )
    : fault(
        'name',
        `${host} has no address of a kind that listen has`,
        'Check the spelling of server. A host with IPv6 alone needs an entry of listen with an IPv6 address.',
      );
}

function placeText({ target, port }: SrvRecord, addresses: Looked['addresses']): string {
  return `${target} port ${port} (${addresses.get(target)?.join(', ') || 'no address'})`;
}
