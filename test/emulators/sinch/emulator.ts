import { randomBytes, randomUUID } from 'node:crypto';
import type { CallbackAnswer, CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { partsOf } from '../http/multipart.ts';
import { type Asked, type EmulatorServer, type Reply, startEmulator } from '../http/server.ts';
import { callbackTo } from './callbacks.ts';
import { pdfOfTiff } from './pdf.ts';

/** A fax at the carrier. */
export interface EmulatedFax {
  readonly id: string;
  readonly direction: 'INBOUND' | 'OUTBOUND';
  readonly from: string;
  readonly to: string;
  readonly createTime: string;
  readonly serviceId: string;
  readonly labels: Record<string, string>;
  readonly callbackUrl: string | undefined;
  readonly callbackUrlContentType: string;
  readonly resolution: string | undefined;
  readonly imageConversionMethod: string;
  readonly headerText: string;
  readonly headerPageNumbers: boolean;
  readonly maxRetries: number;
  status: string;
  hasFile: boolean;
  completedTime?: string;
  errorType?: string;
  errorCode?: number;
}

/** What a service does with its faxes. */
export interface EmulatedService {
  readonly id: string;
  name: string;
  defaultForProject: boolean;
  incomingWebhookUrl: string | undefined;
  webhookContentType: string;
  saveOutboundFaxDocuments: boolean;
  saveInboundFaxDocuments: boolean;
}

/** How a number behaves: it takes the fax, or fails; `never` stays IN_PROGRESS, `odd` in a state that nobody knows. */
const BEHAVIOURS = new Map<string, 'never' | 'odd' | readonly [string, number]>([
  ['+15550110001', ['CALL_ERROR', 17]],
  ['+15550120001', ['CALL_ERROR', 16]],
  ['+15550130001', ['FAX_ERROR', 132]],
  ['+15550140001', ['CALL_ERROR', 34]],
  ['+15550150001', ['FAX_ERROR', 10]],
  ['+15550160001', ['FAX_ERROR', 9_999]],
  ['+15550170001', 'never'],
  ['+15550180001', 'odd'],
  ['+15550190001', ['FAX_ERROR', 46]],
]);

/** ms after which a fax is sent, and after which it has ended. */
const SENT = 2_000;
const ENDED = 30_000;
const MINUTE = 60_000;
/** Pauses before each repetition of a callback that was not answered 200. */
const REPETITIONS = [5, 10, 20, 30, ...Array<number>(12).fill(360)].map((minutes) => minutes * MINUTE);
const WEEK = 7 * 86_400_000;

/** Sinch’ fax API and its token server on a port of this machine. */
export interface SinchEmulator extends Pick<EmulatorServer, 'url' | 'requests' | 'faults' | 'close'> {
  readonly faxes: Map<string, EmulatedFax>;
  /** Documents that the carrier keeps, by the fax. */
  readonly files: Map<string, Uint8Array>;
  readonly service: EmulatedService;
  /** Numbers of the service. */
  readonly numbers: string[];
  /** Octets of documents that were handed over. */
  received: number;
  /** Faxes that were ordered, by the number that they go to. */
  readonly orders: string[];
  /** Every callback that was sent, to be sent again. */
  readonly sent: CarrierCallback[];
  /** Callbacks are kept back until they are sent by a test. */
  silent: boolean;
  /** Deleted documents stay. */
  clinging: boolean;
  /** Tokens that were sold hold no longer. */
  forgetTokens(): void;
  /** A fax comes in, as PDF; answers its id. */
  receive(
    pdf: Uint8Array,
    change?: { readonly from?: string; readonly to?: string; readonly error?: readonly [string, number] },
  ): string;
  /** A callback as it would be sent now. `url`: where to, else as the fax or the service says. */
  callback(event: string, id: string, change?: { readonly url?: string; readonly at?: number }): CarrierCallback;
}

export interface EmulatorOptions {
  readonly clock: Clock;
  readonly projectId: string;
  readonly keyId: string;
  readonly secret: string;
  /** Where the service calls back. */
  readonly incomingWebhookUrl?: string;
  /** Where callbacks go; left out: nowhere. */
  readonly deliver?: (callback: CarrierCallback) => Promise<CallbackAnswer>;
}

/** Starts the carrier. */
export async function startSinch(options: EmulatorOptions): Promise<SinchEmulator> {
  const state = new Sinch(options);
  const server = await startEmulator((asked) => state.answer(asked));
  const { url, requests, faults } = server;
  return Object.assign(state, { url, requests, faults, close: () => server.close() });
}

class Sinch {
  readonly faxes = new Map<string, EmulatedFax>();
  readonly files = new Map<string, Uint8Array>();
  readonly orders: string[] = [];
  readonly sent: CarrierCallback[] = [];
  readonly numbers = ['+15551230000', '+15551230001'];
  readonly service: EmulatedService;
  received = 0;
  silent = false;
  clinging = false;
  readonly #options: EmulatorOptions;
  readonly #tokens = new Set<string>();

  constructor(options: EmulatorOptions) {
    this.#options = options;
    this.service = {
      id: '01K1TTENC4TSJ0LLYJ1GGLYJU1',
      name: 'fax',
      defaultForProject: true,
      incomingWebhookUrl: options.incomingWebhookUrl,
      webhookContentType: 'multipart/form-data',
      saveOutboundFaxDocuments: false,
      saveInboundFaxDocuments: true,
    };
  }

  async answer(asked: Asked): Promise<Reply> {
    if (asked.path === '/oauth2/token') return this.#sell(asked);
    const [, version, projects, project, area, id, part, more] = asked.path.split('/').map(decodeURIComponent);
    if (version !== 'v3' || projects !== 'projects' || project !== this.#options.projectId) return problem(404);
    if (!this.#admits(asked.headers.authorization ?? '')) return EXPIRED;
    if (area === 'services') return this.#services(asked, id, part, more);
    if (area !== 'faxes') return problem(404);
    if (id === undefined) return asked.method === 'POST' ? this.#order(asked) : this.#list(asked.query);
    const fax = this.faxes.get(id);
    if (fax === undefined) return problem(404);
    if (part === undefined) return asked.method === 'GET' ? { status: 200, json: this.#shown(fax) } : problem(405);
    return this.#document(asked.method, part, fax);
  }

  forgetTokens(): void {
    this.#tokens.clear();
  }

  receive(
    pdf: Uint8Array,
    change: { readonly from?: string; readonly to?: string; readonly error?: readonly [string, number] } = {},
  ): string {
    const { from = '+15550001111', to = '+15551230000', error } = change;
    const fax = this.#fax({ direction: 'INBOUND', from, to });
    this.#end(fax, error ?? 'COMPLETED');
    if (this.service.saveInboundFaxDocuments) this.#keep(fax, pdf);
    this.#tell('INCOMING_FAX', fax, pdf);
    return fax.id;
  }

  callback(
    event: string,
    id: string,
    change: { readonly url?: string; readonly at?: number } = {},
    file?: Uint8Array,
  ): CarrierCallback {
    const fax = this.faxes.get(id);
    const url = change.url ?? fax?.callbackUrl ?? this.service.incomingWebhookUrl ?? 'https://nowhere.example/';
    const eventTime = iso(change.at ?? this.#options.clock.now());
    const type = fax?.direction === 'OUTBOUND' ? fax.callbackUrlContentType : this.service.webhookContentType;
    return callbackTo(url, { event, eventTime, fax: fax === undefined ? { id } : this.#shown(fax), file }, type);
  }

  #sell({ method, headers, body }: Asked): Reply {
    const grant = new URLSearchParams(Buffer.from(body).toString()).get('grant_type');
    if (method !== 'POST' || grant !== 'client_credentials') return { status: 400, json: { error: 'invalid_request' } };
    if (headers.authorization !== this.#key()) return { status: 401, json: { error: 'invalid_client' } };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const exp = Math.floor(this.#options.clock.now() / 1_000) + 3_600;
    const token = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ exp, jti: randomUUID() })}.c2lnbmF0dXJl`;
    this.#tokens.add(token);
    return { status: 200, json: { access_token: token, expires_in: 3_599, scope: '', token_type: 'bearer' } };
  }

  #key(): string {
    const { keyId, secret } = this.#options;
    return `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`;
  }

  #admits(authorization: string): boolean {
    return authorization === this.#key() || this.#tokens.has(authorization.replace(/^Bearer /, ''));
  }

  #services({ method, body }: Asked, id: string | undefined, part: string | undefined, more?: string): Reply {
    const { service } = this;
    if (more !== undefined) return problem(404);
    if (id === undefined) return { status: 200, json: { ...onePage(1), services: [service] } };
    if (id !== service.id) return problem(404);
    if (part === 'numbers') {
      const numbers = this.numbers.map((phoneNumber) => ({ phoneNumber, serviceId: id }));
      return { status: 200, json: { ...onePage(numbers.length), numbers } };
    }
    if (method === 'PATCH') Object.assign(service, JSON.parse(Buffer.from(body).toString()));
    return { status: 200, json: { ...service, projectId: this.#options.projectId } };
  }

  async #order(asked: Asked): Promise<Reply> {
    const order = (asked.headers['content-type'] ?? '').startsWith('multipart/')
      ? await orderOfForm(asked)
      : orderOfJson(asked);
    const numbers = [order.fields.to ?? []].flat().map(String);
    const wrong = numbers.filter((to) => !/^\+[1-9][0-9]{6,14}$/.test(to));
    if (numbers.length === 0 || wrong.length > 0) return violation('to', `${wrong.length} numbers are not valid`);
    if (order.file === undefined) return violation('files', 'there is nothing to send');
    const { file } = order;
    const faxes = numbers.map((to) => this.#take(to, order.fields, file));
    const shown = faxes.map((fax) => this.#shown(fax));
    return { status: 200, json: faxes.length === 1 ? shown[0] : { faxes: shown } };
  }

  #take(to: string, fields: Record<string, unknown>, file: Uint8Array): EmulatedFax {
    const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined);
    const fax = this.#fax({
      direction: 'OUTBOUND',
      from: text('from') ?? this.numbers[0] ?? '',
      to,
      ...(text('serviceId') === undefined ? {} : { serviceId: text('serviceId') ?? '' }),
      labels: (fields.labels ?? {}) as Record<string, string>,
      callbackUrl: text('callbackUrl'),
      callbackUrlContentType: text('callbackUrlContentType') ?? 'multipart/form-data',
      resolution: text('resolution'),
      imageConversionMethod: text('imageConversionMethod') ?? 'HALFTONE',
      headerText: text('headerText') ?? '-',
      headerPageNumbers: fields.headerPageNumbers !== false,
      maxRetries: Number(fields.maxRetries ?? 3),
    });
    this.orders.push(to);
    this.received += file.length;
    this.#keep(fax, file);
    const { clock } = this.#options;
    clock.after(SENT, () => this.#advance(fax, 'IN_PROGRESS'));
    clock.after(ENDED, () => this.#finish(fax));
    return fax;
  }

  #fax(change: Partial<EmulatedFax> & Pick<EmulatedFax, 'direction' | 'from' | 'to'>): EmulatedFax {
    const fax: EmulatedFax = {
      id: newId(),
      createTime: iso(this.#options.clock.now()),
      serviceId: this.service.id,
      labels: {},
      callbackUrl: undefined,
      callbackUrlContentType: 'multipart/form-data',
      resolution: undefined,
      imageConversionMethod: 'HALFTONE',
      headerText: '-',
      headerPageNumbers: true,
      maxRetries: 3,
      status: 'QUEUED',
      hasFile: false,
      ...change,
    };
    this.faxes.set(fax.id, fax);
    return fax;
  }

  #keep(fax: EmulatedFax, file: Uint8Array): void {
    this.files.set(fax.id, file);
    fax.hasFile = true;
  }

  #drop(fax: EmulatedFax): void {
    this.files.delete(fax.id);
    fax.hasFile = false;
  }

  #advance(fax: EmulatedFax, status: string): void {
    fax.status = BEHAVIOURS.get(fax.to) === 'odd' ? 'DREAMING' : status;
  }

  #finish(fax: EmulatedFax): void {
    const behaviour = BEHAVIOURS.get(fax.to) ?? 'COMPLETED';
    if (behaviour === 'never' || behaviour === 'odd') return;
    this.#end(fax, behaviour);
    if (!this.service.saveOutboundFaxDocuments) this.#drop(fax);
    this.#tell('FAX_COMPLETED', fax, undefined);
  }

  #end(fax: EmulatedFax, how: 'COMPLETED' | readonly [string, number]): void {
    fax.completedTime = iso(this.#options.clock.now());
    fax.status = how === 'COMPLETED' ? how : 'FAILURE';
    if (how !== 'COMPLETED') [fax.errorType, fax.errorCode] = how;
  }

  #shown(fax: EmulatedFax): object {
    // Passwords in addresses are never shown again.
    const callbackUrl = fax.callbackUrl?.replace(/\/\/[^@/]*@/, '//***:***@');
    return { ...fax, callbackUrl, projectId: this.#options.projectId, numberOfPages: 1 };
  }

  #document(method: string, part: string, fax: EmulatedFax): Reply {
    const file = this.files.get(fax.id);
    if (file === undefined) return problem(404);
    if (method === 'DELETE' && part === 'file') {
      if (!this.clinging) this.#drop(fax);
      return { status: 204 };
    }
    if (method !== 'GET' || !['file', 'file.pdf'].includes(part)) return problem(404);
    const headers = {
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="${fax.id}.pdf"`,
    };
    return { status: 200, headers, bytes: isTiff(file) ? pdfOfTiff(file) : file };
  }

  #list(query: URLSearchParams): Reply {
    const equal = (name: 'direction' | 'status' | 'serviceId') => (fax: EmulatedFax) =>
      (query.get(name) ?? fax[name]) === fax[name];
    // The SDK writes the plus of a number as it is.
    const begins = (name: 'to' | 'from') => (fax: EmulatedFax) =>
      fax[name].startsWith((query.get(name) ?? '').replace(/^ /, '+'));
    const filters = [equal('direction'), equal('status'), equal('serviceId'), begins('to'), begins('from')];
    const after = query.get('createTime>') ?? (query.has('createTime') ? '' : iso(this.#options.clock.now() - WEEK));
    const before = query.get('createTime<') ?? '9';
    const all = [...this.faxes.values()].filter(
      ({ createTime }) =>
        createTime >= after && createTime <= before && createTime.startsWith(query.get('createTime') ?? ''),
    );
    const found = all.filter((fax) => filters.every((fits) => fits(fax))).reverse();
    const pageSize = Math.min(Number(query.get('pageSize') ?? 100), 1_000);
    const page = Number(query.get('page') ?? 1);
    const faxes = found.slice((page - 1) * pageSize, page * pageSize).map((fax) => this.#shown(fax));
    const totalPages = Math.ceil(found.length / pageSize);
    return { status: 200, json: { page, pageSize, totalPages, totalItems: found.length, faxes } };
  }

  #tell(event: string, fax: EmulatedFax, file: Uint8Array | undefined): void {
    if (fax.direction === 'OUTBOUND' && fax.callbackUrl === undefined) return;
    if (fax.direction === 'INBOUND' && this.service.incomingWebhookUrl === undefined) return;
    const callback = this.callback(event, fax.id, {}, file);
    this.sent.push(callback);
    if (!this.silent) void this.#send(callback, 0);
  }

  /** The receiver may zero what it was given: a repetition is made of the octets as they were. */
  async #send(callback: CarrierCallback, repetition: number): Promise<void> {
    const answer = await this.#options.deliver?.({ ...callback, body: callback.body.slice() });
    const pause = REPETITIONS[repetition];
    if (answer === undefined || answer.status === 200 || pause === undefined) return;
    this.#options.clock.after(pause, () => void this.#send(callback, repetition + 1));
  }
}

interface Order {
  readonly fields: Record<string, unknown>;
  readonly file: Uint8Array | undefined;
}

function orderOfJson({ body }: Asked): Order {
  const { files, ...fields } = JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
  const [first] = (files ?? []) as { file?: string; fileType?: string }[];
  const known = ['TIF', 'PDF', 'DOCX', 'JPG', 'TXT', 'HTML', 'PNG'].includes(first?.fileType ?? '');
  return { fields, file: known ? new Uint8Array(Buffer.from(first?.file ?? '', 'base64')) : undefined };
}

async function orderOfForm(asked: Asked): Promise<Order> {
  const parts = await partsOf(asked);
  const texts = parts.filter(({ name }) => name !== 'file');
  const fields = Object.fromEntries(texts.map(({ name, content }) => [name, Buffer.from(content).toString()]));
  const to = texts.filter(({ name }) => name === 'to').map(({ content }) => Buffer.from(content).toString());
  return { fields: { ...fields, to }, file: parts.find(({ name }) => name === 'file')?.content };
}

/** As ULIDs look: 26 characters of Crockford's alphabet. */
function newId(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return `01${[...randomBytes(24)].map((octet) => alphabet[octet & 31]).join('')}`;
}

function isTiff(file: Uint8Array): boolean {
  return file[0] === file[1] && (file[0] === 0x49 || file[0] === 0x4d);
}

const iso = (ms: number): string => new Date(ms).toISOString();

function onePage(totalItems: number) {
  return { page: 1, pageSize: 100, totalPages: 1, totalItems };
}

function problem(status: number): Reply {
  return { status, json: { code: String(status), error: 'refused', message: 'refused' } };
}

/** RFC 6750 §3.1; the SDK buys another token when it reads `expired`. */
const EXPIRED: Reply = {
  ...problem(401),
  headers: { 'www-authenticate': 'Bearer error="invalid_token", error_description="the token has expired"' },
};

function violation(field: string, description: string): Reply {
  const details = { fieldViolations: [{ field, description }] };
  return { status: 422, json: { code: '422', error: 'Invalid parameters', message: 'refused', details } };
}
