import { formatUri, nameAddrs, parseUri, type ReceivedResponse } from '../message/index.ts';
import type { Core } from './core.ts';
import { unbracketed } from './self.ts';
import type { Trunk } from './trunk.ts';

/** Redirections that name other places (RFC 3261 §21.3). */
const STATUSES = new Set([300, 301, 302, 305]);

/**
 * Where a 3xx sends a call, if that is within the trunk's own hosts: a redirection elsewhere could make us dial, and someone
 * pay, anything. Null: it is not followed.
 */
export function redirectedTo(response: ReceivedResponse, trunk: Trunk, core: Core): string | null {
  if (!STATUSES.has(response.status)) return null;
  for (const { uri } of nameAddrs(response.headers, 'contact') ?? []) {
    const parsed = parseUri(uri);
    if (parsed === undefined || parsed.scheme === 'tel' || parsed.user === null) continue;
    if (isOfTrunk(unbracketed(parsed.host), trunk, core)) return formatUri({ ...parsed, headers: '' });
  }
  return null;
}

function isOfTrunk(host: string, trunk: Trunk, core: Core): boolean {
  const names = [trunk.server.host, trunk.outboundProxy?.host, trunk.fromDomain];
  return names.some((name) => name?.toLowerCase() === host) || core.gate.trunksOf(host).includes(trunk);
}
