import type { Inquired } from '../sip/agent/inquiry.ts';
import type { Destination } from '../sip/agent/io.ts';
import { type ReceivedResponse, tokens } from '../sip/message/index.ts';
import { type Finding, fault, ok, quoted, warning } from './finding.ts';
import { refusalAdvice, statusText } from './refused.ts';

/** What a trunk's answer to OPTIONS says of it, or that there is none. */
export function judgeOptions(
  inquired: Inquired,
  facts: { readonly hasCredentials: boolean; readonly seen: string | null; readonly alive: boolean },
): Finding {
  const { response, status, to, ms } = inquired;
  if (response === null) return silence(inquired, facts.alive);
  const text = `${statusText(inquired)} in ${Math.round(ms)} ms from ${placeText(to)}${productText(response)}`;
  // RFC 3261 §11: whatever it answers, it lives; many trunks know nobody in OPTIONS.
  if (status === 401 || status === 407 || status === 403) {
    return warning('options', text, refusalAdvice(status, facts.hasCredentials, facts.seen));
  }
  if (status >= 500 && status !== 501)
    return warning('options', text, refusalAdvice(status, facts.hasCredentials, facts.seen));
  const allowed = tokens(response.headers, 'allow') ?? [];
  const methods = allowed.length === 0 ? '' : `; allows ${allowed.slice(0, 20).join(' ')}`;
  if (allowed.length > 0 && !allowed.includes('INVITE')) {
    return warning('options', text + methods, 'It says that it takes no calls: check server and port.');
  }
  return ok('options', text + methods);
}

/** @param alive whether the trunk has answered something else */
function silence(inquired: Inquired, alive: boolean): Finding {
  const { detail, targets } = inquired;
  const text = `${detail} from ${targets.map(placeText).join(', ') || 'nowhere'}`;
  if (alive)
    return warning(
      'options',
      text,
      'The trunk answers other requests: it may leave OPTIONS to those it knows. Nothing has to be done.',
    );
  const udp = targets.some(({ transport }) => transport === 'udp');
  return fault(
    'options',
    text,
    udp
      ? 'Check server, port and transport; let UDP out and its answers in; ask the provider whether our address is admitted: a trunk that does not know it often says nothing at all.'
      : 'The connection stands, but nobody speaks SIP on it: check port and transport, and ask the provider.',
  );
}

export function placeText(to: Destination | null): string {
  return to === null ? 'nowhere' : `${to.transport} ${to.remote.address} port ${to.remote.port}`;
}

/** Server of a response (RFC 3261 §20.35), or User-Agent as many write it. */
function productText({ headers }: ReceivedResponse): string {
  const product = headers.get('server') ?? headers.get('user-agent');
  return product === undefined || product === '' ? '' : `; ${quoted(product)}`;
}
