import { createEtherfax } from '../../../carrier-adapters/etherfax/adapter.ts';
import { etherfaxConfigSchema } from '../../../carrier-adapters/etherfax/config.ts';
import { createHttpClient, type HttpClient } from '../../../carrier-adapters/http/index.ts';
import type { CallResult } from '../../../gateway/fax/call-result.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../../gateway/fax/policy.ts';
import { writeTiffF } from '../../../gateway/imaging/index.ts';
import type { CallStep, CarrierAdapter, OutgoingCall, OutgoingPage } from '../../../gateway/ports/carrier-adapter.ts';
import type { Log } from '../../../gateway/ports/log.ts';
import { LINE_PAPER } from '../../conformance/line-paper.ts';
import {
  type EtherfaxEmulator,
  type EtherfaxOptions,
  type InboxFax,
  startEtherfax,
} from '../../emulators/etherfax/emulator.ts';
import { VirtualClock } from '../calls/virtual-clock.ts';

/** An adapter and an emulated etherFAX on a virtual clock. */
export interface EtherfaxBench {
  readonly adapter: CarrierAdapter;
  readonly emulator: EtherfaxEmulator;
  readonly clock: VirtualClock;
  /** Everything that the adapter wrote into its log. */
  readonly log: { readonly fields: Record<string, unknown>; readonly text: string }[];
  /** Another adapter on the same account: the gateway after a restart. */
  again(): CarrierAdapter;
  stop(): Promise<void>;
}

/** Starts both; `settings` are those of the carrier's configuration. */
export async function startBench(
  options: Partial<EtherfaxOptions> = {},
  settings: Record<string, unknown> = {},
): Promise<EtherfaxBench> {
  const clock = new VirtualClock();
  const emulator = await startEtherfax({ now: () => clock.now(), authorization: 'Bearer key', ...options });
  const config = etherfaxConfigSchema.parse({
    kind: 'etherfax',
    baseUrl: emulator.server.url,
    token: 'key',
    ...settings,
  });
  const entries: EtherfaxBench['log'] = [];
  const write = (fields: Record<string, unknown>, text: string) => void entries.push({ fields, text });
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const headers = { authorization: 'Bearer key' };
  const client = () => held(createHttpClient({ base: config.baseUrl, clock, headers }), emulator, clock);
  const made: CarrierAdapter[] = [];
  const make = () => {
    const adapter = createEtherfax(config, { clock, log }, client());
    made.push(adapter);
    return adapter;
  };
  return {
    adapter: make(),
    emulator,
    clock,
    log: entries,
    again: make,
    async stop() {
      for (const adapter of made) await adapter.stop();
      await emulator.server.close();
    },
  };
}

/** Time stands still while a request is under way, except for one that the emulator lets hang. */
function held(client: HttpClient, { server }: EtherfaxEmulator, clock: VirtualClock): HttpClient {
  return {
    async exchange(request) {
      const hangs = server.faults.filter(({ fault }) => fault.type === 'hang_after').length;
      const hung = () => server.faults.filter(({ fault }) => fault.type === 'hang_after').length < hangs;
      const result = client.exchange(request);
      const settled = { is: false };
      void result.finally(() => {
        settled.is = true;
      });
      await clock.holding(until(() => settled.is || hung()));
      return result;
    },
  };
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise(setImmediate);
}

/** Pages with something on them; `opened` counts how often each was asked for. */
export function pagesOf(count: number, first = 1, opened: number[] = []): OutgoingPage[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const bytes = LINE_PAPER.bytes(number);
    return {
      number,
      width: 1_728,
      rows: LINE_PAPER.rows,
      xDpi: 204,
      yDpi: 196,
      bytes: bytes.length,
      async *open() {
        opened.push(number);
        const chunk = bytes.slice();
        yield chunk;
        chunk.fill(0);
      },
    };
  });
}

let references = 0;

/** A call to `to` with three pages. */
export function callTo(to: string, change: Partial<OutgoingCall> = {}): OutgoingCall {
  return {
    reference: `ref-${++references}`,
    from: parseE164('+15550009999'),
    to: parseE164(to),
    csid: '+15550001111',
    settings: FIRST_LINE_SETTINGS,
    pages: pagesOf(3),
    signal: new AbortController().signal,
    ...change,
  };
}

/** Drives a call to its end; `before` runs after each step and before the next one is asked for. */
export async function drive(
  adapter: CarrierAdapter,
  call: OutgoingCall,
  before: (step: CallStep) => void | Promise<void> = () => {},
): Promise<{ readonly steps: string[]; readonly result: CallResult }> {
  const steps: string[] = [];
  const running = adapter.place(call);
  for (let next = await running.next(); ; next = await running.next()) {
    if (next.done === true) return { steps, result: next.value };
    steps.push('page' in next.value ? `${next.value.type} ${next.value.page}` : next.value.type);
    await before(next.value);
  }
}

/** A fax that somebody sent to our number. */
export function inboxFax(jobId: string, change: Partial<InboxFax> = {}): InboxFax {
  const pages = [1, 2].map((number) => ({
    width: 1_728,
    rows: LINE_PAPER.rows,
    xDpi: 204,
    yDpi: 196,
    t6: LINE_PAPER.bytes(number),
  }));
  return { jobId, called: '5551230000', calling: '+493012345678', image: writeTiffF(pages), pages: 2, ...change };
}
