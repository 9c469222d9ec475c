import { isIP } from 'node:net';
import { isPublicAddress } from './address.ts';
import { NotifyError } from './errors.ts';

/** Longest URL that is stored, in characters. */
const URL_LIMIT = 2_048;

/** One address of a host name, as the resolver gives it. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Asks the system's resolver; injectable so that tests can be the name server. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

/**
 * Reads the URL of an endpoint: absolute, `https` (`http` too when private hosts are allowed), no user or password, no
 * fragment, not an address of a private or reserved range. Names are checked when they are resolved, at each delivery.
 *
 * @throws NotifyError `url_refused` at `/url`
 */
export function parseEndpointUrl(text: string, allowPrivate: boolean): URL {
  const url = text.length <= URL_LIMIT && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refusal(`not an absolute URL of at most ${URL_LIMIT} characters`, 'malformed');
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    throw refusal('webhooks go to https URLs only', 'scheme');
  }
  if (url.username !== '' || url.password !== '') {
    throw refusal('a URL with a user or password in it ends up in logs; verify the signature instead', 'credentials');
  }
  if (url.hash !== '') throw refusal('a fragment never reaches the server', 'fragment');
  const literal = bareHost(url);
  if (isIP(literal) !== 0 && !allowPrivate && !isPublicAddress(literal)) {
    throw refusal('the address is private or reserved', 'address');
  }
  return url;
}

function refusal(message: string, reason: string): NotifyError {
  return new NotifyError('url_refused', message, { pointer: '/url', reason });
}

/** Host of a URL without the brackets of an IPv6 literal. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Why a host cannot be connected to. */
export type TargetRefusal = 'name_unresolved' | 'address_refused';

/**
 * Resolves the host of `url` once and answers the address to connect to. One private or reserved address among those
 * of the name refuses them all: a name that points both ways is either broken or an attack (DNS rebinding).
 */
export async function resolveTarget(
  url: URL,
  resolve: Resolve,
  allowPrivate: boolean,
): Promise<ResolvedAddress | TargetRefusal> {
  const found = await addressesOf(bareHost(url), resolve);
  const [first] = found;
  if (first === undefined) return 'name_unresolved';
  if (!allowPrivate && !found.every((one) => isPublicAddress(one.address))) return 'address_refused';
  return found.find((one) => one.family === 4) ?? first;
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly ResolvedAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family: family === 6 ? 6 : 4 }];
  try {
    return await resolve(host);
  } catch {
    return [];
  }
}
