import type { StepUp } from '../client/browser.ts';

/** The gateway asks again who is there; the person answers in the dialog, or leaves it. */
export interface StepUpQuestion {
  answer(outcome: 'proven' | null): void;
}

/** Between the SDK, which has to know who is there, and the dialog that asks. */
export interface StepUpDesk {
  readonly ask: StepUp;
  /** Tells of each question, and of its end; until the answer is called. */
  listen(show: (question: StepUpQuestion | undefined) => void): () => void;
}

/** @see StepUpDesk */
export function createStepUpDesk(): StepUpDesk {
  let shown: ((question: StepUpQuestion | undefined) => void) | undefined;
  return {
    ask: () =>
      new Promise((resolve) => {
        // Before the first page is there nobody could answer.
        if (shown === undefined) return resolve(null);
        shown({
          answer(outcome) {
            shown?.(undefined);
            resolve(outcome);
          },
        });
      }),
    listen(show) {
      shown = show;
      return () => {
        shown = undefined;
      };
    },
  };
}
