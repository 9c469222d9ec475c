import { copied } from '../octets.ts';
import type { LineEvent } from '../t30/line.ts';
import type { Field, FieldType } from './field.ts';
import { decodeIfp, type Ifp, type IfpSyntax } from './ifp.ts';
import type { Indicator } from './indicator.ts';
import { type Carrier, carrierOfData, carrierOfIndicator } from './modems.ts';
import type { TerminalOutput } from './terminal-io.ts';
import { SIGNAL_TIMEOUT, TRAINING_TIMEOUT } from './timings.ts';

/** Octets of the longest frame that is taken; FCD has 260, NSF may be long. What is longer counts as bad. */
const MAX_FRAME = 512;
/** Packets of the shortest signal: its indicator three times, a field of data, and the silence behind it. */
const WHOLE_SIGNAL = 5;
const NO_OCTETS = new Uint8Array(0);
/** Octets of a control frame that begins at its beginning: address, then control (T.30 §5.3.4 and §5.3.5). */
const ADDRESS = 0xff;
const CONTROLS: ReadonlySet<number | undefined> = new Set([0xc0, 0xc8]);

/** What fields say (T.38 §7.4). Peers are known that end a page by the field of frames, or the other way round. */
const BITS: ReadonlySet<FieldType> = new Set<FieldType>(['t4-non-ecm-data', 't4-non-ecm-sig-end']);
const GOOD_ENDS: ReadonlySet<FieldType> = new Set<FieldType>(['hdlc-fcs-OK', 'hdlc-fcs-OK-sig-end']);
const FRAME_ENDS: ReadonlySet<FieldType> = new Set<FieldType>([...GOOD_ENDS, 'hdlc-fcs-BAD', 'hdlc-fcs-BAD-sig-end']);
const SIGNAL_ENDS: ReadonlySet<FieldType> = new Set<FieldType>([
  'hdlc-sig-end',
  'hdlc-fcs-OK-sig-end',
  'hdlc-fcs-BAD-sig-end',
  't4-non-ecm-sig-end',
]);

/** How the last signal ended: by its own last field, by silence or another signal, or by a time-out. */
type Ended = 'field' | 'indicator' | 'timeout';

/** The hearing half of a terminal: IFP packets in, signals of the line out. */
export class Receiver {
  readonly #syntax: IfpSyntax;
  /** The signal that is heard; null: none. */
  #carrier: Carrier | null = null;
  /** Data of this signal have come. */
  #hasData = false;
  /** Among them bits of a page or of TCF. */
  #hasBits = false;
  #last: { readonly carrier: Carrier | null; readonly ended: Ended } = { carrier: null, ended: 'indicator' };
  #indicator: Indicator = 'no-signal';
  #deadline: number | null = null;
  readonly #frame = new Uint8Array(MAX_FRAME);
  #length = 0;
  /** Octets of the frame are missing. */
  #broken = false;
  /** Packets that were lost since the last field: where the next frame begins is not sure. */
  #gap = 0;

  constructor(syntax: IfpSyntax) {
    this.#syntax = syntax;
  }

  /** When the signal that is heard will be taken for ended. */
  get deadline(): number | null {
    return this.#deadline;
  }

  /** Zeroes the frame that is being heard; nothing is heard afterwards. */
  close(): void {
    this.#dropFrame();
  }

  /** The next packet in order; `lost` ones right before it are gone. */
  take(octets: Uint8Array, lost: number, now: number, out: TerminalOutput[]): void {
    if (lost > 0) this.#miss(lost);
    if (lost >= WHOLE_SIGNAL && this.#carrier === null) event({ type: 'outage' }, out);
    const ifp = decodeIfp(octets, this.#syntax);
    // What cannot be read is as good as lost.
    if (ifp === null) this.#miss(1);
    else if (ifp.kind === 'indicator') this.#indicated(ifp.indicator, now, out);
    else this.#data(ifp, now, out);
  }

  /** The deadline may have come. */
  time(now: number, out: TerminalOutput[]): void {
    if (this.#deadline === null || now < this.#deadline) return;
    this.#miss(1);
    this.#end('timeout', out);
  }

  #miss(packets: number): void {
    this.#gap += packets;
    if (this.#length > 0) this.#broken = true;
  }

  #indicated(indicator: Indicator, now: number, out: TerminalOutput[]): void {
    const carrier = carrierOfIndicator(indicator);
    if (carrier !== undefined && this.#goesOn(carrier)) return;
    const repeated = indicator === this.#indicator && carrier === undefined;
    this.#indicator = indicator;
    if (repeated && this.#carrier === null) return;
    this.#end('indicator', out);
    this.#gap = 0;
    if (carrier !== undefined) this.#begin(carrier, now, out);
    else if (indicator === 'cng') tone('cng', out);
    else if (indicator === 'ced' || indicator === 'v8-ansam') tone('ced', out);
    if (indicator !== 'no-signal') out.push({ type: 'step', direction: 'heard', signal: indicator });
  }

  /** Indicators come several times; a preamble may also come between the frames of one signal (T.38 §7.3.1). */
  #goesOn(carrier: Carrier): boolean {
    if (this.#carrier !== carrier) return false;
    // What was lost before a copy of the indicator was no data.
    if (!this.#hasData) this.#gap = 0;
    return !this.#hasData || (carrier === 'V.21' && this.#length === 0);
  }

  #data({ dataType, fields }: Extract<Ifp, { kind: 'data' }>, now: number, out: TerminalOutput[]): void {
    const carrier = carrierOfData(dataType);
    if (carrier === undefined) return;
    for (const field of fields) if (this.#belongs(field, carrier, now, out)) this.#field(field, now, out);
  }

  /** Whether a field is to be heard; data whose indicator did not come begin their signal by themselves. */
  #belongs({ type, data }: Field, carrier: Carrier, now: number, out: TerminalOutput[]): boolean {
    if (this.#carrier === carrier) return true;
    if (data === null || this.#trails(type, carrier)) return false;
    this.#end('indicator', out);
    this.#begin(carrier, now, out);
    return true;
  }

  /** Some gateways go on for a moment with the bits of a page or of TCF after they have said its end. */
  #trails(type: FieldType, carrier: Carrier): boolean {
    const { carrier: last, ended } = this.#last;
    return BITS.has(type) && this.#carrier === null && this.#gap === 0 && last === carrier && ended === 'field';
  }

  #field({ type, data }: Field, now: number, out: TerminalOutput[]): void {
    if (data !== null) {
      this.#hasData = true;
      this.#deadline = now + SIGNAL_TIMEOUT;
      if (type === 'hdlc-data') this.#collect(data);
      else if (BITS.has(type)) this.#bits(data, out);
    }
    if (FRAME_ENDS.has(type)) this.#frameEnd(GOOD_ENDS.has(type), out);
    if (SIGNAL_ENDS.has(type)) this.#end('field', out);
  }

  #collect(data: Uint8Array): void {
    const room = MAX_FRAME - this.#length;
    if (data.length > room) this.#broken = true;
    this.#frame.set(data.length > room ? data.subarray(0, room) : data, this.#length);
    this.#length += Math.min(data.length, room);
  }

  #bits(data: Uint8Array, out: TerminalOutput[]): void {
    if (this.#carrier === 'V.21') return;
    this.#hasBits = true;
    event({ type: 'data', octets: data, ...(this.#gap > 0 ? { gap: this.#gap } : {}) }, out);
    this.#gap = 0;
  }

  #frameEnd(good: boolean, out: TerminalOutput[]): void {
    if (this.#length > 0 || this.#gap > 0) {
      const octets = copied(this.#frame.subarray(0, this.#length));
      event({ type: 'frame', octets, good: good && !this.#broken && this.#isWhole() }, out);
    }
    this.#dropFrame();
    this.#broken = false;
    this.#gap = 0;
  }

  #dropFrame(): void {
    this.#frame.fill(0, 0, this.#length);
    this.#length = 0;
  }

  /**
   * After a loss between two frames the beginning of the second may be missing. A control frame shows by its first two
   * octets that it is not; no other frame is believed.
   */
  #isWhole(): boolean {
    return (
      this.#gap === 0 ||
      (this.#carrier === 'V.21' && this.#frame[0] === ADDRESS && CONTROLS.has(this.#frame[1]) && this.#length > 2)
    );
  }

  #begin(carrier: Carrier, now: number, out: TerminalOutput[]): void {
    this.#carrier = carrier;
    this.#hasData = false;
    this.#hasBits = false;
    this.#deadline = now + TRAINING_TIMEOUT;
    event({ type: 'carrier', modem: carrier }, out);
  }

  #end(ended: Ended, out: TerminalOutput[]): void {
    if (this.#carrier === null) return;
    if (this.#length > 0) {
      this.#broken = true;
      this.#frameEnd(false, out);
    }
    if (this.#hasBits && this.#gap > 0) event({ type: 'data', octets: NO_OCTETS, gap: this.#gap }, out);
    this.#last = { carrier: this.#carrier, ended };
    this.#carrier = null;
    this.#deadline = null;
    if (ended !== 'indicator') this.#indicator = 'no-signal';
    event({ type: 'no_carrier' }, out);
  }
}

function tone(name: 'cng' | 'ced', out: TerminalOutput[]): void {
  event({ type: 'tone', tone: name }, out);
}

function event(event: LineEvent, out: TerminalOutput[]): void {
  out.push({ type: 'line', event });
}
