import type { PurgeReport } from '../../gateway/ports/carrier-adapter.ts';
import { erased, kept, type Told } from '../http/index.ts';
import type { FaxFinder } from './finder.ts';
import { mediaNameOf, type TelnyxApi } from './wire.ts';

/** Ids of faxes are UUIDs; references of our own calls are not. */
const FAX_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Which fax: ours by our reference and, where it came so far, the carrier's id; a received one by the carrier's id alone. */
export interface PurgedFax {
  readonly reference: string;
  readonly carrierId: string | undefined;
}

/** Erases the file and the record of a fax that we sent or received, and looks for them again. */
export async function purge(fax: PurgedFax, api: TelnyxApi, finder: FaxFinder): Promise<PurgeReport> {
  const { reference } = fax;
  const received = FAX_ID.test(reference);
  const found = received ? await ofReceived(reference, api) : await ofSent(fax, finder);
  if (found.is !== 'value' && found.is !== 'absent') return kept('the fax could not be looked for', found);
  const parts = [
    ...(received ? [] : [await eraseFile(mediaNameOf(reference), api)]),
    ...(found.is === 'absent' ? [] : [await eraseRecord(found.value, api)]),
  ];
  const failure = parts.find(({ outcome }) => outcome === 'kept');
  if (failure !== undefined) return failure;
  if (parts.every(({ outcome }) => outcome === 'none')) return { outcome: 'none', detail: 'Telnyx has nothing of it' };
  return { outcome: 'purged', detail: parts.map(({ detail }) => detail).join('; ') };
}

async function ofReceived(id: string, api: TelnyxApi): Promise<Told<string>> {
  const told = await api.fax(id);
  return told.is === 'value' ? { is: 'value', value: id } : told;
}

async function ofSent({ reference, carrierId }: PurgedFax, finder: FaxFinder): Promise<Told<string>> {
  const told = await finder.find(reference, carrierId);
  return told.is === 'value' ? { is: 'value', value: told.value.id } : told;
}

function eraseFile(name: string, api: TelnyxApi): Promise<PurgeReport> {
  return erased(
    'file',
    () => api.deleteMedia(name),
    () => api.hasMedia(name),
  );
}

function eraseRecord(id: string, api: TelnyxApi): Promise<PurgeReport> {
  return erased(
    'record',
    () => api.deleteFax(id),
    () => api.fax(id),
  );
}
