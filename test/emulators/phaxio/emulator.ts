import type { CallbackAnswer, CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { partsOf } from '../http/multipart.ts';
import { type Asked, type EmulatorServer, type Reply, startEmulator } from '../http/server.ts';
import { signedCallback } from './callbacks.ts';

/** A fax at the carrier, in the fields of Phaxio's own fax object. */
export interface EmulatedFax {
  readonly id: number;
  readonly direction: 'sent' | 'received';
  readonly created_at: string;
  readonly caller_id: string | null;
  readonly from_number: string | null;
  readonly to_number: string | null;
  readonly tags: Record<string, string>;
  readonly is_test: boolean;
  readonly cost: number;
  status: string;
  num_pages: number;
  completed_at: string | null;
  error_id: number | null;
  error_type: string | null;
  error_message: string | null;
  recipients?: Recipient[];
}

interface Recipient {
  readonly phone_number: string;
  status: string;
  retry_count: number;
  error_id: number | null;
  error_type: string | null;
  error_message: string | null;
}

/** How a number ends a fax; `never` stays in progress, `odd` comes to a state that nobody knows, `some` to a partial success. */
type Behaviour = { readonly type: string; readonly id: number; readonly retries?: number } | 'never' | 'odd' | 'some';

const BEHAVIOURS: ReadonlyMap<string, Behaviour> = new Map<string, Behaviour>([
  ['+15550110001', { type: 'lineError', id: 17 }],
  ['+15550120001', { type: 'lineError', id: 30 }],
  ['+15550130001', { type: 'faxError', id: 132 }],
  ['+15550140001', { type: 'lineError', id: 34 }],
  ['+15550150001', { type: 'faxError', id: 8 }],
  ['+15550160001', { type: 'faxError', id: 999 }],
  ['+15550170001', 'never'],
  ['+15550180001', 'odd'],
  ['+15550190001', { type: 'lineError', id: 17, retries: 2 }],
  ['+15550190002', { type: 'documentConversionError', id: 129 }],
  ['+15550190003', 'some'],
]);

/** ms until a fax is dialled, and until it has ended. */
const DIALLED = 3_000;
const ENDED = 30_000;

export interface EmulatorOptions {
  readonly clock: Clock;
  readonly key: string;
  readonly secret: string;
  /** The account's webhook token, and where callbacks of received faxes go. */
  readonly token: string;
  readonly webhookUrl: string;
  /** Where callbacks are brought; left out: nowhere. */
  readonly deliver?: (callback: CarrierCallback) => Promise<CallbackAnswer>;
}

/** Phaxio's API v2.1 on a port of this machine. */
export interface PhaxioEmulator extends Pick<EmulatorServer, 'url' | 'requests' | 'faults' | 'close'> {
  readonly faxes: Map<string, EmulatedFax>;
  readonly files: Map<string, Uint8Array>;
  /** Octets of files that were sent along with orders. */
  received: number;
  /** Orders that were taken, by the number that they go to. */
  readonly orders: { readonly to: string; readonly fields: ReadonlyMap<string, string> }[];
  /** Numbers of the account. */
  readonly numbers: { readonly phone_number: string; readonly city: string; readonly state: string }[];
  /** Every callback that was sent, to be sent again. */
  readonly sent: CarrierCallback[];
  /** Callbacks are kept back until they are sent by a test. */
  silent: boolean;
  /** Deleted files stay. */
  clinging: boolean;
  /** Lists do not heed the tag that was asked for. */
  careless: boolean;
  /** A fax comes in; answers its id. */
  receive(file: Uint8Array, change?: { readonly from?: string; readonly to?: string }): string;
  /** The callback that speaks of a fax now. */
  callback(
    event: string,
    id: string,
    change?: { readonly token?: string; readonly url?: string; readonly completedAt?: string },
  ): CarrierCallback;
}

/** Starts the carrier. */
export async function startPhaxio(options: EmulatorOptions): Promise<PhaxioEmulator> {
  const state = new Phaxio(options);
  const server = await startEmulator((asked) => state.answer(asked));
  return Object.assign(state, {
    url: server.url,
    requests: server.requests,
    faults: server.faults,
    close: () => server.close(),
  });
}

class Phaxio {
  readonly faxes = new Map<string, EmulatedFax>();
  readonly files = new Map<string, Uint8Array>();
  readonly orders: { readonly to: string; readonly fields: ReadonlyMap<string, string> }[] = [];
  readonly numbers: { readonly phone_number: string; readonly city: string; readonly state: string }[] = [];
  readonly sent: CarrierCallback[] = [];
  received = 0;
  silent = false;
  clinging = false;
  careless = false;
  readonly #options: EmulatorOptions;
  /** Where callbacks of sent faxes go, by fax. */
  readonly #urls = new Map<string, string>();
  #next = 323_034_813;

  constructor(options: EmulatorOptions) {
    this.#options = options;
  }

  answer(asked: Asked): Reply | Promise<Reply> {
    const { key, secret } = this.#options;
    const expected = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
    if (asked.headers.authorization !== expected) return failure(401, 'Authentication failed.');
    const [, area, name, action] = asked.path
      .replace(/^\/v2\.1/, '')
      .split('/')
      .map(decodeURIComponent);
    if (area === 'account') return success('Account status retrieved successfully', { balance: 5_050 });
    if (area === 'phone_numbers') return this.#numbers(asked.query);
    if (area !== 'faxes') return failure(404, 'Not found');
    if (name === undefined) return asked.method === 'POST' ? this.#order(asked) : this.#list(asked.query);
    const fax = this.faxes.get(name);
    if (fax === undefined) return failure(404, 'We could not find the fax that you requested.');
    if (action === 'file') return this.#file(asked, name);
    if (action === 'cancel') return this.#cancel(fax);
    if (action === 'resend') return this.#resend(fax);
    return this.#fax(asked, fax);
  }

  receive(file: Uint8Array, change: { readonly from?: string; readonly to?: string } = {}): string {
    const now = iso(this.#options.clock.now());
    const fax: EmulatedFax = {
      ...this.#blank('received'),
      from_number: change.from ?? '+15550001111',
      to_number: change.to ?? '+15551230000',
      status: 'success',
      num_pages: 1,
      completed_at: now,
    };
    const id = String(fax.id);
    this.faxes.set(id, fax);
    this.files.set(id, file);
    this.#tell('fax_completed', id);
    return id;
  }

  callback(
    event: string,
    id: string,
    change: { readonly token?: string; readonly url?: string; readonly completedAt?: string } = {},
  ): CarrierCallback {
    const fax = this.faxes.get(id);
    const { token, webhookUrl } = this.#options;
    const shown = change.completedAt === undefined ? fax : { ...fax, completed_at: change.completedAt };
    const fields = {
      success: String(fax?.status === 'success'),
      is_test: 'false',
      direction: fax?.direction ?? 'sent',
      event_type: event,
      fax: JSON.stringify(shown),
      message: fax?.error_message ?? '',
    };
    const content = fax?.direction === 'received' ? this.files.get(id) : undefined;
    const file = content === undefined ? {} : { file: { name: 'file', content } };
    const url = change.url ?? this.#urls.get(id) ?? webhookUrl;
    return signedCallback(url, change.token ?? token, { fields, ...file });
  }

  #blank(direction: EmulatedFax['direction']): EmulatedFax {
    return {
      id: this.#next++,
      direction,
      created_at: iso(this.#options.clock.now()),
      caller_id: null,
      from_number: null,
      to_number: null,
      tags: {},
      is_test: false,
      cost: 0,
      status: 'queued',
      num_pages: 0,
      completed_at: null,
      error_id: null,
      error_type: null,
      error_message: null,
    };
  }

  async #order(asked: Asked): Promise<Reply> {
    const parts = await partsOf(asked);
    const texts = parts.filter(({ filename }) => filename === undefined);
    const fields = new Map(texts.map(({ name, content }) => [name, Buffer.from(content).toString()]));
    const files = parts.filter(({ name, filename }) => /^file(\[\])?$/.test(name) && filename !== undefined);
    const to = fields.get('to') ?? fields.get('to[]') ?? '';
    if (!/^\+[1-9][0-9]{6,14}$/.test(to)) return failure(422, 'The phone number is not valid.');
    if (files.length === 0 && !fields.has('content_url')) return failure(422, 'Please provide a file or content_url.');
    const timeout = Number(fields.get('cancel_timeout') ?? 60);
    if (!(timeout >= 3 && timeout <= 60)) return failure(422, 'cancel_timeout must be between 3 and 60.');
    const fax = this.#queued(to, fields);
    const id = String(fax.id);
    for (const { content } of files) this.received += content.length;
    this.files.set(id, files[0]?.content ?? new Uint8Array(0));
    this.#urls.set(id, fields.get('callback_url') ?? this.#options.webhookUrl);
    this.orders.push({ to, fields });
    this.#course(fax, timeout * 60_000);
    return success('Fax queued for sending', { id: fax.id });
  }

  #queued(to: string, fields: ReadonlyMap<string, string>): EmulatedFax {
    const tags = [...fields].flatMap(([name, value]) => {
      const [, tag] = /^tag\[(.+)\]$/.exec(name) ?? [];
      return tag === undefined ? [] : [[tag, value]];
    });
    const none = { error_id: null, error_type: null, error_message: null };
    const fax: EmulatedFax = {
      ...this.#blank('sent'),
      caller_id: fields.get('caller_id') ?? null,
      tags: Object.fromEntries(tags) as Record<string, string>,
      recipients: [{ phone_number: to, status: 'queued', retry_count: 0, ...none }],
    };
    this.faxes.set(String(fax.id), fax);
    return fax;
  }

  #course(fax: EmulatedFax, longest: number): void {
    const { clock } = this.#options;
    clock.after(DIALLED, () => this.#advance(fax, 'inprogress'));
    clock.after(ENDED, () => this.#end(fax, BEHAVIOURS.get(fax.recipients?.[0]?.phone_number ?? '')));
    clock.after(longest, () => this.#fail(fax, { type: 'generalError', id: 76 }));
  }

  #advance(fax: EmulatedFax, status: string): void {
    if (fax.completed_at !== null) return;
    fax.status = status;
    for (const recipient of fax.recipients ?? []) recipient.status = status;
  }

  #end(fax: EmulatedFax, behaviour: Behaviour | undefined): void {
    if (fax.completed_at !== null || behaviour === 'never') return;
    if (behaviour === undefined) this.#complete(fax, 'success');
    else if (behaviour === 'some') this.#complete(fax, 'partialsuccess');
    else if (behaviour === 'odd') this.#advance(fax, 'daydreaming');
    else this.#fail(fax, behaviour);
  }

  #fail(fax: EmulatedFax, { type, id, retries = 0 }: Exclude<Behaviour, string>): void {
    if (fax.completed_at !== null) return;
    const error = { error_type: type, error_id: id, error_message: 'it failed' };
    Object.assign(fax, error);
    for (const recipient of fax.recipients ?? []) Object.assign(recipient, error, { retry_count: retries });
    this.#complete(fax, 'failure');
  }

  #complete(fax: EmulatedFax, status: string): void {
    this.#advance(fax, status);
    fax.completed_at = iso(this.#options.clock.now());
    this.#tell('fax_completed', String(fax.id));
  }

  #cancel(fax: EmulatedFax): Reply {
    if (fax.completed_at !== null) return failure(422, "Can't cancel the fax, it's already complete!");
    this.#options.clock.after(2_000, () => this.#fail(fax, { type: 'generalError', id: 75 }));
    return success('Fax cancellation scheduled successfully.', { id: fax.id });
  }

  #resend(fax: EmulatedFax): Reply {
    const to = fax.recipients?.[0]?.phone_number;
    if (to === undefined) return failure(422, 'Only sent faxes may be sent again.');
    const tags = Object.entries(fax.tags).map(([tag, value]) => [`tag[${tag}]`, value] as const);
    const again = this.#queued(to, new Map(tags));
    this.files.set(String(again.id), this.files.get(String(fax.id)) ?? new Uint8Array(0));
    this.#course(again, 3_600_000);
    return success('Fax queued for resending', { id: again.id });
  }

  #fax({ method }: Asked, fax: EmulatedFax): Reply {
    if (method !== 'DELETE') return success('Metadata for fax', { ...fax, barcodes: [], caller_name: null });
    if (!fax.is_test) return failure(422, 'Only test faxes may be deleted.');
    this.faxes.delete(String(fax.id));
    return success('Fax successfully deleted');
  }

  #file({ method }: Asked, id: string): Reply {
    const bytes = this.files.get(id);
    if (bytes === undefined) return failure(404, 'The file for this fax has been deleted or is not accessible.');
    if (method !== 'DELETE') return { status: 200, bytes, headers: { 'content-type': 'application/pdf' } };
    if (!this.clinging) this.files.delete(id);
    return success('Deleted files successfully!');
  }

  #list(query: URLSearchParams): Reply {
    const since = Date.parse(query.get('created_after') ?? '') || this.#options.clock.now() - 7 * 86_400_000;
    const tags = [...query].flatMap(([name, value]) => {
      const [, tag] = /^tag\[(.+)\]$/.exec(name) ?? [];
      return tag === undefined || this.careless ? [] : [[tag, value] as const];
    });
    const all = [...this.faxes.values()].filter(
      (fax) =>
        Date.parse(fax.created_at) >= since &&
        (query.get('direction') ?? fax.direction) === fax.direction &&
        (query.get('status') ?? fax.status) === fax.status &&
        tags.every(([tag, value]) => fax.tags[tag] === value),
    );
    return paged('Retrieved faxes successfully', all.reverse(), query);
  }

  #numbers(query: URLSearchParams): Reply {
    const all = this.numbers.map((number) => ({ ...number, country: 'United States of America', cost: 200 }));
    return paged('Retrieved user phone numbers successfully', all, query);
  }

  #tell(event: string, id: string): void {
    const callback = this.callback(event, id);
    // Whoever takes a callback may wipe it: each one is sent as a copy.
    this.sent.push({ ...callback, body: callback.body.slice() });
    if (!this.silent) queueMicrotask(() => void this.#options.deliver?.(callback));
  }
}

const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00');

function paged(message: string, all: readonly unknown[], query: URLSearchParams): Reply {
  const size = Math.min(Number(query.get('per_page') ?? 25), 1_000);
  const page = Number(query.get('page') ?? 1);
  const data = all.slice((page - 1) * size, page * size);
  return { status: 200, json: { success: true, message, data, paging: { total: all.length, per_page: size, page } } };
}

function success(message: string, data?: unknown): Reply {
  return { status: 200, json: { success: true, message, ...(data === undefined ? {} : { data }) } };
}

function failure(status: number, message: string): Reply {
  return { status, json: { success: false, message } };
}
