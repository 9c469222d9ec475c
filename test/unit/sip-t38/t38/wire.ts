import type { LineCommand, LineEvent } from '../../../../carrier-adapters/sip-t38/t30/line.ts';
import { decodeIfp, encodeIfp, type Ifp } from '../../../../carrier-adapters/sip-t38/t38/ifp.ts';
import { T38Terminal } from '../../../../carrier-adapters/sip-t38/t38/terminal.ts';
import type {
  TerminalInput,
  TerminalOptions,
  TerminalOutput,
} from '../../../../carrier-adapters/sip-t38/t38/terminal-io.ts';

/** Settings of the tests: those of the captures. */
export const OPTIONS: TerminalOptions = { syntax: '1998', pace: 'gateway', maxIfp: 300 };

/** Something at a time, ms. */
export interface At<T> {
  readonly at: number;
  readonly what: T;
}

/** A terminal on a virtual clock that keeps what it says. */
export class Bench {
  readonly terminal: T38Terminal;
  readonly packets: At<Ifp>[] = [];
  readonly events: At<LineEvent>[] = [];
  readonly steps: string[] = [];
  readonly options: TerminalOptions;
  now: number;
  /** Where its packets go, as they leave. */
  onPacket: (ifp: Uint8Array, now: number) => void = () => {};

  constructor(options: Partial<TerminalOptions> = {}, now = 0) {
    this.options = { ...OPTIONS, ...options };
    this.now = now;
    this.terminal = new T38Terminal(this.options, now);
  }

  tell(input: TerminalInput, now = this.now): void {
    this.now = now;
    for (const output of this.terminal.handle(input, now)) this.#keep(output);
  }

  command(command: LineCommand, now = this.now): void {
    this.tell({ type: 'command', command }, now);
  }

  /** A packet as the far end would write it. */
  hear(ifp: Ifp, now = this.now, lost = 0): void {
    this.tell({ type: 'packet', ifp: encodeIfp(ifp, this.options.syntax), lost }, now);
  }

  /** Lets time pass, deadline by deadline. */
  until(time: number): void {
    while (this.terminal.deadline <= time) this.tell({ type: 'time' }, this.terminal.deadline);
    this.now = time;
  }

  /** Lets time pass until all that was asked for has left. */
  drain(): void {
    while (!this.terminal.idle) this.tell({ type: 'time' }, this.terminal.deadline);
  }

  /** The events without their times, `data` joined. */
  get heard(): LineEvent[] {
    return joined(this.events.map(({ what }) => what));
  }

  #keep(output: TerminalOutput): void {
    if (output.type === 'line') this.events.push({ at: this.now, what: output.event });
    else if (output.type === 'step') this.steps.push(`${output.direction} ${output.signal}`);
    else {
      const ifp = decodeIfp(output.ifp, this.options.syntax);
      if (ifp === null) throw new Error('the terminal said what it cannot read');
      this.packets.push({ at: this.now, what: ifp });
      this.onPacket(output.ifp, this.now);
    }
  }
}

/** `data` events that follow each other made one, but for those behind a gap. */
export function joined(events: readonly LineEvent[]): LineEvent[] {
  const all: LineEvent[] = [];
  for (const event of events) {
    const before = all.at(-1);
    if (event.type === 'data' && event.gap === undefined && before?.type === 'data') {
      all[all.length - 1] = { ...before, octets: new Uint8Array(Buffer.concat([before.octets, event.octets])) };
    } else all.push(event);
  }
  return all;
}

/** Octets that look like a page: no two chunks of them are alike. */
export function pageOctets(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 2_654_435_761) >>> 11);
}
