import type { CarrierHealthStatus, CarrierStatus } from '../../gateway/gateway.ts';
import type { BreakerChange, CarrierFigures } from '../../gateway/ports/carrier-health.ts';
import type { CarrierHealthView, CarrierHistoryView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** The health of a carrier as administrators see it, with its pause beside it. */
export function carrierHealthView(
  { breaker, since, figures }: CarrierHealthStatus,
  paused: CarrierStatus['paused'],
): CarrierHealthView {
  const { calls, answered } = figures;
  return {
    name: breaker.carrier,
    pausedSince: isoTimeOrNull(paused?.at ?? null),
    breaker: {
      phase: breaker.phase,
      since: breaker.since === 0 ? null : isoTime(breaker.since),
      until: isoTimeOrNull(breaker.until),
      reason: breaker.reason,
    },
    since: isoTime(since),
    figures: figuresView(figures),
    rates: {
      delivered: share(figures.delivered, calls),
      answered: share(answered, calls),
      faults: share(figures.faults, calls),
      unfit: share(figures.unfit, answered),
    },
  };
}

/** One change of a breaker. */
export function breakerChangeView(change: BreakerChange): CarrierHistoryView['changes'][number] {
  const { at, until, figures } = change;
  const shown = figures === null ? null : figuresView(figures);
  return { ...change, at: isoTime(at), until: isoTimeOrNull(until), figures: shown };
}

function figuresView({ lastDeliveredAt, causes, ...counts }: CarrierFigures): CarrierHealthView['figures'] {
  return { ...counts, lastDeliveredAt: isoTimeOrNull(lastDeliveredAt), causes: { ...causes } };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
