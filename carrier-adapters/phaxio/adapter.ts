import { wipe } from '../../crypto/index.ts';
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
  PurgeReport,
} from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import {
  createHttpClient,
  Hints,
  type HttpClient,
  type PdfPages,
  ReceivedFaxes,
  ReplayCache,
  repeatLooks,
  type Told,
} from '../http/index.ts';
import type { PhaxioConfig } from './config.ts';
import { findFax } from './finder.ts';
import { receivedFaxes } from './inbound.ts';
import { listNumbers } from './numbers.ts';
import { endOf } from './outcome.ts';
import { place } from './place.ts';
import { FAX_ID, purge } from './purge.ts';
import { isTimely, openCallback } from './webhook.ts';
import { authorization, COMPLETED, PhaxioApi, readEvent } from './wire.ts';

/** Octets of the longest callback at the URL that only Phaxio knows: it holds the file of a received fax. At any other: a few. */
const CALLBACK_LIMIT = 33_554_432;
const STRANGERS_LIMIT = 4_096;
/** Time that the carrier has to end a fax after it should have given it up, ms. */
const SPARE_TIME = 300_000;

/** What the adapter uses of its surroundings. */
export interface PhaxioSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** Reads received PDFs, which is what Phaxio has; without it they stay there. */
  readonly pdfPages?: PdfPages | undefined;
}

/** Faxes through Phaxio's API v2.1, see the README of this folder. @param http in place of the one that `config` describes */
export function createPhaxio(
  config: PhaxioConfig,
  surroundings: PhaxioSurroundings,
  http?: HttpClient,
): CarrierAdapter {
  const line = new PhaxioLine(config, surroundings, http ?? clientOf(config, surroundings));
  return {
    name: config.name,
    kind: 'phaxio',
    capabilities: capabilitiesOf(config),
    callbackLimit: ({ path }) => (isOwnPath(path, config) ? CALLBACK_LIMIT : STRANGERS_LIMIT),
    start: async (reception) => line.start(reception),
    drain: async () => line.drain(),
    stop: async () => line.stop(),
    place: (call) => line.place(call),
    lookup: (reference, carrierId) => line.lookup(reference, carrierId),
    callback: async (request) => line.callback(request),
    purge: (reference, carrierId) => line.purge(reference, carrierId),
    numbers: () => line.numbers(),
    health: () => line.health(),
  } satisfies CarrierAdapter;
}

function capabilitiesOf({ inboundPoll }: PhaxioConfig): CarrierCapabilities {
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

function clientOf({ baseUrl, otherUrls, key, secret }: PhaxioConfig, { clock, log }: PhaxioSurroundings): HttpClient {
  return createHttpClient({ base: baseUrl, others: otherUrls, clock, log, headers: authorization(key, secret) });
}

function isOwnPath(path: string, { webhookUrl }: PhaxioConfig): boolean {
  if (webhookUrl === undefined) return false;
  const { pathname, search } = new URL(webhookUrl);
  return path === `${pathname}${search}`;
}

class PhaxioLine {
  readonly #config: PhaxioConfig;
  readonly #surroundings: PhaxioSurroundings;
  readonly #api: PhaxioApi;
  readonly #hints = new Hints();
  readonly #replays = new ReplayCache();
  /** References of calls that this process is sending. */
  readonly #live = new Set<string>();
  readonly #stop = new AbortController();
  #inbound: ReceivedFaxes | null = null;
  #stopLooks = () => {};

  constructor(config: PhaxioConfig, surroundings: PhaxioSurroundings, http: HttpClient) {
    this.#config = config;
    this.#surroundings = surroundings;
    this.#api = new PhaxioApi(http);
  }

  start(reception: CallReception): void {
    const { name, inboundPoll } = this.#config;
    if (inboundPoll === null) return;
    const { clock, log } = this.#surroundings;
    const signal = this.#stop.signal;
    const source = receivedFaxes({ api: this.#api, log, signal });
    const inbound = new ReceivedFaxes(source, { ...this.#surroundings, carrier: name, signal }, reception);
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
        clock: this.#surroundings.clock,
        poll: poll * 1_000,
        longest: longest * 1_000 + SPARE_TIME,
        signal: AbortSignal.any([call.signal, this.#stop.signal]),
        hint: (id) => this.#hints.wait(id),
      });
    } finally {
      this.#live.delete(call.reference);
    }
  }

  async lookup(reference: string, carrierId?: string): Promise<LookupAnswer> {
    if (this.#live.has(reference)) return { found: 'live' };
    const told = await findFax(this.#api.at(reference), this.#surroundings.clock, reference, carrierId);
    if (told.is === 'absent' && carrierId === undefined) return { found: 'never_placed' };
    if (told.is !== 'value') return { found: 'unknown' };
    const result = endOf(told.value.fax, told.value.pages);
    return result === undefined ? { found: 'live' } : { found: 'ended', result };
  }

  callback(request: CarrierCallback): CallbackAnswer {
    if (request.method !== 'POST') return { status: 405 };
    try {
      return this.#believe(request);
    } finally {
      wipe(request.body); // it may hold a page
    }
  }

  async purge(reference: string, carrierId?: string): Promise<PurgeReport> {
    return purge(await this.#idOf(reference, carrierId), this.#api.at(reference));
  }

  numbers(): Promise<CarrierNumbers> {
    return listNumbers(this.#api);
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const told = await this.#api.hasAccount();
    if (told.is === 'refused') return { ok: false, detail: `the account is refused: HTTP ${told.status}` };
    if (told.is === 'absent') return { ok: false, detail: 'there is no such API' };
    if (told.is === 'unknown') return { ok: false, detail: `no answer: ${told.detail}` };
    const unreadable = this.#inbound?.unreadable ?? 0;
    if (unreadable > 0) return { ok: false, detail: `${unreadable} received faxes cannot be read` };
    return { ok: true, detail: 'the account answers' };
  }

  #believe(request: CarrierCallback): CallbackAnswer {
    const { webhookUrl, token } = this.#config;
    const genuine = openCallback(request, webhookUrl, token);
    if (typeof genuine === 'string') return this.#disbelieve(genuine);
    const told = readEvent(genuine.fields);
    if (told === undefined) return { status: 200 };
    if (!isTimely(told.fax, this.#surroundings.clock.now())) return this.#disbelieve('outdated');
    if (!this.#replays.take(genuine.signature)) return { status: 200 };
    this.#hints.give(told.fax.id);
    // The fax is fetched after the answer, from the carrier itself, and a look finds it should we die before.
    if (told.event === COMPLETED && told.fax.direction === 'received') void this.#inbound?.take(told.fax.id);
    return { status: 200 };
  }

  #disbelieve(refusal: string): CallbackAnswer {
    this.#surroundings.log.warn({ refusal }, 'a callback in the name of Phaxio is not believed');
    return { status: 401 };
  }

  /** The carrier's id of a fax that was received, or sent with or without a known id. */
  async #idOf(reference: string, carrierId: string | undefined): Promise<Told<string>> {
    if (carrierId !== undefined) return { is: 'value', value: carrierId };
    if (FAX_ID.test(reference)) return { is: 'value', value: reference };
    const told = await findFax(this.#api.at(reference), this.#surroundings.clock, reference, undefined);
    return told.is === 'value' ? { is: 'value', value: told.value.fax.id } : told;
  }
}
