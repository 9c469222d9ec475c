import type { Log } from '../../gateway/ports/log.ts';
import type { FaxSource, Media, MediaFetcher } from '../http/index.ts';
import type { TelnyxApi, TelnyxFax } from './wire.ts';

/** Pages of a listing that are read in one look. */
const PAGES = 20;

/** What received faxes are fetched with. */
export interface InboundParts {
  readonly api: TelnyxApi;
  readonly media: MediaFetcher;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Faxes that Telnyx has received. */
export function receivedFaxes(parts: InboundParts): FaxSource {
  const { api, signal } = parts;
  return {
    carrier: 'Telnyx',
    async fax(id) {
      const told = await api.fax(id);
      if (told.is !== 'value' || told.value.direction !== 'inbound' || told.value.status !== 'received')
        return undefined;
      const fax = told.value;
      return { to: fax.to, from: fax.from, file: () => fetchFile(fax, parts) };
    },
    async *list(since) {
      for (let page = 1; page <= PAGES && !signal.aborted; page++) {
        const told = await api.list('inbound', since, page);
        if (told.is !== 'value') return;
        for (const { id, status } of told.value.faxes) if (status === 'received') yield id;
        if (told.value.last) return;
      }
    },
  };
}

/** The file of a fax; its address is renewed once when its time is over. */
async function fetchFile(fax: TelnyxFax, { api, media, log, signal }: InboundParts): Promise<Uint8Array | undefined> {
  let got: Media = await media.fetch(fax.media_url ?? '', signal);
  if (!got.ok && (got.reason === 'expired' || (fax.media_url ?? '') === '')) {
    await api.refresh(fax.id);
    const again = await api.fax(fax.id);
    if (again.is === 'value') got = await media.fetch(again.value.media_url ?? '', signal);
  }
  if (got.ok) return got.bytes;
  log.warn({ reason: got.reason, detail: got.detail }, 'the file of a received fax cannot be fetched');
  return undefined;
}
