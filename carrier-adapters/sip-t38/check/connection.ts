import type { Reached } from '../io/reach.ts';
import type { Destination } from '../sip/agent/io.ts';
import { type Finding, fault, ok, quoted, warning } from './finding.ts';

/** ms before the end of a certificate in which somebody should be told. */
const EXPIRES_SOON = 21 * 86_400_000;

const WHY: Readonly<Record<Exclude<(Reached & { ok: false })['why'], 'certificate'>, string>> = {
  refused: 'Nothing listens there: check transport and port.',
  timeout: 'Nothing came back: a firewall on the way, here or there, lets us not pass, or the port is wrong.',
  unreachable: 'There is no route to it: check this host’s network.',
  handshake: 'It speaks no TLS that we do (1.2 or newer), or none at all: check transport and port; 5061 is usual.',
};

/** What a connection over TCP or TLS to one place of the trunk has shown. @param now ms since 1970 */
export function judgeConnection(to: Destination, reached: Reached, now: number): Finding {
  const place = `${to.transport} ${to.remote.address} port ${to.remote.port}`;
  const { certificate } = reached;
  const shown =
    certificate === null
      ? ''
      : `; ${certificate.protocol}, certificate of ${quoted(certificate.subject)} by ${quoted(certificate.issuer)} until ${dayOf(certificate.validTo)}`;
  if (!reached.ok) {
    const advice = reached.why === 'certificate' ? certificateAdvice(reached.detail) : WHY[reached.why];
    return fault('connection', `${place}: ${reached.detail}${shown}`, advice);
  }
  const text = `${place} in ${Math.round(reached.ms)} ms${shown}`;
  if (certificate === null || certificate.validTo - now > EXPIRES_SOON) return ok('connection', text);
  return warning('connection', text, 'The trunk’s certificate runs out soon: tell the provider.');
}

function certificateAdvice(detail: string): string {
  if (/EXPIRED/.test(detail))
    return 'Its certificate has run out: tell the provider; check the clock of this host, too.';
  if (/^it is not for/.test(detail))
    return 'Write in server the name that the certificate bears; an address will rarely do.';
  return 'Nobody whom we trust has signed it: put the provider’s CA certificate into a file and name it in authoritiesFile.';
}

function dayOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : 'no date';
}
