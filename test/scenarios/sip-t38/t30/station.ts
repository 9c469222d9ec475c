import type { LineCommand, LineEvent } from '../../../../carrier-adapters/sip-t38/t30/line.ts';
import type { T30Input, T30Machine, T30Output } from '../../../../carrier-adapters/sip-t38/t30/machine.ts';
import type { Agenda } from './clock.ts';
import { PAUSE, transmissionOf } from './line.ts';

/** What a station's line carries to the far end. */
export type Carry = (event: LineEvent) => void;

/** A T.30 machine on a virtual clock, with a line that takes as long as a real one. */
export class Station {
  readonly machine: T30Machine;
  /** Everything that the machine has put out, with its time. */
  readonly log: { readonly at: number; readonly output: T30Output }[] = [];
  readonly #agenda: Agenda;
  readonly #carry: Carry;
  readonly #onOutput: (output: T30Output) => void;
  #queue: LineCommand[] = [];
  /** Takes back what is left of the transmission under way. */
  #underWay: (() => void)[] | null = null;
  #alarm: (() => void) | null = null;

  constructor(machine: T30Machine, agenda: Agenda, carry: Carry, onOutput: (output: T30Output) => void = () => {}) {
    this.machine = machine;
    this.#agenda = agenda;
    this.#carry = carry;
    this.#onOutput = onOutput;
  }

  /** A transmission is under way. */
  get busy(): boolean {
    return this.#underWay !== null;
  }

  start(): void {
    this.#take(this.machine.start(this.#agenda.now));
  }

  tell(input: T30Input): void {
    this.#take(this.machine.handle(input, this.#agenda.now));
  }

  hear(event: LineEvent): void {
    this.tell({ type: 'line', event });
  }

  /** Outputs of one type, in order. */
  of<T extends T30Output['type']>(type: T): Extract<T30Output, { readonly type: T }>[] {
    return this.log.flatMap(({ output }) => (isOf(output, type) ? [output] : []));
  }

  /** The last output of one type. */
  last<T extends T30Output['type']>(type: T): Extract<T30Output, { readonly type: T }> | undefined {
    return this.of(type).at(-1);
  }

  /** How the call ended, once it has. */
  get outcome(): string | null {
    return this.of('over')[0]?.outcome ?? null;
  }

  /** Signals of the ladder. */
  steps(direction: 'sent' | 'heard'): string[] {
    return this.of('step').flatMap((step) => (step.direction === direction ? [step.signal] : []));
  }

  #take(outputs: readonly T30Output[]): void {
    for (const output of outputs) this.log.push({ at: this.#agenda.now, output });
    for (const output of outputs) {
      if (output.type === 'line') this.#command(output.command);
      else this.#onOutput(output);
    }
    this.#setAlarm();
  }

  #setAlarm(): void {
    this.#alarm?.();
    const { deadline } = this.machine;
    this.#alarm =
      deadline === null
        ? null
        : this.#agenda.at(Math.max(deadline, this.#agenda.now), () => {
            this.#alarm = null;
            this.tell({ type: 'time' });
          });
  }

  #command(command: LineCommand): void {
    if (command.do === 'stop') this.#stop();
    else if (transmissionOf(command) !== null) {
      this.#queue.push(command);
      if (this.#underWay === null) this.#next();
    }
  }

  #stop(): void {
    this.#queue = [];
    if (this.#underWay === null) return;
    for (const takeBack of this.#underWay) takeBack();
    this.#underWay = null;
    this.#carry({ type: 'no_carrier' });
  }

  #next(): void {
    const command = this.#queue.shift();
    const transmission = command === undefined ? null : transmissionOf(command);
    if (transmission === null) {
      this.#underWay = null;
      return;
    }
    const begin = this.#agenda.now + PAUSE;
    const entries = transmission.heard.map(({ at, event }) => this.#agenda.at(begin + at, () => this.#carry(event)));
    const end = this.#agenda.at(begin + transmission.length, () => {
      this.#next();
      this.hear({ type: 'sent' });
    });
    this.#underWay = [...entries, end];
  }
}

function isOf<T extends T30Output['type']>(
  output: T30Output,
  type: T,
): output is Extract<T30Output, { readonly type: T }> {
  return output.type === type;
}
