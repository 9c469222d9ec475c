import type { CarrierStatus } from '../../gateway/gateway.ts';
import type { CarrierView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** A carrier as administrators see it. */
export function carrierView({ name, kind, calls, waiting, limits, paused }: CarrierStatus): CarrierView {
  const pause = paused === null ? null : { ...paused, at: isoTime(paused.at) };
  return { name, kind, calls, waiting, ...limits, paused: pause };
}
