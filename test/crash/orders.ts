import type { Order } from './customer.ts';
import { documentOf, markedPage } from './marked-page.ts';
import type { Random } from './random.ts';

/** Every so many faxes goes to a number of the gateway itself. */
const INBOUND_EVERY = 4;

/** Every number answers, so that each fax can be delivered; every fourth rings through to the gateway itself. */
export function planOrders(faxes: number, random: Random): Order[] {
  return Array.from({ length: faxes }, (_, fax) => {
    const pages = 1 + random.below(4);
    const own = fax % INBOUND_EVERY === INBOUND_EVERY - 1;
    const coded = Array.from({ length: pages }, (_, index) =>
      markedPage({ fax, page: index + 1 }, random.below(50), random),
    );
    const digits = String(fax).padStart(4, '0');
    return { fax, to: own ? `+1555777${digits}` : `+1555010${digits}`, own, pages, document: documentOf(coded) };
  });
}
