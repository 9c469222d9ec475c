import type { CallResult } from '../../gateway/fax/call-result.ts';
import type {
  CallbackAnswer,
  CallReception,
  CallStep,
  CarrierAdapter,
  CarrierCallback,
  CarrierCapabilities,
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
import type { SignalwireConfig } from './config.ts';
import { FaxFinder } from './finder.ts';
import { receivedFaxes } from './inbound.ts';
import { listNumbers } from './numbers.ts';
import { endOf } from './outcome.ts';
import { place } from './place.ts';
import { purge } from './purge.ts';
import { openCallback } from './webhook.ts';
import {
  authorization,
  CALLBACKS,
  EMPTY_ANSWER,
  REJECT_ANSWER,
  readEvent,
  receiveAnswer,
  SignalwireApi,
} from './wire.ts';

/** The largest received file, octets: 1,000 pages of ordinary text. */
const LARGEST_FILE = 52_428_800;
const XML = 'text/xml; charset=utf-8';

/** What the adapter uses of its surroundings. */
export interface SignalwireSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** Reads received PDFs. */
  readonly pdfPages?: PdfPages | undefined;
  /** Origin by which the carrier reaches the gateway; absent: nothing is sent, and no callback is believed. */
  readonly publicUrl?: URL | undefined;
}

/** Faxes through SignalWire's compatibility API, see the README of this folder. @param http in place of the one that `config` describes */
export function createSignalwire(
  config: SignalwireConfig,
  surroundings: SignalwireSurroundings,
  http?: HttpClient,
): CarrierAdapter {
  const line = new SignalwireLine(config, surroundings, http ?? clientOf(config, surroundings));
  return {
    name: config.name,
    kind: 'signalwire',
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

function capabilitiesOf({ inboundPoll, mediaLinks }: SignalwireConfig): CarrierCapabilities {
  return {
    idempotencyKey: false,
    lookupByRef: true,
    perPageStatus: false,
    cancellable: true,
    inbound: inboundPoll === null ? 'none' : 'push',
    outbound: mediaLinks,
    mediaDelivery: 'pull',
    leaseBound: false,
  };
}

function clientOf(config: SignalwireConfig, { clock, log }: SignalwireSurroundings): HttpClient {
  const { baseUrl: base, otherUrls: others, project, token } = config;
  return createHttpClient({ base, others, clock, log, headers: authorization(project, token) });
}

class SignalwireLine {
  readonly #config: SignalwireConfig;
  readonly #surroundings: SignalwireSurroundings;
  readonly #api: SignalwireApi;
  readonly #finder: FaxFinder;
  readonly #hints = new Hints();
  readonly #replays = new ReplayCache();
  /** References of calls that this process is sending. */
  readonly #live = new Set<string>();
  readonly #stop = new AbortController();
  #inbound: ReceivedFaxes | null = null;
  #stopLooks = () => {};

  constructor(config: SignalwireConfig, surroundings: SignalwireSurroundings, http: HttpClient) {
    this.#config = config;
    this.#surroundings = surroundings;
    this.#api = new SignalwireApi(http, config.project);
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
    const { poll, longest } = this.#config;
    this.#live.add(call.reference);
    try {
      return yield* place(call, {
        config: this.#config,
        api: this.#api.at(call.reference),
        finder: this.#finder,
        clock: this.#surroundings.clock,
        poll: poll * 1_000,
        longest: longest * 1_000,
        signal: AbortSignal.any([call.signal, this.#stop.signal]),
        hint: (id) => this.#hints.wait(id),
        statusCallback: (reference) => this.#callbackUrl(CALLBACKS.status, reference),
      });
    } finally {
      this.#live.delete(call.reference);
    }
  }

  async lookup(reference: string, carrierId?: string): Promise<LookupAnswer> {
    if (this.#live.has(reference)) return { found: 'live' };
    const told = await this.#finder.find(reference, carrierId);
    // A list may not show what a fax was ordered with: that none has this link does not say that there is none.
    if (told.is !== 'value') return { found: 'unknown' };
    const result = endOf(told.value);
    return result === undefined ? { found: 'live' } : { found: 'ended', result };
  }

  async callback(request: CarrierCallback): Promise<CallbackAnswer> {
    if (request.method !== 'POST') return { status: 405 };
    const { signingKey, token, project } = this.#config;
    const opened = openCallback(request, this.#surroundings.publicUrl, signingKey ?? token);
    if (typeof opened === 'string') return this.#disbelieved(opened);
    const event = readEvent(opened.fields);
    if (event === undefined) return { status: 400 };
    if (event.account !== project) return this.#disbelieved('foreign');
    return this.#heard(request.path, event.fax, opened.signature);
  }

  #disbelieved(refusal: string): CallbackAnswer {
    this.#surroundings.log.warn({ refusal }, 'a callback in the name of SignalWire is not believed');
    return { status: 401 };
  }

  /** A fax rings, has come, or is on its way: which, the path says, and it is signed. */
  #heard(path: string, fax: string, signature: string): CallbackAnswer {
    const [kind = '', reference = ''] = path.slice(`/carriers/${this.#config.name}/`.length).split(/[/?]/);
    if (kind === CALLBACKS.incoming) return this.#ringing();
    if (!this.#replays.take(signature)) return { status: 200, contentType: XML, body: EMPTY_ANSWER };
    if (kind === CALLBACKS.received) {
      // The fax is fetched after the answer: SignalWire waits for seconds only, and a look finds it should we die before.
      void this.#inbound?.take(fax);
    } else if (kind === CALLBACKS.status) {
      if (this.#live.has(reference)) this.#finder.note(reference, fax);
      this.#hints.give(reference);
      this.#hints.give(fax);
    }
    return { status: 200, contentType: XML, body: EMPTY_ANSWER };
  }

  #ringing(): CallbackAnswer {
    const action = this.#inbound === null ? undefined : this.#callbackUrl(CALLBACKS.received);
    return { status: 200, contentType: XML, body: action === undefined ? REJECT_ANSWER : receiveAnswer(action) };
  }

  #callbackUrl(...segments: readonly string[]): URL | undefined {
    const { publicUrl } = this.#surroundings;
    const path = ['carriers', this.#config.name, ...segments].map(encodeURIComponent).join('/');
    return publicUrl === undefined ? undefined : new URL(`/${path}`, publicUrl);
  }

  purge(reference: string, carrierId?: string) {
    return purge({ reference, carrierId }, this.#api.at(reference), this.#finder);
  }

  numbers() {
    return listNumbers(this.#api);
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const told = await this.#api.hasProject();
    if (told.is === 'absent') return { ok: false, detail: 'there is no such project' };
    if (told.is === 'refused') return { ok: false, detail: `the project is refused: HTTP ${told.status}` };
    if (told.is === 'unknown') return { ok: false, detail: `no answer: ${told.detail}` };
    const unreadable = this.#inbound?.unreadable ?? 0;
    if (unreadable > 0) return { ok: false, detail: `${unreadable} received faxes cannot be read` };
    return { ok: true, detail: 'the project is there' };
  }
}
