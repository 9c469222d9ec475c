import type { T38Terms } from '../sdp/media.ts';
import type { LineEvent } from '../t30/line.ts';
import type { T30Input, T30Machine, T30Output } from '../t30/machine.ts';
import { syntaxOf } from '../t38/ifp.ts';
import { T38Terminal } from '../t38/terminal.ts';
import type { Pace, TerminalInput, TerminalOutput } from '../t38/terminal-io.ts';
import type { Recovery } from '../udptl/options.ts';
import { UdptlReceiver } from '../udptl/receiver.ts';
import { UdptlSender } from '../udptl/sender.ts';
import { earliest, isDue } from './deadline.ts';

/** What the stream wants done, and what the procedure says; commands to its line stay inside. */
export type FaxStreamOutput =
  /** The receiver owns the datagram, and zeroes it once it has left. */
  | { readonly type: 'datagram'; readonly datagram: Uint8Array }
  | { readonly type: 'procedure'; readonly output: Exclude<T30Output, { readonly type: 'line' }> }
  | { readonly type: 'step'; readonly direction: 'sent' | 'heard'; readonly signal: string }
  /** The first octets of a page are about to leave. */
  | { readonly type: 'image' };

/** A T.30 machine on a line of T.38 over UDPTL, from the switch to T.38 to the end of the call. */
export class FaxStream {
  readonly #machine: T30Machine;
  readonly #terminal: T38Terminal;
  readonly #sender: UdptlSender;
  readonly #receiver = new UdptlReceiver();
  #out: FaxStreamOutput[] = [];

  /** @param pace `internet` only where both ends are known to be Internet-aware; the machine may find it out in the call */
  constructor(
    machine: T30Machine,
    { version, maxDatagram }: T38Terms,
    recovery: Recovery,
    now: number,
    pace: Pace = 'gateway',
  ) {
    this.#machine = machine;
    this.#sender = new UdptlSender({ recovery, maxDatagram });
    this.#terminal = new T38Terminal({ syntax: syntaxOf(version), pace, maxIfp: this.#sender.maxIfp }, now);
  }

  get deadline(): number | null {
    return earliest([this.#machine.deadline, this.#terminal.deadline, this.#receiver.deadline]);
  }

  /** Nothing is left to be sent. */
  get idle(): boolean {
    return this.#terminal.idle;
  }

  start(now: number): FaxStreamOutput[] {
    this.#procedure(this.#machine.start(now), now);
    return this.#taken();
  }

  /** A datagram of the far side. */
  datagram(datagram: Uint8Array, now: number): FaxStreamOutput[] {
    this.#receive(datagram, now);
    return this.#taken();
  }

  /** A word to the procedure. */
  input(input: T30Input, now: number): FaxStreamOutput[] {
    this.#procedure(this.#machine.handle(input, now), now);
    return this.#taken();
  }

  time(now: number): FaxStreamOutput[] {
    if (isDue(this.#receiver.deadline, now)) this.#receive(null, now);
    if (isDue(this.#terminal.deadline, now)) this.#line({ type: 'time' }, now);
    if (isDue(this.#machine.deadline, now)) this.#procedure(this.#machine.handle({ type: 'time' }, now), now);
    return this.#taken();
  }

  /** The call is over: whatever carried octets of a page is zeroed. The stream must not be used afterwards. */
  close(now: number): void {
    // What it says then, nobody asks for any more; a receiver zeroes the frames of an open partial page.
    this.#machine.handle({ type: 'lost' }, now);
    this.#terminal.close();
    this.#sender.close();
    this.#receiver.close();
  }

  #receive(datagram: Uint8Array | null, now: number): void {
    for (const { ifp, lost } of this.#receiver.handle(datagram, now)) this.#line({ type: 'packet', ifp, lost }, now);
  }

  #line(input: TerminalInput, now: number): void {
    const outputs: readonly TerminalOutput[] = this.#terminal.handle(input, now);
    for (const output of outputs) {
      if (output.type === 'packet') this.#out.push({ type: 'datagram', datagram: this.#sender.datagram(output.ifp) });
      else if (output.type === 'step') this.#out.push(output);
      else this.#heard(output.event, now);
    }
  }

  #heard(event: LineEvent, now: number): void {
    this.#procedure(this.#machine.handle({ type: 'line', event }, now), now);
    if (event.type === 'frame') event.octets.fill(0);
  }

  #procedure(outputs: readonly T30Output[], now: number): void {
    for (const output of outputs) {
      if (output.type !== 'line') {
        this.#out.push({ type: 'procedure', output });
        continue;
      }
      const { command } = output;
      if (command.do === 'image' || command.do === 'ecm') this.#out.push({ type: 'image' });
      this.#line({ type: 'command', command }, now);
    }
  }

  #taken(): FaxStreamOutput[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }
}
