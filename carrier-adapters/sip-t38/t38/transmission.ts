import type { LineCommand, Modem } from '../t30/line.ts';
import type { DataType } from './data-type.ts';
import type { FieldType } from './field.ts';
import { encodeIfp } from './ifp.ts';
import type { Indicator } from './indicator.ts';
import { namesOf } from './modems.ts';
import type { TerminalOptions, TerminalOutput } from './terminal-io.ts';
import {
  CED,
  CHUNK,
  CNG_PERIOD,
  CONTROL_RATE,
  COPY_INTERVAL,
  ECM_FLAGS,
  INDICATOR_COPIES,
  INTERNET_CHUNK,
  INTERNET_INTERVAL,
  PREAMBLE,
  PROGRESS,
  TCF,
  TRAILER,
  trainingTime,
} from './timings.ts';

/** What a transmission does next: say something, or let so many milliseconds pass. */
export type Step = TerminalOutput | number;

/** A command that puts a signal on the line. */
export type Transmission = Extract<LineCommand, { do: 'tone' | 'control' | 'training' | 'image' | 'ecm' }>;

/** Octets of an IFP packet around the data of its one field. */
const FIELD_FRAME = 5;
/** FCS and a closing flag, in bits. */
const FRAME_END_BITS = 24;
const NOTHING = new Uint8Array(0);
const SENT: TerminalOutput = { type: 'line', event: { type: 'sent' } };

/** The steps of a signal from its indicator to its end; the pause before it and the silence after it are not among them. */
export function* steps(command: Transmission, options: TerminalOptions): Generator<Step> {
  if (command.do === 'tone') yield* toneSteps(command.tone, options);
  else if (command.do === 'control') yield* controlSteps(command.frames, options);
  else if (command.do === 'training') yield* trainingSteps(command.modem, options);
  else if (command.do === 'image') yield* imageSteps(command, options);
  else yield* ecmSteps(command, options);
  yield SENT;
}

/** Zeroes the frames of a partial page that is not sent any more; a page without frames is its owner's to zero. */
export function wipeTransmission(command: Transmission): void {
  if (command.do === 'ecm') for (const frame of command.frames) frame.fill(0);
}

/** The end of a signal, told more than once. */
export function* silence(options: TerminalOptions): Generator<Step> {
  yield* indicate('no-signal', modemTime((INDICATOR_COPIES - 1) * COPY_INTERVAL, options), options);
}

/** Nothing is on the line, as before. */
export function* keepAlive(options: TerminalOptions): Generator<Step> {
  yield* indicate('no-signal', 0, options);
}

function* toneSteps(tone: 'cng' | 'ced', options: TerminalOptions): Generator<Step> {
  yield* announce(tone, tone === 'ced' ? CED : CNG_PERIOD, options);
  while (tone === 'cng') yield* indicate('cng', CNG_PERIOD, options);
}

function* controlSteps(frames: readonly Uint8Array[], options: TerminalOptions): Generator<Step> {
  yield* announce('v21-preamble', modemTime(PREAMBLE, options), options);
  yield* hdlcSteps(new Sending('v21', CONTROL_RATE, options), frames);
}

function* trainingSteps(modem: Modem, options: TerminalOptions): Generator<Step> {
  yield* trained(modem, false, options);
  yield* nonEcmSteps(sendingBy(modem, options), NOTHING, zeros(modem, TCF));
}

/** What a modem sends in `ms` when there is nothing but zeros. */
function zeros({ rate }: Modem, ms: number): Uint8Array {
  return new Uint8Array(Math.ceil((rate * ms) / 8_000));
}

function* imageSteps(
  { modem, short, data }: Extract<Transmission, { do: 'image' }>,
  options: TerminalOptions,
): Generator<Step> {
  yield* trained(modem, short, options);
  const sending = sendingBy(modem, options);
  sending.tellsProgress = true;
  yield* nonEcmSteps(sending, data, options.pace === 'gateway' ? zeros(modem, TRAILER) : NOTHING);
}

function* ecmSteps(
  { modem, short, frames }: Extract<Transmission, { do: 'ecm' }>,
  options: TerminalOptions,
): Generator<Step> {
  yield* trained(modem, short, options);
  yield modemTime(ECM_FLAGS, options);
  const sending = sendingBy(modem, options);
  sending.tellsProgress = true;
  yield* hdlcSteps(sending, frames);
}

function* trained(modem: Modem, short: boolean, options: TerminalOptions): Generator<Step> {
  const { training, resync } = namesOf(modem);
  yield* announce(short ? resync : training, modemTime(trainingTime(modem, short), options), options);
}

function* announce(indicator: Indicator, time: number, options: TerminalOptions): Generator<Step> {
  yield { type: 'step', direction: 'sent', signal: indicator };
  yield* indicate(indicator, time, options);
}

/** An indicator, repeated within the time that it stands for. */
function* indicate(indicator: Indicator, time: number, options: TerminalOptions): Generator<Step> {
  const copies = Math.min(INDICATOR_COPIES, 1 + Math.floor(time / COPY_INTERVAL));
  for (let copy = 1; copy <= copies; copy++) {
    // Each is the receiver's own.
    yield { type: 'packet', ifp: encodeIfp({ kind: 'indicator', indicator }, options.syntax) };
    yield copy < copies ? COPY_INTERVAL : time - (copies - 1) * COPY_INTERVAL;
  }
}

/** Frames one after the other; T.38 §7.4 has the FCS as a field without data. */
function* hdlcSteps(sending: Sending, frames: readonly Uint8Array[]): Generator<Step> {
  const last = frames.length - 1;
  for (const [i, frame] of frames.entries()) {
    yield* sending.data('hdlc-data', frame);
    yield sending.field(i === last ? 'hdlc-fcs-OK-sig-end' : 'hdlc-fcs-OK', null);
    yield sending.time(FRAME_END_BITS + stuffedBits(frame));
    yield* sending.progress(frame.length);
  }
}

/** Bits of a page or none, then zeros; the last piece of these goes with the end of the signal. */
function* nonEcmSteps(sending: Sending, bits: Uint8Array, trailer: Uint8Array): Generator<Step> {
  yield* sending.data('t4-non-ecm-data', bits, true);
  const end = Math.max(0, trailer.length - sending.chunk);
  yield* sending.data('t4-non-ecm-data', trailer.subarray(0, end));
  yield sending.field('t4-non-ecm-sig-end', trailer.length === 0 ? null : trailer.subarray(end));
  yield sending.time((trailer.length - end) * 8);
}

function sendingBy(modem: Modem, options: TerminalOptions): Sending {
  return new Sending(namesOf(modem).dataType, modem.rate, options);
}

/** The data of one signal on their way. */
class Sending {
  /** Octets of a field. */
  readonly chunk: number;
  readonly #dataType: DataType;
  readonly #rate: number;
  readonly #options: TerminalOptions;
  tellsProgress = false;
  #octets = 0;
  #untold = 0;

  constructor(dataType: DataType, rate: number, options: TerminalOptions) {
    this.#dataType = dataType;
    this.#rate = rate;
    this.#options = options;
    const wanted = options.pace === 'gateway' ? Math.floor((rate * CHUNK) / 8_000) : INTERNET_CHUNK;
    this.chunk = Math.max(1, Math.min(wanted, options.maxIfp - FIELD_FRAME));
  }

  /** `octets` in fields of `type`, each when the modem would begin to send it. */
  *data(type: FieldType, octets: Uint8Array, progress = false): Generator<Step> {
    for (let at = 0; at < octets.length; at += this.chunk) {
      const data = octets.subarray(at, at + this.chunk);
      yield this.field(type, data);
      yield this.#options.pace === 'gateway' ? this.time(data.length * 8) : INTERNET_INTERVAL;
      if (progress) yield* this.progress(data.length);
    }
  }

  field(type: FieldType, data: Uint8Array | null): Step {
    const ifp = encodeIfp({ kind: 'data', dataType: this.#dataType, fields: [{ type, data }] }, this.#options.syntax);
    return { type: 'packet', ifp };
  }

  /** How long the modem takes for so many bits. */
  time(bits: number): number {
    return modemTime((bits * 1_000) / this.#rate, this.#options);
  }

  *progress(octets: number): Generator<Step> {
    this.#octets += octets;
    this.#untold += octets;
    if (!this.tellsProgress || this.#untold * 8_000 < PROGRESS * this.#rate) return;
    this.#untold = 0;
    yield { type: 'line', event: { type: 'progress', octets: this.#octets } };
  }
}

/** Internet-aware ends have no modem to wait for. */
function modemTime(ms: number, { pace }: TerminalOptions): number {
  return pace === 'gateway' ? ms : 0;
}

/** Zeros that HDLC puts behind each five ones in a row (ISO/IEC 13239 §4.3.1), which take time too. */
function stuffedBits(frame: Uint8Array): number {
  let ones = 0;
  let stuffed = 0;
  for (const octet of frame) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      ones = (octet & bit) === 0 ? 0 : ones + 1;
      if (ones < 5) continue;
      stuffed++;
      ones = 0;
    }
  }
  return stuffed;
}
