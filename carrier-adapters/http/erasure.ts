import type { PurgeReport } from '../../gateway/ports/carrier-adapter.ts';
import type { Told } from './told.ts';

/** Has the carrier delete `what`, and shows by a second question that it is gone. */
export async function erased(
  what: string,
  erase: () => Promise<Told<unknown>>,
  look: () => Promise<Told<unknown>>,
): Promise<PurgeReport> {
  const answer = await erase();
  if (answer.is === 'absent') return { outcome: 'none', detail: `${what}: there is none` };
  if (answer.is !== 'value') return kept(`${what}: not deleted`, answer);
  const again = await look();
  if (again.is === 'absent') return { outcome: 'purged', detail: `${what}: deleted, and asked for again: 404` };
  return again.is === 'value'
    ? { outcome: 'kept', detail: `${what}: deleted, but still there` }
    : kept(`${what}: deleted, but not looked for again`, again);
}

/** What the carrier still has, as far as anybody knows, and why. */
export function kept(what: string, told: Exclude<Told<unknown>, { readonly is: 'value' | 'absent' }>): PurgeReport {
  const why = told.is === 'refused' ? `HTTP ${told.status}` : told.detail;
  return { outcome: 'kept', detail: `${what}: ${why}` };
}
