import { createAnswerer, createCaller } from '../t30/index.ts';
import type { Modulation } from '../t30/line.ts';
import type { T30Machine } from '../t30/machine.ts';
import type { FaxCallOptions } from './call-io.ts';

/** Modulations that T.38 has an indicator for. */
const MODULATIONS: readonly Modulation[] = ['V.27ter', 'V.29', 'V.17'];

/**
 * The T.30 machine of a call.
 *
 * @param maxBitRate of the negotiated T.38, bit/s
 * @param ced whether an answerer still has to send CED
 */
export function createMachine(options: FaxCallOptions, maxBitRate: number, ced: boolean): T30Machine {
  const { stationId: id, ecm, pace = 'gateway' } = options;
  const common = {
    id,
    internetAware: pace !== 'gateway',
    maxRate: Math.min(options.maxRate, maxBitRate),
    ecm,
    modulations: MODULATIONS,
  };
  if (options.direction === 'out') return createCaller({ ...common, pages: options.pages });
  return createAnswerer({ ...common, width: 2432, ced, ...options.machine });
}
