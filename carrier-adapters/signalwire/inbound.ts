import type { Log } from '../../gateway/ports/log.ts';
import type { FaxSource, MediaFetcher } from '../http/index.ts';
import type { Cursor, SignalwireApi, SignalwireFax } from './wire.ts';

/** Parts of a listing that are read in one look. */
const PARTS = 20;

/** What received faxes are fetched with. */
export interface InboundParts {
  readonly api: SignalwireApi;
  readonly media: MediaFetcher;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Faxes that SignalWire has received. */
export function receivedFaxes(parts: InboundParts): FaxSource {
  const { api, signal } = parts;
  return {
    carrier: 'SignalWire',
    async fax(id) {
      const told = await api.fax(id);
      if (told.is !== 'value' || !isReceived(told.value)) return undefined;
      const fax = told.value;
      return { to: fax.to, from: fax.from, file: () => fetchFile(fax, parts) };
    },
    async *list(since) {
      let cursor: Cursor;
      for (let part = 1; part <= PARTS && !signal.aborted; part++) {
        const told = await api.list(since, cursor);
        if (told.is !== 'value') return;
        for (const fax of told.value.items) if (isReceived(fax)) yield fax.sid;
        cursor = told.value.next;
        if (cursor === undefined) return;
      }
    },
  };
}

function isReceived({ direction, status }: SignalwireFax): boolean {
  return direction === 'inbound' && status === 'received';
}

async function fetchFile(
  { media_url }: SignalwireFax,
  { media, log, signal }: InboundParts,
): Promise<Uint8Array | undefined> {
  const got = await media.fetch(media_url ?? '', signal);
  if (got.ok) return got.bytes;
  log.warn({ reason: got.reason, detail: got.detail }, 'the file of a received fax cannot be fetched');
  return undefined;
}
