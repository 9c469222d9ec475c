import { FaxError } from '../../gateway/fax/errors.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import type { CarrierNumber, CarrierNumbers } from '../../gateway/ports/carrier-adapter.ts';
import type { PhaxioApi, PhaxioNumber } from './wire.ts';

/** Pages of the list that are read at the most: 10,000 numbers. */
const PAGES = 100;

/** All numbers of the account, or why they are not known. What is no international number is left out. */
export async function listNumbers(api: PhaxioApi): Promise<CarrierNumbers> {
  const numbers: CarrierNumber[] = [];
  for (let page = 1; page <= PAGES; page++) {
    const told = await api.numbers(page);
    if (told.is === 'refused') return { ok: false, detail: `Phaxio: HTTP ${told.status}` };
    if (told.is === 'unknown') return { ok: false, detail: `Phaxio: ${told.detail}` };
    if (told.is === 'absent') return { ok: false, detail: 'Phaxio: HTTP 404' };
    numbers.push(...told.value.items.flatMap(readNumber));
    if (told.value.last) return { ok: true, numbers };
  }
  return { ok: false, detail: 'Phaxio: the list of numbers is too long' };
}

function readNumber({ number, place }: PhaxioNumber): CarrierNumber[] {
  try {
    return [{ number: parseE164(number), label: place.slice(0, 100) }];
  } catch (error) {
    if (error instanceof FaxError) return [];
    throw error;
  }
}
