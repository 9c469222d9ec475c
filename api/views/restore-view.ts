import type { z } from 'zod';
import type { RestoreHold } from '../../gateway/ports/restore-records.ts';
import type { RestoreView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** The hold after a restore, or that there is none. */
export function restoreView(hold: RestoreHold | null): z.infer<typeof RestoreView> {
  if (hold === null) return { held: false };
  const { backup, takenAt, restoredAt, ended } = hold;
  return { held: true, backup, takenAt: isoTime(takenAt), restoredAt: isoTime(restoredAt), ended };
}
