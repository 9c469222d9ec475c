import { wipe } from '../../crypto/index.ts';
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
  PurgeReport,
} from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { createHttpClient, Hints, type HttpClient, type PdfPages, repeatLooks } from '../http/index.ts';
import type { SinchConfig } from './config.ts';
import { FaxFinder } from './finder.ts';
import { Inbound } from './inbound.ts';
import { listNumbers } from './numbers.ts';
import { endOf } from './outcome.ts';
import { place } from './place.ts';
import { purge } from './purge.ts';
import { keepingOf, type ServiceKeeping } from './service.ts';
import { withKey, withTokens } from './tokens.ts';
import { callbackUrl, isTimely, refusalOf } from './webhook.ts';
import { LARGEST_CALLBACK, readEvent, SinchApi, type SinchEvent } from './wire.ts';

/** Octets of a callback from whoever has not shown who they are. */
const STRANGERS_CALLBACK = 65_536;
/** Sinch waits for 60 s; a fax that takes longer is told to come again, ms. */
const ANSWER_TIME = 50_000;
/** Status that has the carrier repeat its callback later. */
const COME_AGAIN = 503;

/** What the adapter uses of its surroundings. */
export interface SinchSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** Reads received PDFs: Sinch hands out nothing else. */
  readonly pdfPages?: PdfPages | undefined;
  /** Origin by which callbacks reach the gateway. */
  readonly publicUrl?: URL | undefined;
}

/** Faxes through Sinch' Fax API v3, see the README of this folder. @param http in place of the one that `config` describes */
export function createSinch(config: SinchConfig, surroundings: SinchSurroundings, http?: HttpClient): CarrierAdapter {
  const line = new SinchLine(config, surroundings, http ?? clientOf(config, surroundings));
  return {
    name: config.name,
    kind: 'sinch',
    capabilities: capabilitiesOf(config),
    start: (reception) => line.start(reception),
    drain: async () => line.drain(),
    stop: async () => line.stop(),
    place: (call) => line.place(call),
    lookup: (reference, carrierId) => line.lookup(reference, carrierId),
    callback: (request) => line.callback(request),
    callbackLimit: (head) => line.callbackLimit(head),
    purge: (reference, carrierId) => line.purge(reference, carrierId),
    numbers: () => line.numbers(),
    health: () => line.health(),
  } satisfies CarrierAdapter;
}

function capabilitiesOf({ inboundPoll }: SinchConfig): CarrierCapabilities {
  return {
    idempotencyKey: false,
    lookupByRef: true,
    perPageStatus: false,
    cancellable: false,
    inbound: inboundPoll === null ? 'none' : 'push',
    mediaDelivery: 'push',
    leaseBound: false,
  };
}

/** The API, with the authorization that `config` asks for. */
export function clientOf(config: SinchConfig, { clock, log }: SinchSurroundings): HttpClient {
  const { baseUrl, otherUrls, authUrl, auth, keyId, secret } = config;
  const http = createHttpClient({ base: baseUrl, others: otherUrls, clock, log });
  const key = { keyId, secret };
  return auth === 'basic'
    ? withKey(http, key)
    : withTokens(http, createHttpClient({ base: authUrl, clock }), key, clock);
}

class SinchLine {
  readonly #config: SinchConfig;
  readonly #surroundings: SinchSurroundings;
  readonly #api: SinchApi;
  readonly #finder: FaxFinder;
  readonly #hints = new Hints();
  /** References of calls that this process is sending. */
  readonly #live = new Set<string>();
  readonly #stop = new AbortController();
  readonly #callbackUrl: string | undefined;
  #inbound: Inbound | null = null;
  #stopLooks = () => {};

  constructor(config: SinchConfig, surroundings: SinchSurroundings, http: HttpClient) {
    const { callback, name } = config;
    const { publicUrl } = surroundings;
    this.#config = config;
    this.#surroundings = surroundings;
    this.#api = new SinchApi(http, config.projectId);
    this.#finder = new FaxFinder(this.#api);
    this.#callbackUrl =
      callback === undefined || publicUrl === undefined ? undefined : callbackUrl(name, callback, publicUrl);
  }

  async start(reception: CallReception): Promise<void> {
    const { name, inboundPoll } = this.#config;
    const { clock, log, pdfPages } = this.#surroundings;
    if (inboundPoll !== null) {
      const parts = { carrier: name, api: this.#api, log, signal: this.#stop.signal, pdfPages };
      const inbound = new Inbound(parts, reception);
      this.#inbound = inbound;
      this.#stopLooks = repeatLooks(clock, inboundPoll * 1_000, () => inbound.look());
    }
    // Faxes do not wait for what the carrier keeps of them.
    void this.#keeping().then((keeping) => {
      if (keeping.warning !== null) log.warn({ carrier: name }, keeping.warning);
    });
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
        callbackUrl: this.#callbackUrl,
        clock: this.#surroundings.clock,
        poll: poll * 1_000,
        longest: longest * 1_000,
        signal: AbortSignal.any([call.signal, this.#stop.signal]),
        hint: (id) => this.#hints.wait(id),
      });
    } finally {
      this.#live.delete(call.reference);
    }
  }

  async lookup(reference: string, carrierId: string | undefined): Promise<LookupAnswer> {
    if (this.#live.has(reference)) return { found: 'live' };
    const told = await this.#finder.find(reference, carrierId);
    // What the carrier once had may be gone from its records; only what it never had was never placed.
    if (told.is === 'absent') return { found: carrierId === undefined ? 'never_placed' : 'unknown' };
    if (told.is !== 'value') return { found: 'unknown' };
    const result = endOf(told.value.fax, told.value.pages);
    return result === undefined ? { found: 'live' } : { found: 'ended', result };
  }

  callbackLimit(head: Omit<CarrierCallback, 'body'>): number {
    return refusalOf(head, this.#config.callback) === null ? LARGEST_CALLBACK : STRANGERS_CALLBACK;
  }

  async callback(request: CarrierCallback): Promise<CallbackAnswer> {
    if (request.method !== 'POST') return { status: 405 };
    const refusal = refusalOf(request, this.#config.callback);
    if (refusal !== null) return this.#disbelieved(refusal);
    const event = readEvent(request.headers['content-type'], request.body);
    const heard = this.#heard(event);
    // There may have been a fax in it, which may still be taken when the answer is due.
    void heard.finally(() => {
      wipe(request.body);
      if (event?.file !== null && event?.file !== undefined) wipe(event.file);
    });
    return this.#inTime(heard);
  }

  #disbelieved(refusal: string): CallbackAnswer {
    this.#surroundings.log.warn({ refusal }, 'a callback in the name of Sinch is not believed');
    return { status: 401 };
  }

  async #heard(event: SinchEvent | undefined): Promise<CallbackAnswer> {
    if (event === undefined) return { status: 400 };
    if (!isTimely(event.at, this.#surroundings.clock.now())) return this.#disbelieved('outdated');
    this.#hints.give(event.id);
    if (event.event !== 'INCOMING_FAX' || this.#config.inboundPoll === null) return { status: 200 };
    const taken = await this.#inbound?.take(event.id, event.file);
    return { status: taken === true ? 200 : COME_AGAIN };
  }

  /** An answer in the time that the carrier waits. */
  async #inTime(heard: Promise<CallbackAnswer>): Promise<CallbackAnswer> {
    const late = Promise.withResolvers<CallbackAnswer>();
    const cancel = this.#surroundings.clock.after(ANSWER_TIME, () => late.resolve({ status: COME_AGAIN }));
    return Promise.race([heard, late.promise]).finally(cancel);
  }

  purge(reference: string, carrierId: string | undefined): Promise<PurgeReport> {
    return purge(reference, carrierId, this.#api.at(reference), this.#finder);
  }

  numbers() {
    return listNumbers(this.#api, this.#config.serviceId);
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const { ok, detail, warning } = await this.#keeping();
    const unreadable = this.#inbound?.unreadable ?? 0;
    if (ok && unreadable > 0) return { ok: false, detail: `${unreadable} received faxes cannot be read` };
    return { ok, detail: warning === null ? detail : `${detail}; ${warning}` };
  }

  #keeping(): Promise<ServiceKeeping> {
    const { serviceId, inboundPoll, callback } = this.#config;
    return keepingOf(this.#api, serviceId, { receives: inboundPoll !== null, hears: callback !== undefined });
  }
}
