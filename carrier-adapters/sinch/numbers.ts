import type { CarrierNumber, CarrierNumbers } from '../../gateway/ports/carrier-adapter.ts';
import { readListed } from '../http/index.ts';
import type { SinchApi } from './wire.ts';

/** Pages of a listing that are read at the most: 10,000 numbers. */
const PAGES = 20;

/** The numbers of a fax service, the project's default where none is named. */
export async function listNumbers(api: SinchApi, serviceId: string | undefined): Promise<CarrierNumbers> {
  const service = await api.service(serviceId);
  if (service.is !== 'value') return { ok: false, detail: `the fax service: ${whyNot(service)}` };
  const numbers: CarrierNumber[] = [];
  for (let page = 1; page <= PAGES; page++) {
    const told = await api.numbers(service.value.id, page);
    if (told.is !== 'value') return { ok: false, detail: `the numbers: ${whyNot(told)}` };
    numbers.push(...told.value.numbers.flatMap((number) => readListed({ number, label: '' })));
    if (told.value.last) return { ok: true, numbers };
  }
  return { ok: false, detail: 'the numbers: there are too many' };
}

function whyNot(told: { readonly is: 'absent' | 'refused' | 'unknown'; status?: number; detail?: string }): string {
  if (told.is === 'absent') return 'there is none';
  return told.is === 'refused' ? `refused: HTTP ${told.status}` : `no answer: ${told.detail}`;
}
