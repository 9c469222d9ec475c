import { clientAt, createHttpClient, type HttpClient } from '../../../carrier-adapters/http/index.ts';
import { createTelnyx } from '../../../carrier-adapters/telnyx/adapter.ts';
import { telnyxConfigSchema } from '../../../carrier-adapters/telnyx/config.ts';
import { authorization } from '../../../carrier-adapters/telnyx/wire.ts';
import type { CallResult } from '../../../gateway/fax/call-result.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../../gateway/fax/policy.ts';
import { type CodedPage, codePage, writeTiffF } from '../../../gateway/imaging/index.ts';
import type {
  CallReception,
  CarrierAdapter,
  CarrierCopy,
  OutgoingCall,
} from '../../../gateway/ports/carrier-adapter.ts';
import { newCallbackKey } from '../../emulators/telnyx/callbacks.ts';
import { startTelnyx, type TelnyxEmulator } from '../../emulators/telnyx/emulator.ts';
import { VirtualClock } from '../calls/virtual-clock.ts';
import { pdfPagesHere } from '../sinch/pdf-pages.ts';

const CONNECTION = '1234567890';
const TOKEN = 'KEY0123';

/** The adapter and its carrier; time stands still while one talks to the other. */
export interface TelnyxWorld {
  readonly clock: VirtualClock;
  readonly carrier: TelnyxEmulator;
  readonly adapter: CarrierAdapter;
  readonly key: ReturnType<typeof newCallbackKey>;
  /** What the adapter warned of. */
  readonly warnings: string[];
  /** The adapter as a new process has it: it knows nothing of before. */
  restarted(): CarrierAdapter;
  stop(): Promise<void>;
}

const SILENT = { debug() {}, info() {}, error() {} };

export async function telnyxWorld(change: Record<string, unknown> = {}): Promise<TelnyxWorld> {
  const clock = new VirtualClock();
  const key = newCallbackKey();
  let adapter: CarrierAdapter | undefined;
  const carrier = await startTelnyx({
    clock,
    token: TOKEN,
    connectionId: CONNECTION,
    key,
    deliver: async (callback) => (await adapter?.callback?.(callback)) ?? { status: 503 },
  });
  const config = telnyxConfigSchema.parse({
    ...{ kind: 'telnyx', token: TOKEN, connectionId: CONNECTION, publicKey: key.publicKey, from: '+15550001111' },
    ...{ baseUrl: `${carrier.url}/v2`, ...change },
  });
  const warnings: string[] = [];
  const log = { ...SILENT, warn: (_fields: unknown, text: string) => void warnings.push(text) };
  const http = createHttpClient({ base: config.baseUrl, clock, headers: authorization(config.token) });
  const make = () => createTelnyx(config, { clock, log, pdfPages: pdfPagesHere(clock) }, holding(http, clock));
  adapter = make();
  return {
    ...{ clock, carrier, adapter, key, warnings },
    restarted: make,
    async stop() {
      await adapter?.stop();
      await carrier.close();
    },
  };
}

/** `http` in a time that stands still while it is asked. */
export function holding(http: HttpClient, clock: VirtualClock): HttpClient {
  return {
    exchange: (request) => clock.holding(http.exchange(request)),
    at: (key) => holding(clientAt(http, key), clock),
  };
}

/** Pages with a black bar each, at another height. */
export function barPages(count: number): CodedPage[] {
  return Array.from({ length: count }, (_, index) => {
    const bitmap = { width: 1728, rows: 300, stride: 216, data: new Uint8Array(216 * 300) };
    bitmap.data.fill(0xff, 216 * (20 + 10 * index), 216 * (25 + 10 * index));
    return { width: 1728, rows: 300, xDpi: 204, yDpi: 196, t6: codePage(bitmap) };
  });
}

/** A file as a carrier receives it. */
export function barFile(count: number): Uint8Array {
  return writeTiffF(barPages(count));
}

export function outgoing(to: string, change: Partial<OutgoingCall> = {}, pages = 2): OutgoingCall {
  return {
    reference: 'a1b2c3d4e5f60718293a4b5c6d7e8f90',
    from: null,
    to: parseE164(to),
    csid: '',
    settings: FIRST_LINE_SETTINGS,
    signal: new AbortController().signal,
    pages: barPages(pages).map(({ t6, ...page }, index) => ({
      ...page,
      number: index + 1,
      bytes: t6.length,
      async *open() {
        yield t6.slice();
      },
    })),
    ...change,
  };
}

/** Steps and result of a call; `at` runs after each step, before the next one is asked for. */
export async function drive(
  adapter: CarrierAdapter,
  call: OutgoingCall,
  at: (step: string) => void = () => {},
): Promise<{ readonly steps: string[]; readonly result: CallResult }> {
  const steps: string[] = [];
  const running = adapter.place(call);
  for (let next = await running.next(); ; next = await running.next()) {
    if (next.done === true) return { steps, result: next.value };
    const { value } = next;
    steps.push('page' in value ? `${value.type} ${value.page}` : value.type);
    at(steps.at(-1) ?? '');
  }
}

/** A reception that keeps what comes, until it is told to refuse; what is whole is `erase`d at the carrier then. */
export function keeping(refuse?: () => boolean) {
  const copies = new Map<string, CarrierCopy>();
  const erasing = { erase: async (_reference: string): Promise<unknown> => undefined };
  const kept: { to: string; from: string | null; pages: Uint8Array[]; result: CallResult }[] = [];
  const reception: CallReception = {
    async offer({ to, from, reference, stored }) {
      const copy = stored === true ? copies.get(reference) : undefined;
      if (copy === 'purge') return { refused: 'rejected', known: 'received' };
      if (copy === 'leave') return { refused: 'rejected', known: 'rejected' };
      if (refuse?.() === true) return { refused: 'storage_full' };
      const pages: Uint8Array[] = [];
      let chunks: Uint8Array[] = [];
      return {
        accepted: {
          answered: async () => {},
          beginPage: async () => {
            chunks = [];
          },
          write: async (chunk) => void chunks.push(chunk.slice()),
          endPage: async () => void pages.push(new Uint8Array(Buffer.concat(chunks))),
          dropPage: async () => {},
          async ended(result, copy = 'take_again') {
            kept.push({ to, from, pages, result });
            copies.set(reference, copy);
            if (copy === 'purge') await erasing.erase(reference);
          },
        },
      };
    },
  };
  return { kept, copies, reception, erasing };
}
