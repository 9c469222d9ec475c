import { base64url, hex, randomBytes, sha256 } from '../../crypto/index.ts';
import type { Fax, PageRecord } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { MediaFile, MediaFiles } from '../gateway.ts';
import type { MediaFormat, MediaLink } from '../ports/carrier-adapter.ts';
import type { Clock } from '../ports/clock.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { MediaEnd, MediaGrant, MediaRecords } from '../ports/media-records.ts';

/** The longest life of a link, seconds: a carrier fetches a fax when it takes it, not when it dials. */
const LONGEST_LINK = 600;
/** 256 bits: nobody finds a link by trying. */
const TOKEN_OCTETS = 32;

const MEDIA_TYPES: Readonly<Record<MediaFormat, string>> = { tiff: 'image/tiff', pdf: 'application/pdf' };

/** What links are made and served with. */
export interface MediaLinkParts {
  readonly links: MediaRecords;
  readonly faxes: Pick<FaxRecords, 'pages'>;
  /** Pages as one file, decrypted on the fly. */
  readonly convert: (fax: Fax, pages: readonly PageRecord[], format: MediaFormat) => AsyncIterable<Uint8Array>;
  /** Where the world reaches this gateway; undefined: nowhere, and there are no links. */
  readonly origin: URL | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The call that a link is for. */
export interface LinkedCall {
  readonly fax: FaxId;
  readonly fence: number;
  readonly carrier: string;
  readonly reference: string;
  readonly firstPage: number;
}

/** Links to the pages of calls: made by the worker that has the call, served by any process that takes requests. */
export interface MediaLinks extends MediaFiles {
  /** Undefined: the gateway has no public origin. */
  linkFor(call: LinkedCall): MediaLink | undefined;
}

/** The links of this gateway. */
export function createMediaLinks(parts: MediaLinkParts): MediaLinks {
  const { links, clock, origin } = parts;
  return {
    linkFor: (call) => (origin === undefined ? undefined : new CallLink(call, origin, parts)),
    async look(token, address) {
      const format = await links.look(storedToken(token), address, clock.now());
      return format === undefined ? undefined : MEDIA_TYPES[format];
    },
    fetch: (token, address) => fetch(parts, storedToken(token), address),
  };
}

/** The records keep a digest: whoever reads them can fetch nothing. */
function storedToken(token: string): string {
  return hex(sha256(new TextEncoder().encode(token)));
}

class CallLink implements MediaLink {
  readonly #call: LinkedCall;
  readonly #origin: URL;
  readonly #parts: MediaLinkParts;
  #token: string | undefined;
  #seen: Promise<'seen' | 'unseen'> | undefined;

  constructor(call: LinkedCall, origin: URL, parts: MediaLinkParts) {
    this.#call = call;
    this.#origin = origin;
    this.#parts = parts;
  }

  async open({ format, ttl, sources }: Parameters<MediaLink['open']>[0]): Promise<URL | undefined> {
    if (this.#token !== undefined || this.#seen !== undefined) throw new Error('a call has one link');
    const token = base64url(randomBytes(TOKEN_OCTETS));
    this.#token = storedToken(token);
    const { links, clock } = this.#parts;
    const { reference, ...call } = this.#call;
    const now = clock.now();
    const expiresAt = now + Math.min(ttl, LONGEST_LINK) * 1_000;
    const allowed = await links.add({ ...call, token: this.#token, format, sources, expiresAt }, now);
    if (!allowed) this.#seen = Promise.resolve('unseen');
    return allowed ? new URL(`/media/${token}/${reference}.${format}`, this.#origin) : undefined;
  }

  /** The first answer stands: it is asked for by the carrier's adapter and again at the end of the call. */
  revoke(): Promise<'seen' | 'unseen'> {
    this.#seen ??= this.#revoke();
    return this.#seen;
  }

  async #revoke(): Promise<'seen' | 'unseen'> {
    if (this.#token === undefined) return 'unseen';
    try {
      return await this.#parts.links.revoke(this.#token);
    } catch (error) {
      this.#seen = undefined; // asked again, it is tried again
      throw error;
    }
  }
}

async function fetch(parts: MediaLinkParts, token: string, address: string | null): Promise<MediaFile | undefined> {
  const { links, clock, metrics } = parts;
  const grant = await links.take(token, address, clock.now());
  if (grant === undefined) {
    metrics.count('media_fetches_total', { result: 'refused' });
    return undefined;
  }
  return {
    mediaType: MEDIA_TYPES[grant.format],
    octets: toItsEnd(fileOf(parts, grant), (end) => ended(parts, token, end)),
  };
}

async function* fileOf(
  { faxes, convert }: MediaLinkParts,
  { fax, firstPage, format }: MediaGrant,
): AsyncGenerator<Uint8Array> {
  const pages = (await faxes.pages(fax.id)).filter(({ number }) => number >= firstPage);
  yield* convert(fax, pages, format);
}

/** The chunks of `source`; the end is told before the last of them is known to be the last. */
async function* toItsEnd(
  source: AsyncIterable<Uint8Array>,
  told: (end: MediaEnd) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let end: MediaEnd = 'interrupted';
  try {
    yield* source;
    end = 'served';
  } finally {
    await told(end);
  }
}

/** A link whose end cannot be written stays as if it were being served: nobody gets anything by it any more. */
async function ended({ links, log, metrics }: MediaLinkParts, token: string, end: MediaEnd): Promise<void> {
  metrics.count('media_fetches_total', { result: end });
  await links
    .end(token, end)
    .catch((error: unknown) => log.warn({ error: String(error) }, 'the end of a fetch is not written'));
}
