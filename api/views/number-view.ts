import type { FaxNumber, NumberSubaddress } from '../../gateway/fax/account.ts';
import type { CarrierNumber } from '../../gateway/ports/carrier-adapter.ts';
import type { CarrierNumberView, HeldNumberView, NumberView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** A fax number, or a subaddress of a shared one, as its account sees it. */
export function numberView(own: FaxNumber | NumberSubaddress): NumberView {
  const subaddress = 'subaddress' in own ? own.subaddress : null;
  return { number: own.number, subaddress, label: own.label, createdAt: isoTime(own.createdAt) };
}

/** A number as administrators see it, with those of `subaddresses` that are its own. */
export function heldNumberView(held: FaxNumber, subaddresses: readonly NumberSubaddress[]): HeldNumberView {
  const { number, account, label, createdAt, subaddressOnly } = held;
  const own = subaddresses.filter((one) => one.number === number);
  return {
    ...{ number, account, label, createdAt: isoTime(createdAt), subaddressOnly },
    subaddresses: own.map((one) => ({
      ...{ subaddress: one.subaddress, account: one.account, label: one.label },
      createdAt: isoTime(one.createdAt),
    })),
  };
}

/** A number at a carrier, and who of `held` has it here. */
export function carrierNumberView({ number, label }: CarrierNumber, held: readonly FaxNumber[]): CarrierNumberView {
  return { number, label, account: held.find((one) => one.number === number)?.account ?? null };
}
