import type { PurgeReport } from '../../gateway/ports/carrier-adapter.ts';
import type { FaxFinder } from './finder.ts';
import type { SinchApi, Told } from './wire.ts';

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

async function erase(id: string, api: SinchApi): Promise<PurgeReport> {
  const answer = await api.deleteFile(id);
  if (answer.is === 'absent') return { outcome: 'none', detail: 'document: there is none' };
  if (answer.is !== 'value') return kept('document: not deleted', answer);
  const again = await api.hasFile(id);
  if (again.is === 'absent') return { outcome: 'purged', detail: 'document: deleted, and asked for again: 404' };
  return again.is === 'value'
    ? { outcome: 'kept', detail: 'document: deleted, but still there' }
    : kept('document: deleted, but not looked for again', again);
}

function kept(what: string, told: Exclude<Told<unknown>, { readonly is: 'value' | 'absent' }>): PurgeReport {
  const why = told.is === 'refused' ? `HTTP ${told.status}` : told.detail;
  return { outcome: 'kept', detail: `${what}: ${why}` };
}
