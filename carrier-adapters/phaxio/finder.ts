import type { Clock } from '../../gateway/ports/clock.ts';
import type { Told } from '../http/index.ts';
import { type PhaxioApi, type PhaxioFax, readTags } from './wire.ts';

/** How far back a fax is looked for, ms: longer than any call, its retries and a gateway that was down over a weekend. */
const BACK = 7 * 86_400_000;
/** Pages of a listing that are read at the most, should the carrier not heed the tag: 10,000 faxes. */
const PAGES = 100;

/** A fax of ours with what we sent along. */
export interface FoundFax {
  readonly pages: number;
  readonly fax: PhaxioFax;
}

/** The fax with this id, or, without one, the fax whose tag is `reference`. `absent`: the carrier says that there is none. */
export function findFax(
  api: PhaxioApi,
  clock: Clock,
  reference: string,
  id: string | undefined,
): Promise<Told<FoundFax>> {
  return id === undefined ? search(api, clock, reference) : ask(api, id);
}

async function ask(api: PhaxioApi, id: string): Promise<Told<FoundFax>> {
  const told = await api.fax(id);
  if (told.is !== 'value') return told;
  return { is: 'value', value: { pages: readTags(told.value)?.pages ?? 0, fax: told.value } };
}

async function search(api: PhaxioApi, clock: Clock, reference: string): Promise<Told<FoundFax>> {
  const since = new Date(clock.now() - BACK).toISOString();
  for (let page = 1; page <= PAGES; page++) {
    const told = await api.list({ reference }, since, page);
    if (told.is !== 'value') return told;
    for (const fax of told.value.items) {
      const tags = readTags(fax);
      if (tags?.reference === reference) return { is: 'value', value: { pages: tags.pages, fax } };
    }
    if (told.value.last) return { is: 'absent' };
  }
  return { is: 'unknown', sent: false, detail: 'the list of faxes is too long' };
}
