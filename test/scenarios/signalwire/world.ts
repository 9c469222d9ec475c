import { createHttpClient, type HttpClient } from '../../../carrier-adapters/http/index.ts';
import { createSignalwire } from '../../../carrier-adapters/signalwire/adapter.ts';
import { signalwireConfigSchema } from '../../../carrier-adapters/signalwire/config.ts';
import { authorization } from '../../../carrier-adapters/signalwire/wire.ts';
import type { CarrierAdapter } from '../../../gateway/ports/carrier-adapter.ts';
import { LinkShelf } from '../../emulators/http/link-shelf.ts';
import { type SignalwireEmulator, startSignalwire } from '../../emulators/signalwire/emulator.ts';
import { VirtualClock } from '../calls/virtual-clock.ts';

export const PROJECT = 'b3877c40-da60-4998-90ad-b792e98472ac';
export const TOKEN = 'PT0123456789abcdef';
export const SIGNING_KEY = 'PSK_0123456789abcdef';
export const ORIGIN = new URL('https://fax.example.org');

/** The adapter and its carrier; time stands still while one talks to the other. */
export interface SignalwireWorld {
  readonly clock: VirtualClock;
  readonly carrier: SignalwireEmulator;
  readonly adapter: CarrierAdapter;
  readonly links: LinkShelf;
  /** What the adapter warned of. */
  readonly warnings: string[];
  /** The adapter as a new process has it: it knows nothing of before. */
  restarted(): CarrierAdapter;
  stop(): Promise<void>;
}

const SILENT = { debug() {}, info() {}, error() {} };

export async function signalwireWorld(change: Record<string, unknown> = {}): Promise<SignalwireWorld> {
  const clock = new VirtualClock();
  const links = new LinkShelf(ORIGIN.href);
  let adapter: CarrierAdapter | undefined;
  const carrier = await startSignalwire({
    clock,
    project: PROJECT,
    token: TOKEN,
    key: { key: SIGNING_KEY },
    webhook: `${ORIGIN.origin}/carriers/signalwire/incoming`,
    numbers: ['+15551230000', '5551230001'],
    deliver: async (callback) => (await adapter?.callback?.(callback)) ?? { status: 503 },
    fetch: (url) => clock.holding(links.fetch(url)),
  });
  const config = signalwireConfigSchema.parse({
    ...{ kind: 'signalwire', project: PROJECT, token: TOKEN, signingKey: SIGNING_KEY, from: '+15550001111' },
    ...{ baseUrl: carrier.url, mediaLinks: true, mediaFormat: 'tiff', ...change },
  });
  const warnings: string[] = [];
  const log = { ...SILENT, warn: (_fields: unknown, text: string) => void warnings.push(text) };
  const http = createHttpClient({ base: config.baseUrl, clock, headers: authorization(config.project, config.token) });
  const make = () => linked(createSignalwire(config, { clock, log, publicUrl: ORIGIN }, holding(http, clock)), links);
  adapter = make();
  return {
    ...{ clock, carrier, adapter, links, warnings },
    restarted: make,
    async stop() {
      await adapter?.stop();
      await carrier.close();
    },
  };
}

/** As the gateway hands its calls to a carrier that fetches. */
function linked(adapter: CarrierAdapter, links: LinkShelf): CarrierAdapter {
  return { ...adapter, place: (call) => adapter.place({ ...call, link: call.link ?? links.linkFor(call) }) };
}

function holding(http: HttpClient, clock: VirtualClock): HttpClient {
  return { exchange: (request) => clock.holding(http.exchange(request)) };
}
