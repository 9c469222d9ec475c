/** Layers of a call, from the outside in; `call` are the gateway's own decisions. */
export const LADDER_LAYERS = ['sip', 'media', 't38', 't30', 'call'] as const;
export type LadderLayer = (typeof LADDER_LAYERS)[number];

/**
 * One step of a call as it was seen on the line. Signals are the documents' own names (`INVITE`, `DIS`, `PPS-EOP`). Neither
 * field ever holds a number, a name or page content.
 */
export interface LadderStep {
  /** Milliseconds since the call began. */
  readonly at: number;
  /** `none`: nothing crossed the line, e.g. a timer ran out. */
  readonly direction: 'sent' | 'heard' | 'none';
  readonly layer: LadderLayer;
  readonly signal: string;
  readonly info: string | null;
}

/** Every step of a call, for whoever has to find out why it went as it did. */
export interface CallLadder {
  readonly steps: readonly LadderStep[];
  /** Steps that were left out of the middle of a very long call; they stood before `steps[cut]`. */
  readonly left: number;
  /** Index of the first step after those that were left out; `steps.length` when none were. */
  readonly cut: number;
}

/** What a ladder is made of while the call lasts. */
export interface LadderRecorder {
  /** @param now ms of any one clock; the first step is at 0 */
  add(now: number, step: Pick<LadderStep, 'direction' | 'layer' | 'signal'> & { readonly info?: string | null }): void;
  ladder(): CallLadder;
}

/** Steps kept of the beginning and of the end of a call: fifty pages with error correction need fewer. */
const HEAD = 400;
const TAIL = 200;
const LONGEST_SIGNAL = 40;
const LONGEST_INFO = 120;

/** A recorder whose memory is bounded, whatever the far side does. */
export function createLadder(): LadderRecorder {
  const head: LadderStep[] = [];
  const tail: LadderStep[] = [];
  let left = 0;
  let start: number | undefined;
  return {
    add(now, { direction, layer, signal, info = null }) {
      start ??= now;
      const step: LadderStep = {
        at: Math.max(0, Math.round(now - start)),
        direction,
        layer,
        signal: printable(signal, LONGEST_SIGNAL),
        info: info === null || info === '' ? null : printable(info, LONGEST_INFO),
      };
      if (head.length < HEAD) head.push(step);
      else if (tail.push(step) > TAIL) {
        tail.shift();
        left++;
      }
    },
    ladder: () => ({ steps: [...head, ...tail], left, cut: left === 0 ? head.length + tail.length : head.length }),
  };
}

/**
 * Ladders of tries that were one call, each with the ms between the beginning of the call and its own; before every later
 * one stands a step that says so. Only the last one may be long.
 */
export function joinLadders(tries: readonly { readonly ladder: CallLadder; readonly at: number }[]): CallLadder {
  const steps: LadderStep[] = [];
  let [left, cut] = [0, 0];
  for (const [place, { ladder, at }] of tries.entries()) {
    if (place > 0) steps.push({ at, direction: 'none', layer: 'call', signal: 'next trunk', info: null });
    left = ladder.left;
    cut = steps.length + ladder.cut;
    steps.push(...ladder.steps.map((step) => ({ ...step, at: step.at + at })));
  }
  return { steps, left, cut };
}

/** Peers name reasons in their own words: one line of visible ASCII is kept of it, and no run of digits that may be a number. */
function printable(text: string, longest: number): string {
  return text
    .slice(0, 4 * longest)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/\+?\d{7,}/g, '…')
    .slice(0, longest);
}
