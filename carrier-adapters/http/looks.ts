import type { Clock } from '../../gateway/ports/clock.ts';

/** One look after the other, the next `ms` after the end of the one before. `look` never rejects. Answers how to stop. */
export function repeatLooks(clock: Clock, ms: number, look: () => Promise<void>): () => void {
  let open = true;
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(ms, () => {
      void look().finally(() => {
        if (open) next();
      });
    });
  };
  next();
  return () => {
    open = false;
    cancel();
  };
}
