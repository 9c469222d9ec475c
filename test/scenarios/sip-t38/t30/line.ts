import type { LineCommand, LineEvent, Modem } from '../../../../carrier-adapters/sip-t38/t30/line.ts';

/** One thing that a transmission lets the far end hear, `at` milliseconds after its begin. */
export interface Heard {
  readonly at: number;
  readonly event: LineEvent;
}

/** A transmission as it goes over an ideal line of the timing of T.30. */
export interface Transmission {
  /** Milliseconds from its begin to its end. */
  readonly length: number;
  readonly heard: readonly Heard[];
}

/** Pause between two signals (T.30 §5.3.1). */
export const PAUSE = 75;

const V21 = 300;
const PREAMBLE = 1_000;
const CED = 3_000;
const FLAGS = 200;
const TCF = 1_500;
/** How often data are handed on. */
const CHUNK = 200;

/** Training times, ms (T.30 table 1 of §5.3.6; V.17 §5.2, V.29 §8, V.27 ter §2.5). */
function trainingOf({ modulation, rate }: Modem, short: boolean): number {
  if (modulation === 'V.17') return short ? 142 : 1_393;
  if (modulation === 'V.29') return 253;
  return rate === 4_800 ? 708 : 943;
}

/** What a command to the line sends; null for one that sends nothing. */
export function transmissionOf(command: LineCommand): Transmission | null {
  switch (command.do) {
    case 'tone':
      return command.tone === 'cng' ? null : tone();
    case 'control':
      return framesAt('V.21', PREAMBLE, V21, command.frames);
    case 'training':
      return dataAt(command.modem, trainingOf(command.modem, false), zeros(command.modem));
    case 'image':
      return dataAt(command.modem, trainingOf(command.modem, command.short), command.data);
    case 'ecm':
      return framesAt(
        command.modem,
        trainingOf(command.modem, command.short) + FLAGS,
        command.modem.rate,
        command.frames,
      );
    default:
      return null;
  }
}

function tone(): Transmission {
  return {
    length: CED,
    heard: [
      { at: 0, event: { type: 'tone', tone: 'ced' } },
      { at: CED, event: { type: 'no_carrier' } },
    ],
  };
}

function zeros({ rate }: Modem): Uint8Array {
  return new Uint8Array((rate * TCF) / 8_000);
}

function framesAt(modem: Modem | 'V.21', begin: number, rate: number, frames: readonly Uint8Array[]): Transmission {
  const heard: Heard[] = [{ at: 0, event: { type: 'carrier', modem } }];
  let at = begin;
  for (const octets of frames) {
    // Two octets of FCS and one flag.
    at += ((octets.length + 3) * 8_000) / rate;
    heard.push({ at, event: { type: 'frame', octets, good: true } });
  }
  heard.push({ at, event: { type: 'no_carrier' } });
  return { length: at, heard };
}

function dataAt(modem: Modem, begin: number, data: Uint8Array): Transmission {
  const heard: Heard[] = [{ at: 0, event: { type: 'carrier', modem } }];
  const size = Math.max(1, Math.floor((modem.rate * CHUNK) / 8_000));
  let at = begin;
  for (let from = 0; from < data.length; from += size) {
    const octets = data.subarray(from, from + size);
    at += (octets.length * 8_000) / modem.rate;
    heard.push({ at, event: { type: 'data', octets } });
  }
  heard.push({ at, event: { type: 'no_carrier' } });
  return { length: at, heard };
}
