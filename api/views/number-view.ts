import type { FaxNumber, NumberSubaddress } from '../../gateway/fax/account.ts';
import type { NumberView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** A fax number, or a subaddress of a shared one, as its account sees it. */
export function numberView(own: FaxNumber | NumberSubaddress): NumberView {
  const subaddress = 'subaddress' in own ? own.subaddress : null;
  return { number: own.number, subaddress, label: own.label, createdAt: isoTime(own.createdAt) };
}
