import type { PurgeReport } from '../../gateway/ports/carrier-adapter.ts';
import { erased, kept, type Told } from '../http/index.ts';
import type { FaxFinder } from './finder.ts';
import type { SignalwireApi } from './wire.ts';

/** Our own references (QUEUE: 128 bits); the carrier's ids are UUIDs. */
const REFERENCE = /^[0-9a-f]{32}$/;

/** Which fax: ours by our reference and, where it came so far, the carrier's id; a received one by the carrier's id alone. */
export interface PurgedFax {
  readonly reference: string;
  readonly carrierId: string | undefined;
}

/** Erases the files and the record of a fax that we sent or received, and looks for them again: SignalWire keeps them for good. */
export async function purge(fax: PurgedFax, api: SignalwireApi, finder: FaxFinder): Promise<PurgeReport> {
  const found = await idOf(fax, api, finder);
  if (found.is === 'absent') return { outcome: 'none', detail: 'SignalWire has nothing of it' };
  if (found.is !== 'value') return kept('the fax could not be looked for', found);
  const id = found.value;
  const media = await api.media(id);
  if (media.is !== 'value' && media.is !== 'absent') return kept('its files could not be looked for', media);
  const files = media.is === 'value' ? media.value : [];
  const parts: PurgeReport[] = [];
  for (const file of files) {
    parts.push(
      await erased(
        'file',
        () => api.deleteMedia(id, file),
        () => api.hasMedia(id, file),
      ),
    );
  }
  const failure = parts.find(({ outcome }) => outcome === 'kept');
  // The record goes last: with it, nobody could find the files again.
  if (failure !== undefined) return failure;
  const record = await erased(
    'record',
    () => api.deleteFax(id),
    () => api.fax(id),
  );
  if (record.outcome === 'kept') return record;
  return { outcome: 'purged', detail: [...parts, record].map(({ detail }) => detail).join('; ') };
}

async function idOf({ reference, carrierId }: PurgedFax, api: SignalwireApi, finder: FaxFinder): Promise<Told<string>> {
  const ours = carrierId !== undefined || REFERENCE.test(reference);
  const told = ours ? await finder.find(reference, carrierId) : await api.fax(reference);
  return told.is === 'value' ? { is: 'value', value: told.value.sid } : told;
}
