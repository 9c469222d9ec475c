import { parseAddress } from '../sip/agent/address.ts';
import { isPrivate } from '../sip/agent/path.ts';
import { unbracketed } from '../sip/agent/self.ts';
import type { ReceivedResponse } from '../sip/message/index.ts';
import { type Finding, ok, warning } from './finding.ts';

/** How a trunk sees us (RFC 3261 §18.2.1, RFC 3581 §4). */
export interface Seen {
  /** What we say of ourselves in Via. */
  readonly said: string;
  /** What the trunk has seen; null: it does not tell. */
  readonly address: string | null;
  /** Whether our port was another one there: a connection has a port of its own, a datagram that of our socket. */
  readonly moved: boolean;
}

/** Reads the Via of a response. */
export function seenIn({ via }: ReceivedResponse): Seen {
  const rport = Number(via.params.get('rport'));
  const received = via.params.get('received');
  const port = Number.isInteger(rport) && rport > 0 ? rport : null;
  const said = unbracketed(via.host);
  // A server need not write `received` where it says the same (RFC 3261 §18.2.1); with `rport` it must (RFC 3581 §4).
  const told = received === undefined ? (port === null ? null : said) : unbracketed(received);
  const address = told === null || parseAddress(told) === null ? null : told;
  return { said, address, moved: via.transport === 'UDP' && port !== null && port !== via.port };
}

/** What that means for calls: media goes to the address that we name. @param peer the trunk's own address */
export function judgeAddress(
  seen: Seen,
  settings: { readonly publicAddress: string | null; readonly peer: string; readonly ports: string },
): Finding {
  const { said, address, moved } = seen;
  if (address === null) return untold(said, settings);
  if (address === said) {
    const ported = moved ? '; the port is changed on the way (NAT)' : '';
    return ok('address', `the trunk sees us at ${address}, as we say${ported}`);
  }
  if (settings.publicAddress === null) {
    return warning(
      'address',
      `we are behind NAT: we say ${said}, the trunk sees ${address}`,
      `Set "publicAddress": "${address}", and forward UDP ${settings.ports} (media) to this host; for a trunk that does not register the SIP port, too.`,
    );
  }
  return warning(
    'address',
    `publicAddress is ${settings.publicAddress}, but the trunk sees ${address}`,
    `If ${address} is what the outside has for this host now, write it into publicAddress.`,
  );
}

function untold(
  said: string,
  { peer, publicAddress }: { readonly peer: string; readonly publicAddress: string | null },
): Finding {
  if (publicAddress !== null || !isPrivate(said) || isPrivate(peer)) {
    return ok('address', `we say ${said}; the trunk does not tell what it sees`);
  }
  return warning(
    'address',
    `our address ${said} is private, the trunk’s is not, and it does not tell how it sees us`,
    'Set publicAddress to what the outside has for this host.',
  );
}
