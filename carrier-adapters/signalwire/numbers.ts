import type { CarrierNumber, CarrierNumbers } from '../../gateway/ports/carrier-adapter.ts';
import { readListed } from '../http/index.ts';
import type { Cursor, SignalwireApi } from './wire.ts';

/** Parts of a listing that are read at the most: 10,000 numbers. */
const PARTS = 100;

/** The numbers of the project, whatever each of them is set to do. */
export async function listNumbers(api: SignalwireApi): Promise<CarrierNumbers> {
  const numbers: CarrierNumber[] = [];
  let cursor: Cursor;
  for (let part = 1; part <= PARTS; part++) {
    const told = await api.numbers(cursor);
    if (told.is === 'absent') return { ok: false, detail: 'the numbers: there is no such project' };
    if (told.is === 'refused') return { ok: false, detail: `the numbers: refused: HTTP ${told.status}` };
    if (told.is === 'unknown') return { ok: false, detail: `the numbers: no answer: ${told.detail}` };
    numbers.push(...told.value.items.flatMap(readListed));
    cursor = told.value.next;
    if (cursor === undefined) return { ok: true, numbers };
  }
  return { ok: false, detail: 'the numbers: there are too many' };
}
