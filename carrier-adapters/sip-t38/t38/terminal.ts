import { Receiver } from './receiver.ts';
import type { TerminalInput, TerminalOptions, TerminalOutput } from './terminal-io.ts';
import { isTransmission, Transmitter } from './transmitter.ts';

const NOTHING: readonly TerminalOutput[] = [];

/**
 * The line of a T.30 machine, carried by IFP packets: a facsimile terminal in the sense of T.38 that speaks to a gateway or to
 * another terminal. It says `no-signal` at once and then now and then, so that the far end learns where we are.
 * Nothing that a peer sends makes it throw, and what it keeps is bounded.
 */
export class T38Terminal {
  readonly #transmitter: Transmitter;
  readonly #receiver: Receiver;

  /** `now`: the first time, milliseconds as in all others. */
  constructor(options: TerminalOptions, now: number) {
    this.#transmitter = new Transmitter(options, now);
    this.#receiver = new Receiver(options.syntax);
  }

  /** When `time` is due. */
  get deadline(): number {
    const { deadline } = this.#transmitter;
    return Math.min(deadline, this.#receiver.deadline ?? deadline);
  }

  /** Everything asked for has left, and the silence after it as often as it is told. */
  get idle(): boolean {
    return this.#transmitter.idle;
  }

  /** Zeroes what has not left and what has come of a frame; the terminal must not be used afterwards. */
  close(): void {
    this.#transmitter.close();
    this.#receiver.close();
  }

  /** Packets and events in the order in which they happen. */
  handle(input: TerminalInput, now: number): readonly TerminalOutput[] {
    const out: TerminalOutput[] = [];
    this.#receiver.time(now, out);
    if (input.type === 'packet') {
      this.#receiver.take(input.ifp, input.lost, now, out);
      if (out.some(isCarrier)) this.#transmitter.hush(now);
    } else if (input.type === 'command') {
      if (isTransmission(input.command)) this.#transmitter.send(input.command, now);
      else if (input.command.do === 'stop') this.#transmitter.stop(now);
      else if (input.command.do === 'hasten') this.#transmitter.pace = 'internet';
    }
    this.#transmitter.run(now, out);
    return out.length === 0 ? NOTHING : out;
  }
}

function isCarrier(output: TerminalOutput): boolean {
  return output.type === 'line' && output.event.type === 'carrier';
}
