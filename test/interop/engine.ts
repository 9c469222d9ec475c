import { setTimeout as pause } from 'node:timers/promises';
import { createSipT38 } from '../../carrier-adapters/sip-t38/adapter.ts';
import { sipT38ConfigSchema } from '../../carrier-adapters/sip-t38/config.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS, type LineSettings } from '../../gateway/fax/policy.ts';
import { type Bitmap, decodeT6, encodeT6 } from '../../gateway/imaging/index.ts';
import type {
  CallReception,
  CallStep,
  CarrierAdapter,
  IncomingCall,
  IncomingPageInfo,
  OutgoingPage,
} from '../../gateway/ports/carrier-adapter.ts';
import type { Lab } from './lab/lab.ts';
import { bitmapsOf } from './lab/pages.ts';

/** A fax that our engine received. */
export interface Received {
  readonly to: string;
  readonly pages: readonly Bitmap[];
  readonly result: CallResult;
}

/** How our engine reaches the carrier. */
export interface EngineSettings {
  /** Account of the laboratory; left out: the trunk that is known by its address. */
  readonly account?: 'gw' | 'gwfec' | 'gwnoec' | 'gwg711' | 'gwalaw';
  readonly register?: boolean;
  readonly transport?: 'udp' | 'tcp';
  readonly errorCorrection?: 'redundancy' | 'fec' | 'none';
  readonly ecm?: boolean;
  readonly maxBitRate?: number;
}

/** What became of a call. */
export interface Placed {
  readonly steps: readonly CallStep[];
  readonly result: CallResult;
}

let references = 0;

/** One SIP/T.38 carrier of ours, on real sockets and the real clock, as a customer of the laboratory's carrier. */
export class Engine {
  readonly adapter: CarrierAdapter;
  readonly port: number;
  readonly received: Received[] = [];

  private constructor(adapter: CarrierAdapter, port: number) {
    this.adapter = adapter;
    this.port = port;
  }

  static async start(lab: Lab, port: number, settings: EngineSettings = {}): Promise<Engine> {
    const { account, register = false, transport = 'udp', errorCorrection = 'redundancy', ecm = true } = settings;
    // The carrier takes calls from 127.0.0.2 without asking who it is.
    const address = account === undefined ? '127.0.0.2' : '127.0.0.1';
    const config = sipT38ConfigSchema.parse({
      kind: 'sip-t38',
      name: account ?? 'iptrunk',
      stationId: '+5550123',
      trunks: [
        {
          name: 'lab',
          server: `127.0.0.1:${lab.layout.ports.carrierSip}`,
          transport,
          numberFormat: 'digits',
          inboundPrefix: '+',
          ...(account === undefined ? {} : { username: account, password: `${account}-secret` }),
          // An address that registers is told where it stands; the user is the number that the carrier dials.
          ...(register ? { register: { expires: 60, contactUser: '5550123' } } : { user: '5550123' }),
        },
      ],
      listen: [{ transport, address, port }],
      media: { address, ports: [0, 0] },
      t38: { errorCorrection, maxBitRate: settings.maxBitRate ?? 14_400 },
      ecm,
    });
    const quiet = () => {};
    const adapter = createSipT38(config, {
      clock: realClock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      metrics: { count: quiet, observe: quiet, gauge: quiet },
    });
    const engine = new Engine(adapter, port);
    await adapter.start(engine.#reception());
    if (register) await engine.#registered();
    return engine;
  }

  stop(): Promise<void> {
    return this.adapter.stop();
  }

  /** Sends every page of a TIFF file to `number`, which is digits. */
  async send(
    number: string,
    file: string,
    settings: Partial<LineSettings> = {},
    signal?: AbortSignal,
  ): Promise<Placed> {
    const pages = (await bitmapsOf(file)).map((bitmap, index) => outgoing(bitmap, index + 1, yDpiOf(bitmap)));
    const running = this.adapter.place({
      reference: `interop-${process.pid}-${++references}`,
      from: parseE164('+5550123'),
      to: parseE164(`+${number}`),
      csid: '+5550123',
      settings: { ...FIRST_LINE_SETTINGS, ...settings },
      pages,
      signal: signal ?? new AbortController().signal,
    });
    const steps: CallStep[] = [];
    for (let next = await running.next(); ; next = await running.next()) {
      if (next.done === true) return { steps, result: next.value };
      steps.push(next.value);
    }
  }

  /** The call that came in for `to`, when it is over. */
  async call(to: string, within = 300_000): Promise<Received> {
    for (const end = Date.now() + within; Date.now() < end; ) {
      const found = this.received.find((one) => one.to === to);
      if (found !== undefined) return found;
      await pause(200);
    }
    throw new Error(`no call to ${to} ended within ${within / 1_000} s`);
  }

  /** Waits until the carrier knows where we stand; it may just have been started. */
  async #registered(within = 30_000): Promise<void> {
    for (const end = Date.now() + within; Date.now() < end; await pause(100)) {
      if ((await this.adapter.health()).detail.match(/\bregistered\b/) !== null) return;
    }
    throw new Error(`not registered within ${within / 1_000} s`);
  }

  #reception(): CallReception {
    return {
      offer: async (call) => ({ accepted: this.#incoming(call.to.slice(1)) }),
    };
  }

  #incoming(to: string): IncomingCall {
    const pages: Bitmap[] = [];
    let info: IncomingPageInfo | undefined;
    let chunks: Uint8Array[] = [];
    return {
      answered: async () => {},
      beginPage: async (begun) => {
        info = begun;
        chunks = [];
      },
      write: async (chunk) => void chunks.push(chunk.slice()),
      endPage: async ({ rows }) => {
        const { width = 0 } = info ?? {};
        pages.push(decodeT6(Buffer.concat(chunks), { width, maxRows: rows, rows }).bitmap);
      },
      dropPage: async () => {
        chunks = [];
      },
      ended: async (result) => void this.received.push({ to, pages, result }),
    };
  }
}

const realClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

function outgoing(bitmap: Bitmap, number: number, yDpi: number): OutgoingPage {
  const t6 = encodeT6(bitmap);
  const { width, rows } = bitmap;
  return {
    number,
    width,
    rows,
    xDpi: 204,
    yDpi,
    bytes: t6.length,
    async *open() {
      for (let at = 0; at < t6.length; at += 16_384) yield t6.slice(at, at + 16_384);
    },
  };
}

/** By the height of the sheets in lab/pages.ts: nothing else is sent here. */
function yDpiOf({ rows }: Bitmap): number {
  if (rows < 1_500) return 98;
  return rows > 4_000 ? 391 : 196;
}
