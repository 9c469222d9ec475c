import type { Log } from '../../gateway/ports/log.ts';
import type { FaxSource } from '../http/index.ts';
import type { PhaxioApi } from './wire.ts';

/** Pages of a listing that are read in one look. */
const PAGES = 20;
/** States of a received fax of which there is a file. */
const RECEIVED = ['success', 'partialsuccess'];

/** What received faxes are fetched with. */
export interface InboundParts {
  readonly api: PhaxioApi;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Faxes that Phaxio has received. It lists them also when their files are erased. */
export function receivedFaxes(parts: InboundParts): FaxSource {
  const { api, signal } = parts;
  return {
    carrier: 'Phaxio',
    async fax(id) {
      const told = await api.fax(id);
      if (told.is !== 'value' || told.value.direction !== 'received' || !isReceived(told.value)) return undefined;
      const { to_number: to, from_number: from } = told.value;
      return { to, from, file: () => fetchFile(id, parts) };
    },
    async *list(since) {
      for (let page = 1; page <= PAGES && !signal.aborted; page++) {
        const told = await api.list('received', since, page);
        if (told.is !== 'value') return;
        for (const fax of told.value.items) if (isReceived(fax)) yield fax.id;
        if (told.value.last) return;
      }
    },
  };
}

function isReceived({ status }: { readonly status?: string | null | undefined }): boolean {
  return RECEIVED.includes(status ?? '');
}

async function fetchFile(id: string, { api, log, signal }: InboundParts): Promise<Uint8Array | 'gone' | undefined> {
  const told = await api.file(id, signal);
  if (told.is === 'value') return told.value;
  if (told.is === 'absent') return 'gone';
  log.warn({ reason: told.is }, 'the file of a received fax cannot be fetched');
  return undefined;
}
