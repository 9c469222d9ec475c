import { resolvePublic } from '../../gateway/notify/resolver.ts';
import { type Resolve, resolveTarget } from '../../gateway/notify/target.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { exchange, type HttpResult } from './exchange.ts';

/** Time for one download, ms: a large fax over a slow line. */
const TIMEOUT = 120_000;
const URL_LIMIT = 8_192;

/** From where media may come. */
export interface MediaOptions {
  /** Names of hosts, with everything below them, over https on its own port. */
  readonly hosts: readonly string[];
  /** Origin of the carrier's API as it is configured: trusted as far as the API itself. */
  readonly origin: string;
  readonly clock: Clock;
  /** Octets of the longest file. */
  readonly limit: number;
  readonly authorities?: string;
  /** The name server; the real ones when left out. */
  readonly resolve?: Resolve;
}

/** A file that a carrier offered. `expired`: the address is right, but there is nothing any more. */
export type Media =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly contentType: string }
  | {
      readonly ok: false;
      readonly reason: 'host_refused' | 'address_refused' | 'expired' | 'too_large' | 'unreachable';
      /** What went wrong, without the URL: it holds credentials. */
      readonly detail: string;
    };

/** Fetches what carriers' callbacks point to. */
export interface MediaFetcher {
  /** One GET of a URL that a stranger may have written; without our credentials, without redirects. Never throws. */
  fetch(url: string, signal?: AbortSignal): Promise<Media>;
}

/** A fetcher bound to a carrier's hosts: a callback can make the gateway ask nobody else. */
export function createMediaFetcher(options: MediaOptions): MediaFetcher {
  return {
    async fetch(text, signal) {
      const url = text.length <= URL_LIMIT && URL.canParse(text) ? new URL(text) : undefined;
      if (url === undefined) return refused('host_refused', 'not a URL');
      if (url.origin === options.origin) return judge(await get(url, options, signal));
      if (!isListed(url, options.hosts)) return refused('host_refused', 'not a host of the carrier');
      const address = await resolveTarget(url, options.resolve ?? resolvePublic, false);
      if (address === 'address_refused') return refused('address_refused', 'a private address');
      if (address === 'name_unresolved') return refused('unreachable', 'the name does not resolve');
      return judge(await get(url, options, signal, address));
    },
  };
}

function isListed(url: URL, hosts: readonly string[]): boolean {
  if (url.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '') return false;
  return hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
}

function get(
  url: URL,
  { clock, limit, authorities }: MediaOptions,
  signal: AbortSignal | undefined,
  address?: { readonly address: string; readonly family: 4 | 6 },
): Promise<HttpResult> {
  return exchange({
    method: 'GET',
    url,
    headers: { accept: 'image/tiff, */*;q=0.1', 'user-agent': 'Sealfax/1' },
    body: null,
    clock,
    timeout: TIMEOUT,
    limit,
    ...(address === undefined ? {} : { address }),
    ...(authorities === undefined ? {} : { authorities }),
    ...(signal === undefined ? {} : { signal }),
  });
}

function judge(result: HttpResult): Media {
  if (!result.ok) {
    return refused(result.failure === 'too_large' ? 'too_large' : 'unreachable', `${result.failure} ${result.detail}`);
  }
  const { status, headers, body } = result;
  if (status === 200) return { ok: true, bytes: body, contentType: headers['content-type'] ?? '' };
  // Signed URLs of object stores answer 403 when their time is over.
  return refused([403, 404, 410].includes(status) ? 'expired' : 'unreachable', `HTTP ${status}`);
}

function refused(reason: Exclude<Media, { readonly ok: true }>['reason'], detail: string): Media {
  return { ok: false, reason, detail };
}
