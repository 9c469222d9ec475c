import type { FaxNumber } from '../../gateway/fax/account.ts';
import type { NumberView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** A fax number as callers see it. */
export function numberView({ number, label, createdAt }: FaxNumber): NumberView {
  return { number, label, createdAt: isoTime(createdAt) };
}
