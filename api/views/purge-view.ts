import type { CarrierPurge } from '../../gateway/ports/purge-records.ts';
import type { PurgeView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** The erasure of a carrier's copy as administrators see it. */
export function purgeView(purge: CarrierPurge): PurgeView {
  const { call, fax, account, carrier, outcome, detail, tries } = purge;
  const times = { answeredAt: isoTimeOrNull(purge.answeredAt), nextAt: isoTimeOrNull(purge.nextAt) };
  return { call, fax, account, carrier, outcome, detail, tries, since: isoTime(purge.since), ...times };
}
