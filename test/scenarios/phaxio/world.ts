import { createHttpClient, type HttpClient, type PdfPages } from '../../../carrier-adapters/http/index.ts';
import { createPhaxio } from '../../../carrier-adapters/phaxio/adapter.ts';
import { phaxioConfigSchema } from '../../../carrier-adapters/phaxio/config.ts';
import { authorization } from '../../../carrier-adapters/phaxio/wire.ts';
import type { CarrierAdapter } from '../../../gateway/ports/carrier-adapter.ts';
import { type PhaxioEmulator, startPhaxio } from '../../emulators/phaxio/emulator.ts';
import { VirtualClock } from '../calls/virtual-clock.ts';
import { barPages } from '../telnyx/world.ts';

export const WEBHOOK = 'https://fax.example/carriers/phaxio/8f1d2c';

/** The adapter and its carrier; time stands still while one talks to the other. */
export interface PhaxioWorld {
  readonly clock: VirtualClock;
  readonly carrier: PhaxioEmulator;
  readonly adapter: CarrierAdapter;
  /** What the adapter warned of. */
  readonly warnings: string[];
  /** The adapter as a new process has it: it knows nothing of before. */
  restarted(): CarrierAdapter;
  stop(): Promise<void>;
}

const SILENT = { debug() {}, info() {}, error() {} };

export async function phaxioWorld(change: Record<string, unknown> = {}, pdfPages?: PdfPages): Promise<PhaxioWorld> {
  const clock = new VirtualClock();
  let adapter: CarrierAdapter | undefined;
  const account = { key: 'KEY', secret: 'SECRET', token: 'TOKEN', webhookUrl: WEBHOOK };
  const carrier = await startPhaxio({
    ...account,
    clock,
    deliver: async (callback) => (await adapter?.callback?.(callback)) ?? { status: 503 },
  });
  const config = phaxioConfigSchema.parse({
    ...account,
    ...{ kind: 'phaxio', from: '+15550001111', baseUrl: `${carrier.url}/v2.1`, ...change },
  });
  const warnings: string[] = [];
  const log = { ...SILENT, warn: (_fields: unknown, text: string) => void warnings.push(text) };
  const http = createHttpClient({ base: config.baseUrl, clock, headers: authorization(config.key, config.secret) });
  const make = () => createPhaxio(config, { clock, log, pdfPages }, holding(http, carrier, clock));
  adapter = make();
  return {
    ...{ clock, carrier, adapter, warnings },
    restarted: make,
    async stop() {
      await adapter?.stop();
      await carrier.close();
    },
  };
}

/** Time stands still while a request is under way, except for one that the emulator lets hang. */
function holding(http: HttpClient, { faults }: PhaxioEmulator, clock: VirtualClock): HttpClient {
  const hanging = () => faults.filter(({ fault }) => fault.type === 'hang_after').length;
  return {
    async exchange(request) {
      const planned = hanging();
      let answered = false;
      const result = http.exchange(request).finally(() => {
        answered = true;
      });
      await clock.holding(until(() => answered || hanging() < planned));
      return result;
    },
  };
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise(setImmediate);
}

/** A PDF of `count` pages, as far as anybody here reads it, and what reads it. */
export function barPdf(count: number): { readonly file: Uint8Array; readonly pdfPages: PdfPages } {
  const file = new TextEncoder().encode(`%PDF-1.7 ${count}`);
  return {
    file,
    async *pdfPages(pdf) {
      yield* barPages(Number(Buffer.from(pdf).toString().slice('%PDF-1.7 '.length)));
    },
  };
}
