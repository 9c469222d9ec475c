import { clientAt, createHttpClient, type HttpClient } from '../../../carrier-adapters/http/index.ts';
import { createSinch } from '../../../carrier-adapters/sinch/adapter.ts';
import { sinchConfigSchema } from '../../../carrier-adapters/sinch/config.ts';
import { withKey, withTokens } from '../../../carrier-adapters/sinch/tokens.ts';
import type { CarrierAdapter } from '../../../gateway/ports/carrier-adapter.ts';
import { type SinchEmulator, startSinch } from '../../emulators/sinch/emulator.ts';
import { VirtualClock } from '../calls/virtual-clock.ts';
import { pdfPagesHere } from './pdf-pages.ts';

export const PROJECT = '123c0ffe-dada-beef-cafe-baadc0de5678';
const KEY = { keyId: 'key-id', secret: 'key-secret' };
export const CALLBACK = { token: 'Zm9yLXRlc3RzLW9ubHktMTIz', user: 'sinch', password: 'cGFzc3dvcmQtZm9yLXRlc3Rz' };
/** Where the carrier calls. */
export const CALLBACK_URL = `https://${CALLBACK.user}:${CALLBACK.password}@fax.example/carriers/sinch/${CALLBACK.token}`;

/** The adapter and its carrier; time stands still while one talks to the other. */
export interface SinchWorld {
  readonly clock: VirtualClock;
  readonly carrier: SinchEmulator;
  readonly adapter: CarrierAdapter;
  /** What the adapter warned of. */
  readonly warnings: string[];
  /** The adapter as a new process has it: it knows nothing of before. */
  restarted(): CarrierAdapter;
  stop(): Promise<void>;
}

const SILENT = { debug() {}, info() {}, error() {} };

/** Settings other than the bench's own, which may need to know where the carrier is. */
export type Change = Record<string, unknown> | ((url: string) => Record<string, unknown>);

export async function sinchWorld(change: Change = {}): Promise<SinchWorld> {
  const clock = new VirtualClock();
  let adapter: CarrierAdapter | undefined;
  const carrier = await startSinch({
    ...{ clock, projectId: PROJECT, ...KEY, incomingWebhookUrl: CALLBACK_URL },
    deliver: (callback) => clock.holding(Promise.resolve(adapter?.callback?.(callback) ?? { status: 503 })),
  });
  const config = sinchConfigSchema.parse({
    ...{ kind: 'sinch', projectId: PROJECT, ...KEY, callback: CALLBACK },
    ...{ baseUrl: `${carrier.url}/v3`, authUrl: carrier.url },
    ...(typeof change === 'function' ? change(carrier.url) : change),
  });
  const warnings: string[] = [];
  const log = { ...SILENT, warn: (_fields: unknown, text: string) => void warnings.push(text) };
  const http = holding(createHttpClient({ base: config.baseUrl, others: config.otherUrls, clock }), clock);
  const authority = holding(createHttpClient({ base: config.authUrl, clock }), clock);
  const surroundings = { clock, log, pdfPages: pdfPagesHere(clock), publicUrl: new URL('https://fax.example') };
  const make = () => {
    const client = config.auth === 'basic' ? withKey(http, KEY) : withTokens(http, authority, KEY, clock);
    return createSinch(config, surroundings, client);
  };
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

function holding(http: HttpClient, clock: VirtualClock): HttpClient {
  return {
    exchange: (request) => clock.holding(http.exchange(request)),
    at: (key) => holding(clientAt(http, key), clock),
  };
}
