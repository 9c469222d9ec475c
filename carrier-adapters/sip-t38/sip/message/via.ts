import { ELEMENT_LIMIT } from './limits.ts';
import { formatParams, type Params } from './params.ts';
import { Scanner } from './scanner.ts';

/** One element of Via (RFC 3261 §20.42). */
export interface Via {
  /** Upper case: UDP, TCP, TLS, or whatever else was written. */
  readonly transport: string;
  /** Lower case; an IPv6 address in brackets. */
  readonly host: string;
  /** Null: the default of the transport. */
  readonly port: number | null;
  /** `branch`, `received`, `rport`, `maddr`, `ttl` and others. */
  readonly params: Params;
  readonly branch: string | null;
}

const COMMA = 44;
const SLASH = 47;

/** What every branch of RFC 3261 begins with (§8.1.1.7). */
export const BRANCH_COOKIE = 'z9hG4bK';

/** The first element of a Via line, and how many characters of the line it takes; the others are not looked at. */
export function parseTopVia(line: string): { readonly via: Via; readonly length: number } | undefined {
  const scanner = new Scanner(line);
  const via = readVia(scanner);
  if (via === undefined) return undefined;
  const length = scanner.at;
  return scanner.space().ended || scanner.take(COMMA) ? { via, length } : undefined;
}

/** The elements of the Via lines in order; undefined when one is malformed or there are too many. */
export function parseVias(lines: readonly string[]): Via[] | undefined {
  const vias: Via[] = [];
  for (const line of lines) {
    const scanner = new Scanner(line);
    do {
      const via = readVia(scanner);
      if (via === undefined || vias.length >= ELEMENT_LIMIT) return undefined;
      vias.push(via);
    } while (scanner.separator(COMMA));
    if (!scanner.space().ended) return undefined;
  }
  return vias;
}

export function formatVia(via: Pick<Via, 'transport' | 'host' | 'port' | 'params'>): string {
  const port = via.port === null ? '' : `:${via.port}`;
  return `SIP/2.0/${via.transport} ${via.host}${port}${formatParams(via.params)}`;
}

function readVia(scanner: Scanner): Via | undefined {
  if (!readProtocol(scanner.space())) return undefined;
  const transport = upperTransport(scanner.token());
  const afterTransport = scanner.at;
  const host = scanner.space().at === afterTransport ? '' : scanner.host();
  const port = host === '' ? undefined : scanner.port();
  const params = port === undefined ? undefined : scanner.params();
  if (transport === '' || port === undefined || params === undefined) return undefined;
  return { transport, host, port, params, branch: params.get('branch') ?? null };
}

function upperTransport(name: string): string {
  return name === 'UDP' || name === 'TCP' || name === 'TLS' ? name : name.toUpperCase();
}

/** `SIP / 2.0 /`, with white space wherever RFC 3261 §25.1 allows it. */
function readProtocol(scanner: Scanner): boolean {
  // Nearly every Via begins just so; the long way costs as much as the rest of the element.
  if (scanner.text.startsWith('SIP/2.0/', scanner.at)) {
    scanner.at += 8;
    scanner.space();
    return true;
  }
  return (
    scanner.token().toUpperCase() === 'SIP' &&
    scanner.separator(SLASH) &&
    scanner.token() === '2.0' &&
    scanner.separator(SLASH)
  );
}
