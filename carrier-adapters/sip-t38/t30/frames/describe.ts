import { type Dcs, parseDcs } from './dcs.ts';
import { parseCapabilities } from './dis.ts';
import type { Frame } from './frame.ts';
import { afterBlockOf } from './post-message.ts';

/** The name of a signal in the call ladder: `DIS`, `PPS-EOP`. */
export function nameOf(frame: Frame): string {
  if (frame.fcf !== 'PPS' && frame.fcf !== 'EOR') return frame.fcf;
  const second = afterBlockOf(frame);
  if (second === null) return `${frame.fcf}-?`;
  return `${frame.fcf}-${second.interrupt ? 'PRI-' : ''}${second.after}`;
}

/** What a frame settles, in words for the call ladder; nothing for one that holds a number. */
export function infoOf(frame: Frame): string | undefined {
  if (frame.fcf === 'DIS' || frame.fcf === 'DTC') return capabilities(frame.fif);
  if (frame.fcf !== 'DCS') return undefined;
  const dcs = parseDcs(frame.fif);
  return typeof dcs === 'string' ? `unknown ${dcs}` : settings(dcs);
}

function capabilities(fif: Uint8Array): string {
  const { modems, ecm, t6, twoDimensional, fine, superfine, dpi300, dpi400, width, length, receives } =
    parseCapabilities(fif);
  const codings = ['MH', twoDimensional ? 'MR' : '', ecm && t6 ? 'MMR' : ''];
  const resolutions = [fine ? 'fine' : '', superfine ? 'superfine' : '', dpi300 ? '300' : '', dpi400 ? '400' : ''];
  return [
    receives ? '' : 'does not receive',
    ...modems.modulations,
    ecm ? 'ECM' : '',
    ...codings,
    ...resolutions,
    String(width),
    length,
  ]
    .filter((word) => word !== '')
    .join(' ');
}

function settings({ modem, ecm, frameSize, compression, resolution, width, length }: Dcs): string {
  const correction = ecm ? `ECM ${frameSize}` : 'no ECM';
  return `${modem.modulation} ${modem.rate} ${correction} ${compression} ${resolution} ${width} ${length}`;
}
