import { wipe } from '../../crypto/index.ts';
import type { PurgeReport } from '../../gateway/ports/carrier-adapter.ts';
import { kept, type Told } from '../http/index.ts';
import type { PhaxioApi } from './wire.ts';

/** Ids of faxes are numbers; references of our own calls are 32 hexadecimal digits. */
export const FAX_ID = /^[0-9]{1,20}$/;

/** Erases the file of the fax that `found` names, and looks for it again. Phaxio keeps the record of every fax that was dialled. */
export async function purge(found: Told<string>, api: PhaxioApi): Promise<PurgeReport> {
  if (found.is === 'absent') return { outcome: 'none', detail: 'Phaxio has nothing of it' };
  if (found.is !== 'value') return kept('the fax could not be looked for', found);
  const answer = await api.deleteFile(found.value);
  if (answer.is !== 'value' && answer.is !== 'absent') return kept('file: not deleted', answer);
  const again = await look(found.value, api);
  if (again.is === 'value') return { outcome: 'kept', detail: 'file: deleted, but still there' };
  if (again.is !== 'absent') return kept('file: deleted, but not looked for again', again);
  return answer.is === 'absent'
    ? { outcome: 'none', detail: 'file: there is none; the record of the call stays' }
    : { outcome: 'purged', detail: 'file: deleted, and asked for again: 404; the record of the call stays' };
}

/** Whether the file is still there; what comes of it is wiped unread. */
async function look(id: string, api: PhaxioApi): Promise<Told<null>> {
  const told = await api.file(id);
  if (told.is !== 'value') return told;
  wipe(told.value);
  return { is: 'value', value: null };
}
