import { z } from 'zod';
import { NumberText, Time } from './shape.ts';

/** A share of calls, 0 to 1; null where there was no call. */
const Share = z.number().min(0).max(1).nullable();

const Figures = z.object({
  calls: z.number().int(),
  delivered: z.number().int(),
  answered: z.number().int(),
  /** Answered, but no common mode or speed was found. */
  unfit: z.number().int(),
  /** Answered calls that are known to have run over T.38, and over audio. */
  overT38: z.number().int(),
  overAudio: z.number().int(),
  /** Ended by the carrier's own fault. */
  faults: z.number().int(),
  /** Milliseconds from the beginning of a call to its answer: half of them took no longer, and 95 of 100. */
  answerMedian: z.number().int().nullable(),
  answerP95: z.number().int().nullable(),
  lastDeliveredAt: Time.nullable(),
  /** Calls by what ended them. */
  causes: z.record(z.string(), z.number().int()),
});

const BreakerState = z.object({
  /** `open`: no calls; `trial`: one at a time; `closed`: as ever. */
  phase: z.enum(['closed', 'open', 'trial']),
  /** Of the last change; null when there was none. */
  since: Time.nullable(),
  /** When trial calls begin. */
  until: Time.nullable(),
  reason: z.string(),
});

/** How well a carrier works, and how far it is trusted. */
export const CarrierHealthView = z.object({
  name: z.string(),
  /** Since when somebody has stopped it by hand; null when nobody has. */
  pausedSince: Time.nullable(),
  breaker: BreakerState,
  /** The figures are of outbound calls that ended after. */
  since: Time,
  figures: Figures,
  /** Of all calls those delivered, answered, ended by its fault; of the answered ones those that found no common mode. */
  rates: z.object({ delivered: Share, answered: Share, faults: Share, unfit: Share }),
});
export type CarrierHealthView = z.infer<typeof CarrierHealthView>;
export const CarrierHealthList = z.object({ items: z.array(CarrierHealthView) });

/** The same of one carrier, with the changes of its breaker, newest first. */
export const CarrierHistoryView = CarrierHealthView.extend({
  changes: z.array(
    z.object({
      at: Time,
      phase: z.enum(['closed', 'open']),
      until: Time.nullable(),
      reason: z.string(),
      /** `gateway`, or the id of the user who did it by hand. */
      by: z.string(),
      /** What the decision was made from. */
      figures: Figures.nullable(),
    }),
  ),
});
export type CarrierHistoryView = z.infer<typeof CarrierHistoryView>;

/** What calls have taught about a number, in words; nothing known, nothing there. */
export const LessonsView = z.object({
  number: z.string(),
  lessons: z.array(z.string()),
  /** When it is forgotten, unless a call confirms it. */
  expiresAt: Time.nullable(),
});
export type LessonsView = z.infer<typeof LessonsView>;
export const LessonsParams = z.object({ number: NumberText });
