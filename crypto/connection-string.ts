import { SealError } from './errors.ts';
import { isHost } from './handshake/host.ts';

/** What a customer is given to connect with; the secret travels apart from it. */
export interface ConnectionString {
  readonly account: string;
  readonly user: string;
  /** Lower case, no port; IPv6 in brackets. This is `aud`. */
  readonly host: string;
  /** 443 when left out. */
  readonly port: number;
  /** base64url(SHA-256(SPKI)) of accepted roots, at least one. */
  readonly pins: readonly string[];
}

const FORM = /^sealfax:\/\/([^/?#@]*)@([^/?#@]*)(\/?)(?:\?([^#]*))?$/;
const EXAMPLE = 'sealfax://account:user@host:port?pin=…';
const DEFAULT_PORT = 443;
const LENGTH_LIMIT = 4_096;

/** Throws `connection_string` with what is wrong and where; the text itself is not repeated. */
export function parseConnectionString(text: string): ConnectionString {
  const match = text.length > LENGTH_LIMIT ? null : FORM.exec(text.trim());
  if (match === null) fail(`it has the form ${EXAMPLE}`);
  const [, who = '', where = '', , query = ''] = match;
  const { account, user } = parseWho(who);
  const { host, port } = parseWhere(where);
  return { account, user, host, port, pins: parsePins(query) };
}

function fail(problem: string): never {
  throw new SealError('connection_string', problem);
}

function parseWho(who: string): { account: string; user: string } {
  const [account, user, ...more] = who.split(':');
  if (more.length > 0) fail('more than account and user stand before "@" (the password does not belong here)');
  if (account === undefined || account === '') fail('the account before ":" is missing');
  if (user === undefined || user === '') fail('the user between ":" and "@" is missing');
  return { account: decode(account, 'account'), user: decode(user, 'user') };
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail(`the ${part} has a broken percent-encoding`);
  }
}

function parseWhere(where: string): { host: string; port: number } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(where);
  const host = (match?.[1] ?? '').toLowerCase();
  if (!isHost(host)) fail('the host after "@" is missing or not a host name');
  const port = match?.[2] === undefined ? DEFAULT_PORT : parsePort(match[2]);
  return { host, port };
}

function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) fail('the port is not a number from 1 to 65535');
  return port;
}

function parsePins(query: string): string[] {
  const pins: string[] = [];
  for (const pair of query.split('&').filter((item) => item !== '')) {
    const [name, value = ''] = pair.split('=', 2);
    if (name !== 'pin') fail(`unknown parameter; only "pin" is known`);
    if (!/^[A-Za-z0-9_-]{43}$/.test(value)) fail('a pin is 43 characters of base64url (SHA-256 of the root key)');
    pins.push(value);
  }
  if (pins.length === 0) fail('the pin of the server is missing ("?pin=…")');
  return pins;
}

/** The text form; the port is left out when it is 443. Throws `connection_string` for parts that cannot be written. */
export function formatConnectionString(parts: ConnectionString): string {
  const who = `${encodeURIComponent(parts.account)}:${encodeURIComponent(parts.user)}`;
  const port = parts.port === DEFAULT_PORT ? '' : `:${parts.port}`;
  const text = `sealfax://${who}@${parts.host}${port}?${parts.pins.map((pin) => `pin=${pin}`).join('&')}`;
  parseConnectionString(text);
  return text;
}
