import { type HeardFrame, parseFrame } from '../frames/frame.ts';
import type { LineEvent, Modem } from '../line.ts';
import { SIGNAL_MAX, T2, TURN, WAIT_MAX } from '../timers.ts';
import type { Alarms } from './alarms.ts';

/** What a listener makes of the line. */
export type Heard =
  /** A control signal is complete: its good frames, none where all were damaged. */
  | { readonly what: 'signal'; readonly frames: readonly HeardFrame[] }
  | { readonly what: 'carrier'; readonly of: Carrier }
  | { readonly what: 'silence'; readonly of: Carrier | null }
  | { readonly what: 'data'; readonly octets: Uint8Array; readonly gap: number }
  /** A frame of the message channel, of ECM. */
  | { readonly what: 'message_frame'; readonly octets: Uint8Array; readonly good: boolean };

/** A signal's modem. */
export type Carrier = Modem | 'V.21';

/** Frames of one signal: NSF, CSI, PWD, SEP, SUB, DCS and their like together are fewer. */
const MAX_FRAMES = 16;

/** FCFs of the message channel, FCD and RCP (T.4 §A.4): no control frame has one of them, X bit or not. */
const FCD = 0x60;
const RCP = 0x61;

/** The wait for an answer or command as it is when no signal is being heard. */
interface Wait {
  readonly due: number;
  /** It ends then, whatever is heard. */
  readonly last: number;
  /** It goes on for so long behind each signal. */
  readonly anew: number;
}

/**
 * Makes control signals out of frames and carriers: a signal is acted upon when its carrier has gone, when another one
 * comes, or a moment after its final frame, so that a lost end of carrier costs no answer. While a control signal is
 * being heard, the wait for an answer stands still (T.30 §5.4.2, "response received?").
 */
export class Ear {
  readonly #alarms: Alarms;
  #carrier: Carrier | null = null;
  /** The signal that is being heard. */
  #frames: HeardFrame[] | null = null;
  #wait: Wait | null = null;

  constructor(alarms: Alarms) {
    this.#alarms = alarms;
  }

  /** The signal on the line. */
  get carrier(): Carrier | null {
    return this.#carrier;
  }

  /** Waits for an answer until `due`, longer if one is being heard then. */
  await(due: number): void {
    this.#wait = { due, last: due + WAIT_MAX, anew: 0 };
    this.#alarms.set('answer', due);
  }

  /**
   * Waits for a command for T2. A signal that could not be made out shows that the far station is there, and may have been
   * that command, which it will repeat: T2 begins anew.
   */
  awaitCommand(now: number): void {
    this.#wait = { due: now + T2, last: now + T2 + WAIT_MAX, anew: T2 };
    this.#alarms.set('answer', now + T2);
  }

  /** Nothing is waited for any more. */
  rest(): void {
    this.#wait = null;
    this.#alarms.clear('answer');
  }

  /** What has been heard so far of a signal is none of our business: it began while we were sending. */
  forget(): void {
    this.#frames = null;
    this.#alarms.clear('turn');
  }

  hear(event: LineEvent, now: number): Heard[] {
    switch (event.type) {
      case 'carrier':
        return [...this.#complete(now), ...this.#began(event.modem, now)];
      case 'tone':
        return [];
      case 'frame':
        return this.#frame(event.octets, event.good, now);
      case 'data':
        return [{ what: 'data', octets: event.octets, gap: event.gap ?? 0 }];
      case 'no_carrier':
        return [...this.#complete(now), this.#ended(now)];
      default:
        return [];
    }
  }

  /** The time of `turn` has come: the end of the carrier was lost. */
  turn(now: number): Heard[] {
    this.#carrier = null;
    return this.#complete(now);
  }

  #began(modem: Carrier, now: number): Heard[] {
    this.#carrier = modem;
    if (modem === 'V.21') this.#hold(now);
    return [{ what: 'carrier', of: modem }];
  }

  #ended(now: number): Heard {
    const of = this.#carrier;
    this.#carrier = null;
    this.#resume(now);
    return { what: 'silence', of };
  }

  #frame(octets: Uint8Array, good: boolean, now: number): Heard[] {
    if (isMessageFrame(octets)) return [{ what: 'message_frame', octets, good }];
    if (this.#carrier !== null && this.#carrier !== 'V.21') {
      if (!good) return [{ what: 'message_frame', octets, good }];
    }
    this.#frames ??= [];
    this.#hold(now);
    const frame = good ? parseFrame(octets) : null;
    if (frame === null || this.#frames.length >= MAX_FRAMES) return [];
    this.#frames.push(frame);
    if (frame.final) this.#alarms.set('turn', now + TURN);
    return [];
  }

  #complete(now: number): Heard[] {
    const frames = this.#frames;
    if (frames === null) return [];
    this.forget();
    this.#resume(now);
    return [{ what: 'signal', frames }];
  }

  #hold(now: number): void {
    const wait = this.#wait;
    if (wait !== null) this.#alarms.set('answer', Math.min(wait.last, Math.max(wait.due, now + SIGNAL_MAX)));
  }

  #resume(now: number): void {
    const wait = this.#wait;
    if (wait === null) return;
    const due = wait.anew === 0 ? wait.due : Math.min(wait.last, Math.max(wait.due, now + wait.anew));
    this.#wait = { ...wait, due };
    this.#alarms.set('answer', due);
  }
}

function isMessageFrame(octets: Uint8Array): boolean {
  return octets[2] === FCD || octets[2] === RCP;
}
