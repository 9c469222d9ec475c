/** Every path, field and header of Sinch' Fax API v3 that this adapter uses; nothing else here knows one. */
import { z } from 'zod';
import { wipe } from '../../crypto/index.ts';
import type { E164 } from '../../gateway/fax/number.ts';
import {
  base64Octets,
  clientAt,
  type FormPart,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  type HttpResult,
  readAnswer,
  readDone,
  readFormData,
  readTold,
  type Told,
} from '../http/index.ts';

/** The carrier's own routing to the nearest region; each region has an address of its own as well. */
export const BASE_URL = 'https://fax.api.sinch.com/v3';
export const AUTH_URL = 'https://auth.sinch.com';

/** Ids go into paths and logs. */
const idSchema = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
// What only adds to the picture must not spoil it: such a field of another shape is as good as none.
const word = z.string().max(200).nullish().catch(null);

const faxSchema = z.object({
  id: idSchema,
  direction: word,
  status: word,
  from: word,
  to: word,
  labels: z.record(z.string(), z.string()).nullish().catch(null),
  errorType: word,
  /** A number; the callbacks' examples write it as text, too. */
  errorCode: z.coerce.number().int().min(0).max(99_999).nullish().catch(null),
  /** Documented as text, sent as a truth value. */
  hasFile: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .nullish()
    .catch(null),
});
/** One fax or one for each number that it went to. */
const orderSchema = z
  .union([faxSchema, z.array(faxSchema).length(1), z.object({ faxes: z.array(faxSchema).length(1) })])
  .transform((taken) => ('faxes' in taken ? taken.faxes[0] : [taken].flat()[0]));
const listSchema = z.object({
  faxes: z.array(faxSchema).max(1_000).nullish(),
  totalPages: z.number().nullish().catch(null),
});
const serviceSchema = z.object({
  id: idSchema,
  defaultForProject: z.boolean().nullish().catch(null),
  saveOutboundFaxDocuments: z.boolean().nullish().catch(null),
  saveInboundFaxDocuments: z.boolean().nullish().catch(null),
});
const numbersSchema = z.object({
  numbers: z
    .array(z.object({ phoneNumber: word }))
    .max(1_000)
    .nullish(),
  totalPages: z.number().nullish().catch(null),
});
const servicesSchema = z.object({ services: z.array(serviceSchema).max(1_000).nullish() });
const problemSchema = z.object({
  error: z.union([z.string(), z.object({ status: word })]).nullish(),
  details: z
    .union([
      z.object({ fieldViolations: z.array(z.object({ field: word })) }),
      z.array(z.object({ fieldViolations: z.array(z.object({ field: word })).nullish() })),
    ])
    .nullish()
    .catch(null),
});
const tokenSchema = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  expires_in: z.coerce.number().min(0).max(1_000_000),
});
const eventSchema = z.object({
  event: z.string().max(100),
  eventTime: word,
  fax: z.object({ id: idSchema }),
});

/** A fax as Sinch keeps it; fields that are not used are left out. */
export type SinchFax = z.infer<typeof faxSchema>;
/** What a fax service keeps of its faxes. */
export type SinchService = z.infer<typeof serviceSchema>;

/** A callback's content. */
export interface SinchEvent {
  readonly event: string;
  /** Milliseconds since 1970; null: it says none that can be read. */
  readonly at: number | null;
  readonly id: string;
  /** The fax itself, where it came along: a view of the body, or octets of its own that the caller wipes as well. */
  readonly file: Uint8Array | null;
}

/** One fax to be sent. */
export interface FaxOrder {
  readonly to: E164;
  readonly from: E164 | null;
  readonly serviceId: string | undefined;
  readonly reference: string;
  readonly pages: number;
  /** Vertical resolution of its pages, dpi. */
  readonly yDpi: number;
  readonly callbackUrl: string | undefined;
}

/** The access key of a project. */
export interface Key {
  readonly keyId: string;
  readonly secret: string;
}

/** Entries of a listing at once; the API gives up to 1,000. */
const PAGE_SIZE = 500;
/** The largest received file: what goes into one callback elsewhere, octets. */
export const LARGEST_FILE = 52_428_800;
/** Octets of a JSON callback that holds such a file in base64, and all that stands around it. */
export const LARGEST_CALLBACK = Math.ceil(LARGEST_FILE / 3) * 4 + 65_536;

/** The fax part of one project. Nothing is asked twice. */
export class SinchApi {
  readonly #http: HttpClient;
  readonly #projectId: string;

  /** @param http with the authorization of the project */
  constructor(http: HttpClient, projectId: string) {
    this.#http = http;
    this.#projectId = projectId;
  }

  /** The same for all requests of one call. */
  at(reference: string): SinchApi {
    return new SinchApi(clientAt(this.#http, reference), this.#projectId);
  }

  /** Orders a fax. `image` is the file in base64, octets that the caller wipes. */
  async send(order: FaxOrder, image: Uint8Array): Promise<Told<SinchFax>> {
    const head = JSON.stringify(fieldsOf(order)).slice(0, -1);
    const pieces = [octets.encode(`${head},"files":[{"fileType":"TIF","file":"`), image, octets.encode('"}]}')];
    const body = { type: 'octets', contentType: 'application/json', pieces } as const;
    return told(await this.#ask({ method: 'POST', path: '/faxes', body, timeout: 180_000 }), orderSchema);
  }

  async fax(id: string): Promise<Told<SinchFax>> {
    return told(await this.#ask({ method: 'GET', path: faxPath(id) }), faxSchema);
  }

  /** Page `page` (from 1) of the faxes of the last seven days, the API's own limit; `last`: there is no other behind it. */
  async list(
    direction: 'INBOUND' | 'OUTBOUND',
    page: number,
  ): Promise<Told<{ readonly faxes: readonly SinchFax[]; readonly last: boolean }>> {
    const query = [['direction', direction], ...pageOf(page)] as const;
    const answer = told(await this.#ask({ method: 'GET', path: '/faxes', query, limit: 8_388_608 }), listSchema);
    if (answer.is !== 'value') return answer;
    const faxes = answer.value.faxes ?? [];
    return { is: 'value', value: { faxes, last: isLast(page, faxes.length, answer.value.totalPages) } };
  }

  /** Page `page` (from 1) of the numbers of a service. */
  async numbers(
    serviceId: string,
    page: number,
  ): Promise<Told<{ readonly numbers: readonly string[]; readonly last: boolean }>> {
    const path = `/services/${encodeURIComponent(serviceId)}/numbers`;
    const answer = told(await this.#ask({ method: 'GET', path, query: pageOf(page) }), numbersSchema);
    if (answer.is !== 'value') return answer;
    const listed = answer.value.numbers ?? [];
    const numbers = listed.flatMap(({ phoneNumber }) => (typeof phoneNumber === 'string' ? [phoneNumber] : []));
    return { is: 'value', value: { numbers, last: isLast(page, listed.length, answer.value.totalPages) } };
  }

  /** The file of a received fax, to be wiped by the caller. */
  async file(id: string, signal: AbortSignal): Promise<Told<Uint8Array>> {
    const answer = await this.#ask({ ...fileOf(id), timeout: 180_000, limit: LARGEST_FILE, signal });
    return isFound(answer) ? { is: 'value', value: answer.body } : told(answer, z.never());
  }

  /** Whether the carrier has a file of the fax. No more of it is read than an answer without one is long. */
  async hasFile(id: string): Promise<Told<null>> {
    const answer = await this.#ask({ ...fileOf(id), limit: 65_536 });
    const isLong = !answer.ok && answer.failure === 'too_large';
    if (isFound(answer)) wipe(answer.body);
    return isLong || isFound(answer) ? { is: 'value', value: null } : told(answer, z.never());
  }

  /** Erases the document; the record of the call stays. */
  async deleteFile(id: string): Promise<Told<null>> {
    const answer = await this.#ask({ method: 'DELETE', path: `${faxPath(id)}/file` });
    return readDone(answer, fieldsOfProblem);
  }

  /** The service `id`, or without one the project's default. */
  async service(id: string | undefined): Promise<Told<SinchService>> {
    if (id !== undefined) {
      return told(await this.#ask({ method: 'GET', path: `/services/${encodeURIComponent(id)}` }), serviceSchema);
    }
    const answer = told(await this.#ask({ method: 'GET', path: '/services' }), servicesSchema);
    if (answer.is !== 'value') return answer;
    const services = answer.value.services ?? [];
    const service = services.find(({ defaultForProject }) => defaultForProject === true) ?? services[0];
    return service === undefined ? { is: 'absent' } : { is: 'value', value: service };
  }

  #ask(request: HttpRequest): Promise<HttpResult> {
    const path = `/projects/${encodeURIComponent(this.#projectId)}${request.path}`;
    return this.#http.exchange({ ...request, path });
  }
}

/** Value of the Authorization header with the key itself (RFC 7617 §2). */
export function basic({ keyId, secret }: Key): string {
  return `Basic ${text.decode(base64Octets(octets.encode(`${keyId}:${secret}`)))}`;
}

/** Value of the Authorization header with a token (RFC 6750 §2.1). */
export function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** Buys a token (RFC 6749 §4.4.2). */
export function askToken(key: Key): HttpRequest {
  const fields = [['grant_type', 'client_credentials']] as const;
  return {
    method: 'POST',
    path: '/oauth2/token',
    headers: { authorization: basic(key) },
    body: { type: 'form', fields },
  };
}

/** The token in an answer, and the seconds that it lives. */
export function readToken(answer: { readonly body: Uint8Array }): { text: string; seconds: number } | undefined {
  const token = readAnswer(tokenSchema, answer);
  return token === undefined ? undefined : { text: token.access_token, seconds: token.expires_in };
}

/** Reference and number of pages of one of our faxes; undefined: somebody else sent it. */
export function readLabels({ labels }: SinchFax): { reference: string; pages: number } | undefined {
  const reference = labels?.[LABEL] ?? '';
  const pages = Number(labels?.[PAGES] ?? '');
  const ours = /^[!-~]{1,100}$/.test(reference) && Number.isSafeInteger(pages) && pages >= 1 && pages <= 100_000;
  return ours ? { reference, pages } : undefined;
}

/** The event in a callback's body, JSON or form; undefined: it is none that concerns a fax. */
export function readEvent(contentType: string | undefined, body: Uint8Array): SinchEvent | undefined {
  const form = readFormData(contentType, body);
  return form === undefined ? jsonEvent(body) : formEvent(form);
}

function jsonEvent(body: Uint8Array): SinchEvent | undefined {
  const read = readAnswer(eventSchema.extend({ file: z.string().nullish().catch(null) }), { body });
  if (read === undefined) return undefined;
  const file = read.file === null || read.file === undefined ? null : new Uint8Array(Buffer.from(read.file, 'base64'));
  return eventOf(read, file);
}

function formEvent(form: readonly FormPart[]): SinchEvent | undefined {
  const part = (name: string) => form.find((one) => one.name === name)?.content;
  const word = (name: string) => text.decode(part(name) ?? new Uint8Array(0));
  const fax = readAnswer(eventSchema.shape.fax, { body: part('fax') ?? new Uint8Array(0) });
  const read = eventSchema.safeParse({ event: word('event'), eventTime: word('eventTime'), fax }).data;
  return read === undefined ? undefined : eventOf(read, part('file') ?? null);
}

function eventOf({ event, eventTime, fax }: z.infer<typeof eventSchema>, file: Uint8Array | null): SinchEvent {
  const at = Date.parse(eventTime ?? '');
  return {
    event,
    at: Number.isNaN(at) ? null : at,
    id: fax.id,
    file: file === null || file.length === 0 ? null : file,
  };
}

/** What a fax carries through Sinch to find it by. */
const LABEL = 'sealfax';
const PAGES = 'pages';

const text = new TextDecoder();
const octets = new TextEncoder();

/** One attempt, the pages as they are, no line of the carrier's own at their top, and nothing added to them. */
function fieldsOf({ to, from, serviceId, reference, pages, yDpi, callbackUrl }: FaxOrder): Record<string, unknown> {
  return {
    to,
    ...(from === null ? {} : { from }),
    ...(serviceId === undefined ? {} : { serviceId }),
    ...(callbackUrl === undefined ? {} : { callbackUrl, callbackUrlContentType: 'multipart/form-data' }),
    labels: { [LABEL]: reference, [PAGES]: String(pages) },
    maxRetries: 0,
    headerText: '',
    headerPageNumbers: false,
    imageConversionMethod: 'MONOCHROME',
    resolution: yDpi < 300 ? 'FINE' : 'SUPERFINE',
  };
}

function pageOf(page: number): readonly (readonly [string, string])[] {
  return [
    ['page', String(page)],
    ['pageSize', String(PAGE_SIZE)],
  ];
}

function isLast(page: number, length: number, totalPages: number | null | undefined): boolean {
  return length === 0 || page >= (totalPages ?? (length === PAGE_SIZE ? page + 1 : page));
}

function fileOf(id: string): HttpRequest {
  return { method: 'GET', path: `${faxPath(id)}/file.pdf`, headers: { accept: 'application/pdf' } };
}

function isFound(answer: HttpResult): answer is HttpAnswer {
  return answer.ok && answer.status === 200 && answer.body.length > 0;
}

function faxPath(id: string): string {
  return `/faxes/${encodeURIComponent(id)}`;
}

function told<T>(result: HttpResult, schema: z.ZodType<T | undefined>): Told<T> {
  return readTold(result, schema, fieldsOfProblem);
}

/** Names of the fields that a refusal finds fault with. */
function fieldsOfProblem(answer: { readonly body: Uint8Array }): string[] {
  const details = readAnswer(problemSchema, answer)?.details ?? [];
  return [details]
    .flat()
    .flatMap(({ fieldViolations }) => fieldViolations ?? [])
    .flatMap(({ field }) => (typeof field === 'string' ? [field] : []));
}
