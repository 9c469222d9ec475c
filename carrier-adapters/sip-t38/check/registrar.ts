import type { Inquired } from '../sip/agent/inquiry.ts';
import { nameAddrs, number, parseUri, type ReceivedResponse, sameUri } from '../sip/message/index.ts';
import { type Finding, fault, ok, skipped, warning } from './finding.ts';
import { refusalAdvice, statusText } from './refused.ts';

/** Shortest registration that is no burden, seconds. */
const SHORT = 60;
/** Hosts of bindings that are told. */
const HOSTS = 4;

/** The URI of the Contact that a REGISTER of ours has bound. */
export function boundBy({ request }: Inquired): string | null {
  return request === null ? null : (nameAddrs(request.headers, 'contact')?.[0]?.uri ?? null);
}

/** What the registrar says when it is asked which bindings it has (RFC 3261 §10.2.3). */
export function judgeBindings(
  inquired: Inquired,
  facts: { readonly hasCredentials: boolean; readonly seen: string | null; readonly running: boolean },
): Finding {
  const { response, status } = inquired;
  if (response === null) {
    return fault(
      'register',
      `${statusText(inquired)} to REGISTER`,
      'Check server and transport, and ask the provider whether this is the registrar.',
    );
  }
  if (status >= 300) return refused(inquired, facts);
  const hosts = hostsOf(response);
  const text = `the account is accepted; ${hosts.length === 0 ? 'nobody is registered with it' : `registered from ${hosts.slice(0, HOSTS).join(', ')}`}`;
  if (facts.running && hosts.length === 0) {
    return warning(
      'register',
      text,
      'The gateway seems to run here and is not registered (some registrars do not tell, though): look at its log and `sealfax carrier list`.',
    );
  }
  return ok('register', text);
}

/** What came of a registration from here, and of taking it back. @param back null: it was not taken back */
export function judgeBinding(
  inquired: Inquired,
  back: Inquired | null,
  facts: { readonly hasCredentials: boolean; readonly seen: string | null; readonly asked: number },
): Finding {
  const { response, status } = inquired;
  if (response === null || status >= 300) return refused(inquired, facts);
  const seconds = grantedBy(response, boundBy(inquired)) ?? facts.asked;
  const text = `registered for ${seconds} s`;
  if (back === null || back.response === null || back.status >= 300) {
    return warning('register', `${text}, but it could not be taken back`, `It ends by itself in ${seconds} s.`);
  }
  if (seconds < SHORT) {
    return warning(
      'register',
      `${text}, and taken back`,
      'So short a time makes many requests: ask the provider for more, or set register.expires.',
    );
  }
  return ok('register', `${text}, and taken back`);
}

/** A registration that would get into the way of the gateway's own. */
export function unregistered(why: string): Finding {
  return skipped('register', why);
}

function refused(
  inquired: Inquired,
  facts: { readonly hasCredentials: boolean; readonly seen: string | null },
): Finding {
  const { status } = inquired;
  const advice =
    status === 405 || status === 501
      ? 'There is no registrar here: check server, or leave register out if the provider knows our address.'
      : refusalAdvice(status, facts.hasCredentials, facts.seen);
  return fault('register', `${statusText(inquired)} to REGISTER`, advice);
}

/** Where the bindings lead; their users may be numbers and are left out. */
function hostsOf({ headers }: ReceivedResponse): string[] {
  const hosts = (nameAddrs(headers, 'contact') ?? []).flatMap(({ uri }) => {
    const parsed = parseUri(uri);
    return parsed === undefined || parsed.scheme === 'tel'
      ? []
      : [`${parsed.host}${parsed.port === null ? '' : `:${parsed.port}`}`];
  });
  return [...new Set(hosts)];
}

/** Seconds that were granted (RFC 3261 §10.2.4). */
function grantedBy({ headers }: ReceivedResponse, bound: string | null): number | undefined {
  const ours = bound === null ? undefined : parseUri(bound);
  for (const { uri, params } of nameAddrs(headers, 'contact') ?? []) {
    const theirs = parseUri(uri);
    const said = params.get('expires') ?? '';
    if (ours !== undefined && theirs !== undefined && sameUri(ours, theirs) && /^[0-9]{1,9}$/.test(said))
      return Number(said);
  }
  return number(headers, 'expires');
}
