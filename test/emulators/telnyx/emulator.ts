import { randomUUID } from 'node:crypto';
import type { CallbackAnswer, CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { partsOf } from '../http/multipart.ts';
import { type Asked, type EmulatorServer, type Reply, startEmulator } from '../http/server.ts';
import { type CallbackKey, signedCallback } from './callbacks.ts';

/** A fax at the carrier. */
export interface EmulatedFax {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly from: string;
  readonly to: string;
  readonly created_at: string;
  readonly connection_id: string;
  readonly client_state: string | undefined;
  readonly media_name: string | undefined;
  readonly quality: string | undefined;
  status: string;
  failure_reason: string | null;
  media_url?: string;
  page_count?: number;
}

interface Stored {
  readonly content: Uint8Array;
  readonly created_at: string;
  readonly expires_at: string;
}

/** How a number behaves: it takes the fax, or fails with a reason; `never` stays in `sending`, `odd` in a state that nobody knows. */
const BEHAVIOURS: ReadonlyMap<string, string> = new Map([
  ['+15550110001', 'user_busy'],
  ['+15550120001', 'receiver_no_answer'],
  ['+15550130001', 'fax_initial_communication_timeout'],
  ['+15550140001', 'destination_unreachable'],
  ['+15550150001', 'receiver_call_dropped'],
  ['+15550160001', 'a_reason_of_next_year'],
  ['+15550170001', 'never'],
  ['+15550180001', 'odd'],
]);

/** States of a fax and the ms after which each comes. */
const COURSE = [
  ['media.processed', 1_000],
  ['originated', 2_000],
  ['sending', 8_000],
  ['ended', 30_000],
] as const;

/** Telnyx’ fax and media API on a port of this machine. */
export interface TelnyxEmulator extends Pick<EmulatorServer, 'url' | 'requests' | 'faults' | 'close'> {
  readonly faxes: Map<string, EmulatedFax>;
  readonly media: Map<string, Stored>;
  /** Octets of media that were uploaded. */
  received: number;
  /** Orders that were taken, by the number that they go to. */
  readonly orders: string[];
  /** Every callback that was sent, to be sent again. */
  readonly sent: CarrierCallback[];
  /** Numbers whose calls go to the fax application. */
  readonly numbers: { readonly phone_number: string; readonly customer_reference: string | null }[];
  /** Callbacks are kept back until they are sent by a test. */
  silent: boolean;
  /** Deleted faxes and files stay. */
  clinging: boolean;
  /** A fax comes in; answers its id. */
  receive(
    file: Uint8Array,
    change?: { readonly from?: string; readonly to?: string; readonly mediaUrl?: string },
  ): string;
  /** Addresses of files that came in hold no longer. */
  expire(): void;
  callback(
    type: string,
    id: string,
    change?: { readonly now?: number; readonly key?: CallbackKey },
  ): Promise<CarrierCallback>;
}

export interface EmulatorOptions {
  readonly clock: Clock;
  readonly token: string;
  readonly connectionId: string;
  readonly key: CallbackKey;
  /** Where callbacks go; left out: nowhere. */
  readonly deliver?: (callback: CarrierCallback) => Promise<CallbackAnswer>;
}

/** Starts the carrier. */
export async function startTelnyx(options: EmulatorOptions): Promise<TelnyxEmulator> {
  const state = new Telnyx(options);
  const server = await startEmulator((asked) => state.answer(asked));
  state.url = server.url;
  return Object.assign(state, { requests: server.requests, faults: server.faults, close: () => server.close() });
}

class Telnyx {
  url = '';
  readonly faxes = new Map<string, EmulatedFax>();
  readonly media = new Map<string, Stored>();
  readonly orders: string[] = [];
  readonly sent: CarrierCallback[] = [];
  readonly numbers: { readonly phone_number: string; readonly customer_reference: string | null }[] = [];
  received = 0;
  silent = false;
  clinging = false;
  readonly #options: EmulatorOptions;
  readonly #files = new Map<string, Uint8Array>();
  /** Valid names in addresses of received files. */
  readonly #addresses = new Map<string, string>();

  constructor(options: EmulatorOptions) {
    this.#options = options;
  }

  async answer(asked: Asked): Promise<Reply> {
    const [, area, name, action, verb] = asked.path.replace(/^\/v2/, '').split('/').map(decodeURIComponent);
    // Pre-signed addresses carry their own authorization.
    if (area === 'received') return this.#file(name ?? '');
    if (asked.headers.authorization !== `Bearer ${this.#options.token}`) return problem(401, '10009');
    if (area === 'media') return this.#media(asked, name, action);
    if (area === 'fax_applications') {
      return name === this.#options.connectionId
        ? data({ id: name, record_type: 'fax_application' })
        : problem(404, '10005');
    }
    if (area === 'phone_numbers') return this.#numbers(asked.query);
    if (area !== 'faxes') return problem(404, '10005');
    if (action === 'actions') return this.#act(name ?? '', verb ?? '');
    return this.#faxes(asked, name);
  }

  receive(
    file: Uint8Array,
    change: { readonly from?: string; readonly to?: string; readonly mediaUrl?: string } = {},
  ): string {
    const id = randomUUID();
    this.#files.set(id, file);
    this.faxes.set(id, {
      ...this.#blank(id, 'inbound'),
      from: change.from ?? '+15550001111',
      to: change.to ?? '+15551230000',
      status: 'received',
      media_url: change.mediaUrl ?? this.#address(id),
      page_count: 1,
    });
    this.#tell('fax.received', id);
    return id;
  }

  expire(): void {
    this.#addresses.clear();
  }

  async callback(
    type: string,
    id: string,
    change: { readonly now?: number; readonly key?: CallbackKey } = {},
  ): Promise<CarrierCallback> {
    const fax = this.faxes.get(id);
    const payload = { ...fax, fax_id: id, original_media_url: undefined, user_id: 'user' };
    const now = change.now ?? this.#options.clock.now();
    return signedCallback(type, payload, now, change.key ?? this.#options.key);
  }

  #blank(id: string, direction: EmulatedFax['direction']): EmulatedFax {
    return {
      id,
      direction,
      from: '',
      to: '',
      created_at: new Date(this.#options.clock.now()).toISOString(),
      connection_id: this.#options.connectionId,
      client_state: undefined,
      media_name: undefined,
      quality: undefined,
      status: 'queued',
      failure_reason: null,
    };
  }

  #address(id: string): string {
    const name = randomUUID();
    this.#addresses.set(name, id);
    return `${this.url}/v2/received/${name}`;
  }

  #file(name: string): Reply {
    const bytes = this.#files.get(this.#addresses.get(name) ?? '');
    return bytes === undefined ? { status: 403 } : { status: 200, bytes, headers: { 'content-type': 'image/tiff' } };
  }

  async #media(asked: Asked, name: string | undefined, action: string | undefined): Promise<Reply> {
    if (asked.method === 'POST') return this.#upload(asked);
    if (name === undefined) {
      return { status: 200, json: { data: [...this.media].map(([key, file]) => shown(key, file)), meta: {} } };
    }
    const file = this.media.get(name);
    if (file === undefined) return problem(404, '10005');
    if (asked.method === 'DELETE') {
      if (!this.clinging) this.media.delete(name);
      return { status: 204 };
    }
    return action === 'download' ? { status: 200, bytes: file.content } : data(shown(name, file));
  }

  async #upload(asked: Asked): Promise<Reply> {
    const parts = await partsOf(asked);
    const text = (name: string) =>
      Buffer.from(parts.find((part) => part.name === name)?.content ?? new Uint8Array(0)).toString();
    const file = parts.find((part) => part.name === 'media');
    const name = text('media_name') || file?.filename;
    if (file?.filename === undefined || name === undefined) return problem(422, '10015');
    const now = this.#options.clock.now();
    const seconds = Number(text('ttl_secs') || 172_800);
    const stored = { content: file.content, created_at: iso(now), expires_at: iso(now + seconds * 1_000) };
    this.media.set(name, stored);
    this.received += file.content.length;
    return data(shown(name, stored));
  }

  #faxes(asked: Asked, id: string | undefined): Reply {
    if (id === undefined) return asked.method === 'POST' ? this.#order(asked) : this.#list(asked.query);
    const fax = this.faxes.get(id);
    if (fax === undefined) return problem(404, '10005');
    if (asked.method !== 'DELETE') return data({ record_type: 'fax', ...fax });
    if (!this.clinging) this.faxes.delete(id);
    this.#files.delete(id);
    return { status: 204 };
  }

  #order({ body }: Asked): Reply {
    const { connection_id, to, from, media_name, client_state, quality } = JSON.parse(Buffer.from(body).toString());
    if (connection_id !== this.#options.connectionId) return problem(422, '10015');
    if (typeof to !== 'string' || typeof from !== 'string' || !this.media.has(media_name)) return problem(422, '10015');
    const id = randomUUID();
    const fax = { ...this.#blank(id, 'outbound'), to, from, media_name, client_state, quality };
    this.faxes.set(id, fax);
    this.orders.push(to);
    this.#tell('fax.queued', id);
    for (const [status, ms] of COURSE) this.#options.clock.after(ms, () => this.#advance(fax, status));
    return { status: 202, json: { data: { record_type: 'fax', ...fax } } };
  }

  #advance(fax: EmulatedFax, status: (typeof COURSE)[number][0]): void {
    if (fax.status === 'failed' || !this.faxes.has(fax.id)) return;
    const behaviour = BEHAVIOURS.get(fax.to);
    if (status !== 'ended') {
      fax.status = status;
      const type = { 'media.processed': 'fax.media.processed', originated: undefined, sending: 'fax.sending.started' };
      if (type[status] !== undefined) this.#tell(type[status], fax.id);
    } else if (behaviour === 'odd') fax.status = 'dreaming';
    else if (behaviour === undefined) this.#end(fax, 'delivered', null);
    else if (behaviour !== 'never') this.#end(fax, 'failed', behaviour);
  }

  #end(fax: EmulatedFax, status: 'delivered' | 'failed', reason: string | null): void {
    fax.status = status;
    fax.failure_reason = reason;
    fax.page_count = 1;
    this.#tell(`fax.${status}`, fax.id);
  }

  #act(id: string, verb: string): Reply {
    const fax = this.faxes.get(id);
    if (fax === undefined) return problem(404, '10005');
    if (verb === 'refresh' && fax.direction === 'inbound') {
      fax.media_url = this.#address(id);
      return data({ result: 'ok' });
    }
    if (verb !== 'cancel' || ['delivered', 'failed'].includes(fax.status)) return problem(422, '10015');
    this.#options.clock.after(2_000, () => this.#end(fax, 'failed', 'sender_canceled'));
    return data({ result: 'ok' });
  }

  #list(query: URLSearchParams): Reply {
    const wanted = (name: string, value: string) => (query.get(`filter[${name}][eq]`) ?? value) === value;
    const since = query.get('filter[created_at][gte]') ?? '';
    const all = [...this.faxes.values()].filter(
      (fax) =>
        wanted('direction', fax.direction) &&
        wanted('to', fax.to) &&
        wanted('from', fax.from) &&
        fax.created_at >= since,
    );
    const size = Math.min(Number(query.get('page[size]') ?? 20), 250);
    const number = Number(query.get('page[number]') ?? 1);
    const rows = all.slice((number - 1) * size, number * size).map((fax) => ({ record_type: 'fax', ...fax }));
    const meta = {
      page_number: number,
      page_size: size,
      total_results: all.length,
      total_pages: Math.ceil(all.length / size),
    };
    return { status: 200, json: { data: rows, meta } };
  }

  #numbers(query: URLSearchParams): Reply {
    const connection = query.get('filter[connection_id]') ?? this.#options.connectionId;
    const all = connection === this.#options.connectionId ? this.numbers : [];
    const size = Math.min(Number(query.get('page[size]') ?? 20), 250);
    const number = Number(query.get('page[number]') ?? 1);
    const rows = all.slice((number - 1) * size, number * size).map((one) => ({
      ...{ record_type: 'phone_number', id: one.phone_number, connection_id: connection, status: 'active' },
      ...one,
    }));
    const pages = { page_number: number, page_size: size, total_pages: Math.ceil(all.length / size) };
    return { status: 200, json: { data: rows, meta: { ...pages, total_results: all.length } } };
  }

  #tell(type: string, id: string): void {
    void this.callback(type, id).then(async (callback) => {
      this.sent.push(callback);
      if (!this.silent) await this.#options.deliver?.(callback);
    });
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

function shown(name: string, { created_at, expires_at }: Stored) {
  return { media_name: name, content_type: 'image/tiff', created_at, updated_at: created_at, expires_at };
}

function data(value: unknown): Reply {
  return { status: 200, json: { data: value } };
}

function problem(status: number, code: string): Reply {
  return { status, json: { errors: [{ code, title: 'refused', detail: 'refused' }] } };
}
