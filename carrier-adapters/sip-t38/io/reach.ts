import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, TLSSocket } from 'node:tls';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { Endpoint } from '../sip/agent/io.ts';

/** ms until a connection must stand. */
const REACH_TIME = 8_000;

/** A certificate as a server showed it. */
export interface ShownCertificate {
  /** Common name, or the first alternative name. */
  readonly subject: string;
  readonly issuer: string;
  /** ms since 1970. */
  readonly validTo: number;
  /** `TLSv1.3`. */
  readonly protocol: string;
}

/** What came of a connection that was opened and closed again. */
export type Reached =
  | { readonly ok: true; readonly ms: number; readonly certificate: ShownCertificate | null }
  /** `certificate`: it stands, but may not be used, see `detail`. */
  | {
      readonly ok: false;
      readonly why: 'refused' | 'timeout' | 'unreachable' | 'handshake' | 'certificate';
      readonly detail: string;
      readonly certificate: ShownCertificate | null;
    };

/** How a connection is tried. */
export interface ReachOptions {
  readonly to: Endpoint;
  /** The name that the certificate must bear; null: TCP. */
  readonly serverName: string | null;
  /** PEM in place of the public authorities. */
  readonly authorities: string | undefined;
  /** Our own, shown when asked. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly clock: Clock;
}

/** Opens a connection, looks at its certificate, and closes it; nothing is sent. Never throws. */
export function reach(options: ReachOptions): Promise<Reached> {
  const { clock, serverName } = options;
  const since = clock.monotonic();
  return new Promise((resolve) => {
    let socket: Socket;
    const done = (reached: Reached) => {
      cancel();
      socket.destroy();
      resolve(reached);
    };
    const cancel = clock.after(REACH_TIME, () =>
      done({ ok: false, why: 'timeout', detail: `no connection within ${REACH_TIME / 1_000} s`, certificate: null }),
    );
    try {
      socket = dial(options);
    } catch (error) {
      cancel();
      resolve({ ok: false, why: 'handshake', detail: wordsOf(error), certificate: null });
      return;
    }
    socket.once('error', (error) => done(failure(error)));
    socket.once(serverName === null ? 'connect' : 'secureConnect', () =>
      done(stood(socket, serverName, clock.monotonic() - since)),
    );
  });
}

function dial({ to, serverName, authorities, certificate, key }: ReachOptions): Socket {
  const at = { host: to.address, port: to.port };
  if (serverName === null) return connectTcp(at);
  return connectTls({
    ...at,
    minVersion: 'TLSv1.2',
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    servername: isIP(serverName) === 0 ? serverName : '',
    checkServerIdentity: (_, shown) => checkServerIdentity(serverName, shown),
    // What is wrong with a certificate is read afterwards, so that it can be told together with what it says.
    rejectUnauthorized: false,
  });
}

function stood(socket: Socket, serverName: string | null, ms: number): Reached {
  if (serverName === null || !(socket instanceof TLSSocket)) return { ok: true, ms, certificate: null };
  const shown = socket.getPeerCertificate();
  const certificate = {
    subject: first(shown.subject?.CN) || (shown.subjectaltname ?? ''),
    issuer: first(shown.issuer?.CN) || first(shown.issuer?.O),
    validTo: Date.parse(shown.valid_to),
    protocol: socket.getProtocol() ?? '',
  };
  if (socket.authorized) return { ok: true, ms, certificate };
  const why = wordsOf(socket.authorizationError);
  const detail = why === 'ERR_TLS_CERT_ALTNAME_INVALID' ? `it is not for ${serverName}` : why;
  return { ok: false, why: 'certificate', detail, certificate };
}

function failure(error: Error): Reached {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const why = code === 'ECONNREFUSED' ? 'refused' : /^E(HOST|NET)UNREACH$/.test(code) ? 'unreachable' : 'handshake';
  return { ok: false, why: code === 'ETIMEDOUT' ? 'timeout' : why, detail: wordsOf(error), certificate: null };
}

function first(text: string | string[] | undefined): string {
  return (Array.isArray(text) ? text[0] : text) ?? '';
}

function wordsOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
