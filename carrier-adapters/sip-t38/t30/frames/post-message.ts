import { fcfOctet, fcfOf } from './fcf.ts';
import { type Frame, frame } from './frame.ts';

/** What follows a page: another one, phase B anew, or nothing. */
export type PostMessage = 'MPS' | 'EOM' | 'EOP';

/** What PPS and EOR say in their second FCF; `NULL`: another partial page of the same page. */
export type AfterBlock = PostMessage | 'NULL';

/** A post-message command as it was heard. */
export interface HeardPostMessage<T> {
  readonly after: T;
  /** PRI-…: the far station's operator wants to speak (T.30 §5.3.6.1.6). */
  readonly interrupt: boolean;
}

const NULL_FCF = 0x00;

/** PPS: its FIF is the second FCF and the three octets of the partial page (T.30 §A.4.3). */
export function pps(after: AfterBlock, place: Uint8Array): Frame {
  return frame('PPS', Uint8Array.of(secondFcf(after), ...place));
}

/** EOR: its FIF is the second FCF (T.30 §A.4.3). */
export function eor(after: AfterBlock): Frame {
  return frame('EOR', Uint8Array.of(secondFcf(after)));
}

/** What a frame without error correction says of what follows the page; null when it is no such command. */
export function postMessageOf({ fcf }: Frame): HeardPostMessage<PostMessage> | null {
  switch (fcf) {
    case 'MPS':
    case 'EOM':
    case 'EOP':
      return { after: fcf, interrupt: false };
    case 'PRI-MPS':
      return { after: 'MPS', interrupt: true };
    case 'PRI-EOM':
      return { after: 'EOM', interrupt: true };
    case 'PRI-EOP':
      return { after: 'EOP', interrupt: true };
    default:
      return null;
  }
}

/** What PPS or EOR says of what follows; null when its second FCF is cut off or unknown. */
export function afterBlockOf({ fif }: Frame): HeardPostMessage<AfterBlock> | null {
  const second = fif[0];
  if (second === undefined) return null;
  if ((second & 0x7f) === NULL_FCF) return { after: 'NULL', interrupt: false };
  const fcf = fcfOf(second);
  return fcf === null ? null : postMessageOf({ fcf, fif });
}

/** Second FCFs have the X bit of the sender of pages, 1. */
function secondFcf(after: AfterBlock): number {
  return after === 'NULL' ? NULL_FCF : fcfOctet(after, true);
}
