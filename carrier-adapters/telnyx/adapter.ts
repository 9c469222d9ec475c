import type { CallResult } from '../../gateway/fax/call-result.ts';
import type {
  CallbackAnswer,
  CallReception,
  CallStep,
  CarrierAdapter,
  CarrierCallback,
  CarrierCapabilities,
  CarrierNumbers,
  LookupAnswer,
  OutgoingCall,
} from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import {
  createHttpClient,
  createMediaFetcher,
  Hints,
  type HttpClient,
  type PdfPages,
  ReceivedFaxes,
  ReplayCache,
  repeatLooks,
} from '../http/index.ts';
import type { TelnyxConfig } from './config.ts';
import { FaxFinder } from './finder.ts';
import { receivedFaxes } from './inbound.ts';
import { listNumbers } from './numbers.ts';
import { endOf } from './outcome.ts';
import { place } from './place.ts';
import { purge } from './purge.ts';
import { refusalOf } from './webhook.ts';
import { authorization, readEvent, TelnyxApi } from './wire.ts';

/** The largest received file: what Telnyx takes for a whole fax, octets. */
const LARGEST_FILE = 52_428_800;

/** What the adapter uses of its surroundings. */
export interface TelnyxSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** Reads received PDFs; without it faxes have to come as TIFF. */
  readonly pdfPages?: PdfPages | undefined;
}

/** Faxes through Telnyx' fax API, see the README of this folder. @param http in place of the one that `config` describes */
export function createTelnyx(
  config: TelnyxConfig,
  surroundings: TelnyxSurroundings,
  http?: HttpClient,
): CarrierAdapter {
  const line = new TelnyxLine(config, surroundings, http ?? clientOf(config, surroundings));
  return {
    name: config.name,
    kind: 'telnyx',
    capabilities: capabilitiesOf(config),
    start: async (reception) => line.start(reception),
    drain: async () => line.drain(),
    stop: async () => line.stop(),
    place: (call) => line.place(call),
    lookup: (reference, carrierId) => line.lookup(reference, carrierId),
    callback: (request) => line.callback(request),
    purge: (reference, carrierId) => line.purge(reference, carrierId),
    numbers: () => line.numbers(),
    health: () => line.health(),
  } satisfies CarrierAdapter;
}

function capabilitiesOf({ inboundPoll }: TelnyxConfig): CarrierCapabilities {
  return {
    idempotencyKey: false,
    lookupByRef: true,
    perPageStatus: false,
    cancellable: true,
    inbound: inboundPoll === null ? 'none' : 'push',
    mediaDelivery: 'push',
    leaseBound: false,
  };
}

function clientOf({ baseUrl, otherUrls, token }: TelnyxConfig, { clock, log }: TelnyxSurroundings): HttpClient {
  return createHttpClient({ base: baseUrl, others: otherUrls, clock, log, headers: authorization(token) });
}

class TelnyxLine {
  readonly #config: TelnyxConfig;
  readonly #surroundings: TelnyxSurroundings;
  readonly #api: TelnyxApi;
  readonly #finder: FaxFinder;
  readonly #hints = new Hints();
  readonly #replays = new ReplayCache();
  /** References of calls that this process is sending. */
  readonly #live = new Set<string>();
  readonly #stop = new AbortController();
  #inbound: ReceivedFaxes | null = null;
  #stopLooks = () => {};

  constructor(config: TelnyxConfig, surroundings: TelnyxSurroundings, http: HttpClient) {
    this.#config = config;
    this.#surroundings = surroundings;
    this.#api = new TelnyxApi(http);
    this.#finder = new FaxFinder(this.#api, surroundings.clock);
  }

  start(reception: CallReception): void {
    const { name, inboundPoll, mediaHosts, baseUrl } = this.#config;
    if (inboundPoll === null) return;
    const { clock, log, pdfPages } = this.#surroundings;
    const media = createMediaFetcher({ hosts: mediaHosts, origin: baseUrl.origin, clock, limit: LARGEST_FILE });
    const signal = this.#stop.signal;
    const source = receivedFaxes({ api: this.#api, media, log, signal });
    const inbound = new ReceivedFaxes(source, { carrier: name, clock, log, signal, pdfPages }, reception);
    this.#inbound = inbound;
    this.#stopLooks = repeatLooks(clock, inboundPoll * 1_000, () => inbound.look());
  }

  drain(): void {
    this.#stopLooks();
    this.#inbound = null;
  }

  stop(): void {
    this.drain();
    this.#stop.abort('cut');
  }

  async *place(call: OutgoingCall): AsyncGenerator<CallStep, CallResult> {
    const { clock } = this.#surroundings;
    const { poll, longest } = this.#config;
    const following = { clock, poll: poll * 1_000, longest: longest * 1_000 };
    this.#live.add(call.reference);
    try {
      return yield* place(call, {
        ...following,
        config: this.#config,
        api: this.#api.at(call.reference),
        finder: this.#finder,
        signal: AbortSignal.any([call.signal, this.#stop.signal]),
        hint: (id) => this.#hints.wait(id),
        known: (id) => this.#finder.note(call.reference, id),
      });
    } finally {
      this.#live.delete(call.reference);
    }
  }

  async lookup(reference: string, carrierId?: string): Promise<LookupAnswer> {
    if (this.#live.has(reference)) return { found: 'live' };
    const told = await this.#finder.find(reference, carrierId);
    // A fax that had an id was placed; its record is gone, and what it said.
    if (told.is === 'absent') return { found: carrierId === undefined ? 'never_placed' : 'unknown' };
    if (told.is !== 'value') return { found: 'unknown' };
    const result = endOf(told.value.fax, told.value.pages);
    return result === undefined ? { found: 'live' } : { found: 'ended', result };
  }

  async callback(request: CarrierCallback): Promise<CallbackAnswer> {
    if (request.method !== 'POST') return { status: 405 };
    const refusal = await refusalOf(request, this.#config.publicKey, this.#surroundings.clock.now());
    if (refusal !== null) {
      this.#surroundings.log.warn({ refusal }, 'a callback in the name of Telnyx is not believed');
      return { status: 401 };
    }
    const event = readEvent(request.body);
    if (event === undefined || !this.#replays.take(event.id)) return { status: 200 };
    this.#hints.give(event.payload.fax_id);
    // The fax is fetched after the answer: Telnyx waits for seconds only, and a look finds it should we die before.
    if (event.event_type === 'fax.received') void this.#inbound?.take(event.payload.fax_id);
    return { status: 200 };
  }

  purge(reference: string, carrierId: string | undefined) {
    return purge({ reference, carrierId }, this.#api.at(reference), this.#finder);
  }

  numbers(): Promise<CarrierNumbers> {
    return listNumbers(this.#api, this.#config.connectionId);
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const told = await this.#api.hasApplication(this.#config.connectionId);
    if (told.is === 'absent') return { ok: false, detail: 'there is no such fax application' };
    if (told.is === 'refused') return { ok: false, detail: `the account is refused: HTTP ${told.status}` };
    if (told.is === 'unknown') return { ok: false, detail: `no answer: ${told.detail}` };
    const unreadable = this.#inbound?.unreadable ?? 0;
    if (unreadable > 0) return { ok: false, detail: `${unreadable} received faxes cannot be read` };
    return { ok: true, detail: 'the fax application is there' };
  }
}
