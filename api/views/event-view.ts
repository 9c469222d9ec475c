import type { LedgerEvent } from '../../gateway/fax/event.ts';
import type { EventView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** A ledger entry as callers see it. */
export function eventView(event: LedgerEvent): EventView {
  const { id, seq, type, fax, at, data } = event;
  return { id, seq, type, fax, at: isoTime(at), data };
}
