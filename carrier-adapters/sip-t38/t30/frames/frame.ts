import { T30Error } from '../errors.ts';
import { type Fcf, fcfOctet, fcfOf } from './fcf.ts';

// A frame of the control channel (T.30 §5.3), without flags and FCS, in order of transmission:
//
//    0 address FF   1 control C0, or C8 for the last one of a signal   2 FCF   3 FIF

/** A frame as the phases see it. */
export interface Frame {
  readonly fcf: Fcf;
  readonly fif: Uint8Array;
}

/** A frame that was heard. */
export interface HeardFrame extends Frame {
  /** The last one of its signal. */
  readonly final: boolean;
}

const ADDRESS = 0xff;
const CONTROL = 0xc0;
const FINAL = 0x08;
const FIF_AT = 3;

/** Octets of the longest FIF taken: NSF has no limit of its own, and 3 s of V.21 are 112 octets (§5.3.1). */
export const MAX_FIF = 256;

const NOTHING = new Uint8Array();

/** A frame of nothing but its FCF, or with `fif`. */
export function frame(fcf: Fcf, fif: Uint8Array = NOTHING): Frame {
  if (fif.length > MAX_FIF) throw new T30Error('unfit_value', `a FIF of ${fif.length} octets`);
  return { fcf, fif };
}

/** The frames of one signal as octets; `x`: whether this station has received DIS, which a caller has. */
export function encodeSignal(frames: readonly Frame[], x: boolean): Uint8Array[] {
  return frames.map(({ fcf, fif }, i) => {
    const octets = new Uint8Array(FIF_AT + fif.length);
    octets.set([ADDRESS, i === frames.length - 1 ? CONTROL | FINAL : CONTROL, fcfOctet(fcf, x)]);
    octets.set(fif, FIF_AT);
    return octets;
  });
}

/** What a frame with a good FCS says; null when it is none of T.30's. Octets of the FIF over the longest one are left out. */
export function parseFrame(octets: Uint8Array): HeardFrame | null {
  const [address, control = 0, code] = octets;
  if (address !== ADDRESS || (control & ~FINAL) !== CONTROL || code === undefined) return null;
  const fcf = fcfOf(code);
  if (fcf === null) return null;
  return { fcf, final: (control & FINAL) !== 0, fif: octets.slice(FIF_AT, FIF_AT + MAX_FIF) };
}
