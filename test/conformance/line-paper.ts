/** Pages that a fax engine can send, and what of them is seen on its line. */
import { decodeIfp } from '../../carrier-adapters/sip-t38/t38/ifp.ts';
import { parseDatagram } from '../../carrier-adapters/sip-t38/udptl/datagram.ts';
import { blankBitmap, encodeT6 } from '../../gateway/imaging/index.ts';
import { createRandom } from '../crash/random.ts';

/** Pages with enough on them to take some seconds, each different. */
export const LINE_PAPER = {
  rows: 300,
  bytes(page: number): Uint8Array {
    const { next } = createRandom(page);
    const bitmap = blankBitmap(1_728, 300);
    for (let at = 0; at < bitmap.data.length; at++) if (next() < 0.25) bitmap.data[at] = Math.floor(next() * 256);
    return encodeT6(bitmap);
  },
};

/** What a datagram carries of a modem's data, repetitions of UDPTL left out. `raw`: TCF, or a page without ECM. */
export function modemData(datagram: Uint8Array): { readonly octets: number; readonly raw: boolean } | null {
  const udptl = parseDatagram(datagram);
  const ifp = udptl === null ? null : decodeIfp(udptl.primary, '1998');
  if (ifp?.kind !== 'data' || ifp.dataType === 'v21') return null;
  const octets = ifp.fields.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  return { octets, raw: ifp.fields.some(({ type }) => type.startsWith('t4-non-ecm')) };
}
