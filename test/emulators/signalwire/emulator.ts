import { randomUUID } from 'node:crypto';
import type { CallbackAnswer, CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { type Asked, type EmulatorServer, type Reply, startEmulator } from '../http/server.ts';
import { type SigningKey, signedCallback } from './callbacks.ts';

/** A fax at the carrier. */
export interface EmulatedFax {
  readonly sid: string;
  readonly direction: 'inbound' | 'outbound';
  readonly from: string;
  readonly to: string;
  readonly created: number;
  readonly quality: string;
  readonly statusCallback: string | undefined;
  readonly stores: boolean;
  status: string;
  mediaUrl: string | null;
  pages: number | null;
  seconds: number | null;
  error: string | null;
}

/** A file at the carrier. */
interface Stored {
  readonly fax: string;
  readonly content: Uint8Array;
  readonly type: string;
}

/**
 * How a number behaves: it takes the fax, or the fax ends in a state; `failed CODE` has an error code, `never` stays in
 * `sending`, `odd` in a state that nobody knows, `unfetched` fails without having been fetched.
 */
const BEHAVIOURS: ReadonlyMap<string, string> = new Map([
  ['+15550110001', 'busy'],
  ['+15550120001', 'no-answer'],
  ['+15550150001', 'failed 31999'],
  ['+15550170001', 'never'],
  ['+15550180001', 'odd'],
  ['+15550190001', 'unfetched'],
]);

/** States of a fax and the ms for which the one before lasts. */
const COURSE = [
  ['processing', 1_000],
  ['sending', 7_000],
  ['ended', 22_000],
] as const;

/** SignalWire's compatibility API for faxes on a port of this machine. */
export interface SignalwireEmulator extends Pick<EmulatorServer, 'url' | 'requests' | 'faults' | 'close'> {
  readonly faxes: Map<string, EmulatedFax>;
  readonly media: Map<string, Stored>;
  /** Octets of faxes that were fetched. */
  received: number;
  /** The files that were fetched, in order. */
  readonly fetched: Uint8Array[];
  /** Orders that were taken, by the number that they go to. */
  readonly orders: string[];
  /** Every callback that was sent, to be sent again, and how each was answered. */
  readonly sent: CarrierCallback[];
  readonly answers: CallbackAnswer[];
  /** Callbacks are kept back until they are sent by a test. */
  silent: boolean;
  /** Deleted faxes and files stay. */
  clinging: boolean;
  /** The list does not show what a fax was ordered with. */
  discreet: boolean;
  /** A fax comes in: first the number's webhook is asked, then the fax is there. Answers its id. */
  receive(
    file: Uint8Array,
    change?: { readonly from?: string; readonly to?: string; readonly mediaUrl?: string; readonly type?: string },
  ): Promise<string>;
  /** A callback that speaks of a fax. */
  callback(url: string, sid: string, key?: SigningKey): CarrierCallback;
}

export interface EmulatorOptions {
  readonly clock: Clock;
  readonly project: string;
  readonly token: string;
  readonly key: SigningKey;
  /** Where the numbers' webhook is. */
  readonly webhook?: string;
  readonly numbers?: readonly string[];
  /** Where callbacks go; left out: nowhere. */
  readonly deliver?: (callback: CarrierCallback) => Promise<CallbackAnswer>;
  /** Fetches a fax; left out: over the network. */
  readonly fetch?: (url: string) => Promise<{ readonly status: number; readonly content: Uint8Array }>;
}

/** Starts the carrier. */
export async function startSignalwire(options: EmulatorOptions): Promise<SignalwireEmulator> {
  const state = new Signalwire(options);
  const server = await startEmulator((asked) => state.answer(asked));
  state.url = server.url;
  return Object.assign(state, { requests: server.requests, faults: server.faults, close: () => server.close() });
}

class Signalwire {
  url = '';
  readonly faxes = new Map<string, EmulatedFax>();
  readonly media = new Map<string, Stored>();
  readonly fetched: Uint8Array[] = [];
  readonly orders: string[] = [];
  readonly sent: CarrierCallback[] = [];
  readonly answers: CallbackAnswer[] = [];
  received = 0;
  silent = false;
  clinging = false;
  discreet = false;
  readonly #options: EmulatorOptions;

  constructor(options: EmulatorOptions) {
    this.#options = options;
  }

  /** All spellings of the paths: with and without the prefix, with and without `.json`. */
  async answer(asked: Asked): Promise<Reply> {
    const path = asked.path.replace(/^\/api\/laml/, '').replace(/\.json$/, '');
    const [, area, word, account, resource, id, part, name] = path.split('/').map(decodeURIComponent);
    if (area === 'files') return this.#file(word ?? '');
    const { project, token } = this.#options;
    const basic = `Basic ${Buffer.from(`${project}:${token}`).toString('base64')}`;
    if (asked.headers.authorization !== basic) return problem(401, '20003');
    if (area !== '2010-04-01' || word !== 'Accounts' || account !== project) return problem(404, '20404');
    if (resource === undefined) return { status: 200, json: { sid: project, status: 'active' } };
    if (resource === 'IncomingPhoneNumbers') return this.#numbers();
    if (resource !== 'Faxes') return problem(404, '20404');
    if (id === undefined) return asked.method === 'POST' ? this.#order(asked) : this.#list(asked.query);
    return part === undefined ? this.#fax(asked, id) : this.#media(asked, id, name);
  }

  async receive(
    file: Uint8Array,
    change: { readonly from?: string; readonly to?: string; readonly mediaUrl?: string; readonly type?: string } = {},
  ): Promise<string> {
    const { from = '+15550001111', to = '+15551230000' } = change;
    const fax = this.#blank({ direction: 'inbound', from, to, status: 'receiving' });
    const { webhook } = this.#options;
    this.faxes.set(fax.sid, fax);
    const wish = webhook === undefined ? undefined : await this.#tell(webhook, fax.sid);
    const receive = /<Receive\b[^>]*\baction="([^"]+)"[^>]*\bmediaType="([^"]+)"/.exec(wish?.body ?? '');
    if (webhook !== undefined && !this.silent && receive === null) {
      this.faxes.delete(fax.sid);
      return fax.sid;
    }
    const media = randomUUID();
    this.media.set(media, { fax: fax.sid, content: file, type: change.type ?? receive?.[2] ?? 'image/tiff' });
    fax.status = 'received';
    fax.pages = 1;
    fax.mediaUrl = change.mediaUrl ?? `${this.url}/files/${media}`;
    if (receive?.[1] !== undefined) await this.#tell(receive[1], fax.sid);
    return fax.sid;
  }

  callback(url: string, sid: string, key: SigningKey = this.#options.key): CarrierCallback {
    const fax = this.faxes.get(sid);
    const fields = {
      ...{ FaxSid: sid, AccountSid: this.#options.project, ApiVersion: '2010-04-01' },
      ...{ From: fax?.from ?? '', To: fax?.to ?? '', FaxStatus: fax?.status ?? '' },
      ...(fax?.direction === 'outbound' ? { OriginalMediaUrl: fax.mediaUrl ?? '' } : {}),
      ...(fax?.direction === 'inbound' && fax.mediaUrl !== null ? { MediaUrl: fax.mediaUrl } : {}),
      ...(fax?.pages === null || fax === undefined ? {} : { NumPages: String(fax.pages) }),
      ...(fax?.error === null || fax === undefined ? {} : { ErrorCode: fax.error, ErrorMessage: 'the fax failed' }),
    };
    return signedCallback(url, fields, key);
  }

  #blank(change: Pick<EmulatedFax, 'direction' | 'from' | 'to' | 'status'> & Partial<EmulatedFax>): EmulatedFax {
    return {
      sid: randomUUID(),
      created: this.#options.clock.now(),
      quality: 'fine',
      statusCallback: undefined,
      stores: true,
      ...{ mediaUrl: null, pages: null, seconds: null, error: null },
      ...change,
    };
  }

  #file(name: string): Reply {
    const file = this.media.get(name);
    return file === undefined
      ? { status: 404 }
      : { status: 200, bytes: file.content, headers: { 'content-type': file.type } };
  }

  #numbers(): Reply {
    const rows = (this.#options.numbers ?? []).map((number) => ({ phone_number: number, friendly_name: 'fax line' }));
    return { status: 200, json: { uri: '/', page: 0, next_page_uri: null, incoming_phone_numbers: rows } };
  }

  #fax(asked: Asked, sid: string): Reply {
    const fax = this.faxes.get(sid);
    if (fax === undefined) return problem(404, '20404');
    if (asked.method === 'DELETE') {
      if (!this.clinging) this.faxes.delete(sid);
      return { status: 204 };
    }
    if (asked.method === 'POST') {
      const wish = new URLSearchParams(Buffer.from(asked.body).toString()).get('Status');
      if (wish !== 'canceled' || !['queued', 'processing'].includes(fax.status)) return problem(400, '21000');
      this.#end(fax, 'canceled');
    }
    return { status: 200, json: this.#shown(fax) };
  }

  #media(asked: Asked, sid: string, name: string | undefined): Reply {
    if (!this.faxes.has(sid)) return problem(404, '20404');
    const own = [...this.media].filter(([, { fax }]) => fax === sid);
    if (name === undefined) {
      const media = own.map(([id, file]) => this.#shownMedia(id, file));
      return { status: 200, json: { uri: '/', page: 0, page_size: 50, next_page_uri: null, media } };
    }
    const file = own.find(([id]) => id === name)?.[1];
    if (file === undefined) return problem(404, '20404');
    if (asked.method !== 'DELETE') return { status: 200, json: this.#shownMedia(name, file) };
    if (!this.clinging) this.media.delete(name);
    return { status: 204 };
  }

  #order({ body }: Asked): Reply {
    const fields = new URLSearchParams(Buffer.from(body).toString());
    const [to, from, mediaUrl] = ['To', 'From', 'MediaUrl'].map((name) => fields.get(name) ?? '');
    const ttl = Number(fields.get('Ttl') ?? 60);
    if (!to || !from || !mediaUrl || ttl < 5 || ttl > 300) return problem(422, '21218');
    const fax = this.#blank({
      ...{ direction: 'outbound', from, to, mediaUrl, status: 'queued' },
      quality: fields.get('Quality') ?? 'fine',
      statusCallback: fields.get('StatusCallback') ?? undefined,
      stores: fields.get('StoreMedia') !== 'false',
    });
    this.faxes.set(fax.sid, fax);
    this.orders.push(to);
    this.#goOn(fax, 0);
    return { status: 201, json: this.#shown(fax) };
  }

  /** One step after the other, however long one takes. */
  #goOn(fax: EmulatedFax, index: number): void {
    const [step, ms] = COURSE[index] ?? [];
    if (step === undefined || ms === undefined) return;
    this.#options.clock.after(ms, () => void this.#advance(fax, step).then(() => this.#goOn(fax, index + 1)));
  }

  async #advance(fax: EmulatedFax, step: (typeof COURSE)[number][0]): Promise<void> {
    if (['failed', 'canceled'].includes(fax.status) || !this.faxes.has(fax.sid)) return;
    const behaviour = BEHAVIOURS.get(fax.to);
    if (step === 'processing') {
      fax.status = step;
      if (behaviour !== 'unfetched') await this.#fetch(fax);
    } else if (step === 'sending') fax.status = behaviour === 'odd' ? 'dreaming' : step;
    else if (behaviour === undefined) this.#end(fax, 'delivered');
    else if (behaviour === 'unfetched') this.#end(fax, 'failed', '11200');
    else if (behaviour.startsWith('failed')) this.#end(fax, 'failed', behaviour.slice('failed '.length));
    else if (behaviour !== 'never' && behaviour !== 'odd') this.#end(fax, behaviour);
  }

  async #fetch(fax: EmulatedFax): Promise<void> {
    const got = await (this.#options.fetch ?? overNetwork)(fax.mediaUrl ?? '');
    if (got.status !== 200) return this.#end(fax, 'failed', '11200');
    this.received += got.content.length;
    this.fetched.push(got.content);
    if (fax.stores) this.media.set(randomUUID(), { fax: fax.sid, content: got.content, type: 'application/pdf' });
  }

  #end(fax: EmulatedFax, status: string, error: string | null = null): void {
    fax.status = status;
    fax.error = error;
    fax.seconds = status === 'delivered' ? 22 : 0;
    fax.pages = status === 'delivered' ? pagesOf(this.fetched.at(-1)) : null;
    if (fax.statusCallback !== undefined) void this.#tell(fax.statusCallback, fax.sid);
  }

  #list(query: URLSearchParams): Reply {
    const wanted = (name: string, value: string) => (query.get(name) ?? value) === value;
    const after = Date.parse(query.get('DateCreatedAfter') ?? '1970-01-01');
    const all = [...this.faxes.values()]
      .filter((fax) => wanted('To', fax.to) && wanted('From', fax.from) && fax.created > after)
      .reverse();
    const size = Math.min(Number(query.get('PageSize') ?? 50), 1_000);
    const page = Number(query.get('Page') ?? 0);
    const base = `/api/laml/2010-04-01/Accounts/${this.#options.project}/Faxes?`;
    const next = new URLSearchParams([...query].filter(([name]) => name !== 'Page'));
    next.set('Page', String(page + 1));
    next.set('PageToken', `PA${page + 1}`);
    return {
      status: 200,
      json: {
        uri: base,
        page,
        page_size: size,
        first_page_uri: base,
        previous_page_uri: null,
        next_page_uri: all.length > (page + 1) * size ? `${base}${next}` : null,
        faxes: all.slice(page * size, (page + 1) * size).map((fax) => this.#shown(fax)),
      },
    };
  }

  #shown(fax: EmulatedFax) {
    const url = `/api/laml/2010-04-01/Accounts/${this.#options.project}/Faxes/${fax.sid}`;
    return {
      account_sid: this.#options.project,
      api_version: 'v1',
      date_created: new Date(fax.created).toISOString(),
      date_updated: new Date(this.#options.clock.now()).toISOString(),
      direction: fax.direction,
      from: fax.from,
      media_url: this.discreet && fax.direction === 'outbound' ? null : fax.mediaUrl,
      media_sid: [...this.media].find(([, media]) => media.fax === fax.sid)?.[0] ?? null,
      num_pages: fax.pages === null ? null : String(fax.pages),
      price: null,
      price_unit: 'USD',
      quality: fax.quality,
      sid: fax.sid,
      status: fax.status,
      to: fax.to,
      duration: fax.seconds,
      error_code: fax.error,
      error_message: fax.error === null ? null : 'the fax failed',
      links: { media: `${url}/Media` },
      url,
    };
  }

  #shownMedia(sid: string, { fax, type }: Stored) {
    const now = new Date(this.#options.clock.now()).toISOString();
    const { project } = this.#options;
    const url = `/api/laml/2010-04-01/Accounts/${project}/Faxes/${fax}/Media/${sid}`;
    return { sid, account_sid: project, fax_sid: fax, content_type: type, date_created: now, date_updated: now, url };
  }

  async #tell(url: string, sid: string): Promise<CallbackAnswer | undefined> {
    const callback = this.callback(url, sid);
    this.sent.push(callback);
    if (this.silent) return undefined;
    const answer = await this.#options.deliver?.(callback);
    if (answer !== undefined) this.answers.push(answer);
    return answer;
  }
}

async function overNetwork(url: string): Promise<{ readonly status: number; readonly content: Uint8Array }> {
  const response = await fetch(url).catch(() => undefined);
  if (response === undefined) return { status: 0, content: new Uint8Array(0) };
  return { status: response.status, content: new Uint8Array(await response.arrayBuffer()) };
}

/** As many as a TIFF has directories, or a PDF pages. */
function pagesOf(file: Uint8Array | undefined): number {
  if (file === undefined) return 0;
  if (file[0] === 0x25)
    return (
      Buffer.from(file)
        .toString('latin1')
        .split(/\/Type\s*\/Page\b/).length - 1
    );
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = file[0] === 0x49;
  let count = 0;
  for (let at = view.getUint32(4, little); at !== 0 && count < 1_000; count++) {
    at = view.getUint32(at + 2 + 12 * view.getUint16(at, little), little);
  }
  return count;
}

function problem(status: number, code: string): Reply {
  return { status, json: { code, message: 'refused', more_info: 'https://example.com', status } };
}
