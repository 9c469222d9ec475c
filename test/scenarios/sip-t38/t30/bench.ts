import assert from 'node:assert/strict';
import { partialPageFif } from '../../../../carrier-adapters/sip-t38/t30/ecm/partial-page.ts';
import type { Fcf } from '../../../../carrier-adapters/sip-t38/t30/frames/fcf.ts';
import { encodeSignal, type Frame, frame, parseFrame } from '../../../../carrier-adapters/sip-t38/t30/frames/frame.ts';
import { pps as ppsFrame } from '../../../../carrier-adapters/sip-t38/t30/frames/post-message.ts';
import type { LineCommand, LineEvent, Modem } from '../../../../carrier-adapters/sip-t38/t30/line.ts';
import type { T30Input, T30Machine, T30Output } from '../../../../carrier-adapters/sip-t38/t30/machine.ts';
import { Agenda } from './clock.ts';
import { Station } from './station.ts';

/** A signal of the far station in a script: frames, or the names of frames without a FIF. */
export type Signal = readonly (Frame | Fcf)[];

/** Milliseconds of a control signal of the script. */
const SIGNAL = 1_300;

/** One machine with a far station that follows a script. Lengths of transmissions are those of an ideal line. */
export class Bench {
  readonly agenda = new Agenda();
  readonly station: Station;
  /** X of the far station's frames. */
  readonly #x: boolean;
  #seen = 0;

  constructor(machine: T30Machine, farStationReceivedDis: boolean) {
    this.#x = farStationReceivedDis;
    this.station = new Station(machine, this.agenda, () => {});
    this.station.start();
  }

  get now(): number {
    return this.agenda.now;
  }

  get outcome(): string | null {
    return this.station.outcome;
  }

  /** Lets time pass, with all that becomes due in it. */
  pass(milliseconds: number): this {
    const until = this.agenda.now + milliseconds;
    for (let steps = 0; this.agenda.step(until); steps++) assert.ok(steps < 100_000, 'the machine spins');
    this.agenda.now = until;
    return this;
  }

  /** Lets time pass until the machine has nothing under way. */
  quiet(): this {
    for (let i = 0; this.station.busy; i++) {
      assert.ok(i < 10_000, 'the machine never falls silent');
      this.pass(50);
    }
    return this;
  }

  /** The far station says a signal, as soon as the machine is silent. */
  hear(...signal: Signal): this {
    this.quiet().pass(75);
    return this.hearNow(...signal);
  }

  /** The far station says a signal now, whatever the machine does. */
  hearNow(...signal: Signal): this {
    const frames = signal.map((one) => (typeof one === 'string' ? frame(one) : one));
    this.event({ type: 'carrier', modem: 'V.21' });
    this.pass(SIGNAL);
    for (const octets of encodeSignal(frames, this.#x)) this.event({ type: 'frame', octets, good: true });
    return this.event({ type: 'no_carrier' });
  }

  /** A signal whose frames are all damaged. */
  hearNoise(): this {
    this.quiet().event({ type: 'carrier', modem: 'V.21' });
    this.pass(SIGNAL).event({ type: 'frame', octets: Uint8Array.of(0xff, 0xc8, 0x31), good: false });
    return this.event({ type: 'no_carrier' });
  }

  /** The far station sends data: TCF, or a page without error correction. */
  data(modem: Modem, octets: Uint8Array): this {
    this.quiet().event({ type: 'carrier', modem });
    this.pass((octets.length * 8_000) / modem.rate).event({ type: 'data', octets });
    return this.event({ type: 'no_carrier' });
  }

  /** TCF as it should be. */
  trainingCheck(modem: Modem): this {
    return this.data(modem, new Uint8Array((modem.rate * 1.5) / 8));
  }

  /** The far station sends frames of ECM. */
  partialPage(modem: Modem, frames: readonly Uint8Array[]): this {
    this.quiet().event({ type: 'carrier', modem });
    for (const octets of frames) {
      this.pass((octets.length * 8_000) / modem.rate);
      this.event({ type: 'frame', octets, good: true });
    }
    return this.event({ type: 'no_carrier' });
  }

  event(event: LineEvent): this {
    this.station.hear(event);
    return this;
  }

  tell(input: T30Input): this {
    this.station.tell(input);
    return this;
  }

  /** What the machine has sent since the last time, by name: `DCS+TCF`, `image`, `MPS`. */
  said(): string[] {
    const commands = this.commands().slice(this.#seen);
    this.#seen += commands.length;
    return commands.flatMap(nameOfCommand);
  }

  /** All commands to the line so far. */
  commands(): LineCommand[] {
    return this.station.of('line').map(({ command }) => command);
  }

  /** The last output of a type. */
  last<T extends T30Output['type']>(type: T): Extract<T30Output, { readonly type: T }> | undefined {
    return this.station.last(type);
  }
}

/** PPS of a partial page. */
export function pps(after: 'NULL' | 'MPS' | 'EOM' | 'EOP', page: number, block: number, frames: number): Frame {
  return ppsFrame(after, partialPageFif({ page, block, frames }));
}

function nameOfCommand(command: LineCommand): string[] {
  switch (command.do) {
    case 'control':
      return [command.frames.map((octets) => parseFrame(octets)?.fcf ?? '?').join('+')];
    case 'training':
      return [`TCF ${command.modem.rate}`];
    case 'image':
    case 'ecm':
      return [`${command.do} ${command.modem.rate}${command.short ? ' short' : ''}`];
    case 'tone':
      return [command.tone];
    case 'stop':
      return ['stop'];
    default:
      return [];
  }
}
