import type { PurgeReport } from '../../gateway/ports/carrier-adapter.ts';
import type { FaxFinder } from './finder.ts';
import { mediaNameOf, type TelnyxApi, type Told } from './wire.ts';

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
    ...(received ? [] : [await erased('file', () => erasure(api, 'media', mediaNameOf(reference)))]),
    ...(found.is === 'absent' ? [] : [await erased('record', () => erasure(api, 'fax', found.value))]),
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

/** What is deleted, and what shows that it is gone. */
interface Erasure {
  readonly erase: () => Promise<Told<unknown>>;
  readonly look: () => Promise<Told<unknown>>;
}

function erasure(api: TelnyxApi, what: 'media' | 'fax', name: string): Erasure {
  return what === 'media'
    ? { erase: () => api.deleteMedia(name), look: () => api.hasMedia(name) }
    : { erase: () => api.deleteFax(name), look: () => api.fax(name) };
}

async function erased(what: string, make: () => Erasure): Promise<PurgeReport> {
  const { erase, look } = make();
  const answer = await erase();
  if (answer.is === 'absent') return { outcome: 'none', detail: `${what}: there is none` };
  if (answer.is !== 'value') return kept(`${what}: not deleted`, answer);
  const again = await look();
  if (again.is === 'absent') return { outcome: 'purged', detail: `${what}: deleted, and asked for again: 404` };
  return again.is === 'value'
    ? { outcome: 'kept', detail: `${what}: deleted, but still there` }
    : kept(`${what}: deleted, but not looked for again`, again);
}

function kept(what: string, told: Exclude<Told<unknown>, { readonly is: 'value' | 'absent' }>): PurgeReport {
  const why = told.is === 'refused' ? `HTTP ${told.status}` : told.detail;
  return { outcome: 'kept', detail: `${what}: ${why}` };
}
