import type { PurgeReport } from '../../gateway/ports/carrier-adapter.ts';
import { erased, kept, type Told } from '../http/index.ts';
import type { FaxFinder } from './finder.ts';
import type { SinchApi } from './wire.ts';

/** Our own references (QUEUE: 128 bits); whatever else is asked for is an id of the carrier. */
const REFERENCE = /^[0-9a-f]{32}$/;

/**
 * Erases the document of a fax that we sent (by its reference) or received (by its id), and looks for it again. The record
 * of the call, its numbers and times, stays with the carrier: the API has no request that deletes it.
 */
export async function purge(
  reference: string,
  carrierId: string | undefined,
  api: SinchApi,
  finder: FaxFinder,
): Promise<PurgeReport> {
  const found = carrierId === undefined ? await idOf(reference, api, finder) : await known(carrierId, api);
  if (found.is === 'absent') return { outcome: 'none', detail: 'Sinch has nothing of it' };
  return found.is === 'value' ? erase(found.value, api) : kept('the fax could not be looked for', found);
}

async function idOf(reference: string, api: SinchApi, finder: FaxFinder): Promise<Told<string>> {
  const received = REFERENCE.test(reference) ? undefined : await known(reference, api);
  if (received !== undefined && received.is !== 'absent') return received;
  const sent = await finder.find(reference);
  return sent.is === 'value' ? { is: 'value', value: sent.value.fax.id } : sent;
}

async function known(id: string, api: SinchApi): Promise<Told<string>> {
  const told = await api.fax(id);
  return told.is === 'value' ? { is: 'value', value: told.value.id } : told;
}

function erase(id: string, api: SinchApi): Promise<PurgeReport> {
  return erased(
    'document',
    () => api.deleteFile(id),
    () => api.hasFile(id),
  );
}
