import { formatNameAddr, formatUri } from '../message/index.ts';
import { writtenNumber } from './number.ts';
import { bracketed } from './self.ts';
import type { HeaderPairs } from './session-interval.ts';
import type { Trunk } from './trunk.ts';

const NO_PARAMS: ReadonlyMap<string, string> = new Map();

/** `sip:user@host` as a trunk writes addresses. */
export function trunkUri(user: string | null, host: string, port: number | null): string {
  const params = NO_PARAMS;
  return formatUri({ scheme: 'sip', user, password: null, host: bracketed(host), port, params, headers: '' });
}

/** The URI of a number behind a trunk. */
export function numberUri(trunk: Trunk, e164: string): string {
  return trunkUri(writtenNumber(e164, trunk.numberFormat), trunk.server.host, trunk.server.port);
}

/** The URI of whoever calls over a trunk, or of the trunk itself. */
export function ownUri(trunk: Trunk, user: string): string {
  return trunkUri(user, trunk.fromDomain ?? trunk.server.host, null);
}

/** Value of From with its tag. */
export function fromValue(trunk: Trunk, from: string | null, tag: string): string {
  const tells = trunk.callerId === 'from' || trunk.callerId === 'both';
  const user = from !== null && tells ? writtenNumber(from, trunk.numberFormat) : trunk.user;
  return formatNameAddr({ uri: ownUri(trunk, user), params: new Map([['tag', tag]]) });
}

/** P-Asserted-Identity, where the trunk takes it (RFC 3325 §9.1). */
export function identity(trunk: Trunk, from: string | null): HeaderPairs {
  const tells = trunk.callerId === 'identity' || trunk.callerId === 'both';
  if (from === null || !tells) return [];
  const uri = ownUri(trunk, writtenNumber(from, trunk.numberFormat));
  return [['P-Asserted-Identity', formatNameAddr({ uri })]];
}
