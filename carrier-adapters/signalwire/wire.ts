import { z } from 'zod';
import type { E164 } from '../../gateway/fax/number.ts';
import {
  clientAt,
  type HttpAnswer,
  type HttpClient,
  type HttpResult,
  readAnswer,
  readDone,
  readTold,
  type Told,
} from '../http/index.ts';

/** Printable ASCII: what a carrier calls its things by. */
const sid = z.string().regex(/^[\x21-\x7e]{1,100}$/);
/** Counts come as numbers or as strings. */
const count = z.coerce.number().int().min(0).max(1_000_000);

const faxSchema = z.object({
  sid,
  direction: z.string().nullish(),
  status: z.string().nullish(),
  from: z.string().nullish(),
  to: z.string().nullish(),
  media_url: z.string().nullish(),
  num_pages: count.nullish().catch(null),
  /** Seconds. */
  duration: count.nullish().catch(null),
  error_code: z.union([z.string(), z.number().transform(String)]).nullish(),
});
const pageSchema = z.object({ faxes: z.array(faxSchema).max(1_000), next_page_uri: z.string().max(2_048).nullish() });
const mediaListSchema = z.object({
  media: z.array(z.object({ sid })).max(100).optional(),
  fax_media: z.array(z.object({ sid })).max(100).optional(),
});
const numbersSchema = z.object({
  incoming_phone_numbers: z
    .array(z.object({ phone_number: z.string(), friendly_name: z.string().nullish() }))
    .max(1_000),
  next_page_uri: z.string().max(2_048).nullish(),
});
const errorSchema = z.object({ code: z.coerce.string().nullish() });

/** A fax as SignalWire keeps it; fields that are not used are left out. */
export type SignalwireFax = z.infer<typeof faxSchema>;

/** Where a listing goes on: the query that the carrier named; undefined: its first page. */
export type Cursor = readonly (readonly [string, string])[] | undefined;

/** A part of a listing. */
export interface Listed<T> {
  readonly items: readonly T[];
  /** Undefined: there is no more. */
  readonly next: Cursor;
}

/** One fax to be sent, which the carrier fetches at `media`. */
export interface FaxOrder {
  readonly from: E164;
  readonly to: E164;
  readonly media: URL;
  /** Vertical resolution of its pages, dpi. */
  readonly yDpi: number;
  readonly statusCallback: URL;
}

/** Minutes that the carrier has to begin; its least is 5, and a link lasts no longer than this. */
const TTL = 10;
const PAGE_SIZE = 100;

/** The faxes of one project by the compatibility API. Nothing is asked twice. */
export class SignalwireApi {
  readonly #http: HttpClient;
  readonly #project: string;
  readonly #account: string;

  /** @param http with the authorization of the project */
  constructor(http: HttpClient, project: string) {
    this.#http = http;
    this.#project = project;
    this.#account = `/api/laml/2010-04-01/Accounts/${project}`;
  }

  /** The same API at the address of one call. */
  at(reference: string): SignalwireApi {
    return new SignalwireApi(clientAt(this.#http, reference), this.#project);
  }

  /** Orders a fax; the carrier is asked to keep nothing of it. */
  async send({ from, to, media, yDpi, statusCallback }: FaxOrder): Promise<Told<SignalwireFax>> {
    const fields = [
      ['From', from],
      ['To', to],
      ['MediaUrl', media.href],
      ['Quality', qualityOf(yDpi)],
      ['StatusCallback', statusCallback.href],
      ['StatusCallbackMethod', 'POST'],
      ['StoreMedia', 'false'],
      ['Ttl', String(TTL)],
    ] as const;
    return reading(await this.#post('/Faxes', fields), faxSchema);
  }

  async fax(id: string): Promise<Told<SignalwireFax>> {
    return reading(await this.#get(faxPath(id)), faxSchema);
  }

  /** Possible while it is queued. */
  async cancel(id: string): Promise<Told<SignalwireFax>> {
    return reading(await this.#post(faxPath(id), [['Status', 'canceled']]), faxSchema);
  }

  async deleteFax(id: string): Promise<Told<null>> {
    return nothing(await this.#http.exchange({ method: 'DELETE', path: `${this.#account}${faxPath(id)}` }));
  }

  /** Ids of the files that the carrier keeps of a fax. */
  async media(id: string): Promise<Told<readonly string[]>> {
    const told = reading(await this.#get(`${faxPath(id)}/Media`), mediaListSchema);
    if (told.is !== 'value') return told;
    const { media = [], fax_media = [] } = told.value;
    return { is: 'value', value: [...media, ...fax_media].map((one) => one.sid) };
  }

  async hasMedia(id: string, media: string): Promise<Told<null>> {
    return nothing(await this.#get(mediaPath(id, media)));
  }

  async deleteMedia(id: string, media: string): Promise<Told<null>> {
    return nothing(await this.#http.exchange({ method: 'DELETE', path: `${this.#account}${mediaPath(id, media)}` }));
  }

  /** Faxes that were made after `after` (ISO 8601). */
  async list(after: string, cursor: Cursor): Promise<Told<Listed<SignalwireFax>>> {
    const first = [
      ['DateCreatedAfter', after],
      ['PageSize', String(PAGE_SIZE)],
    ] as const;
    const told = reading(await this.#get('/Faxes', cursor ?? first), pageSchema);
    if (told.is !== 'value') return told;
    return { is: 'value', value: { items: told.value.faxes, next: cursorOf(told.value.next_page_uri) } };
  }

  /** Numbers of the project. */
  async numbers(cursor: Cursor): Promise<Told<Listed<{ readonly number: string; readonly label: string }>>> {
    const told = reading(
      await this.#get('/IncomingPhoneNumbers', cursor ?? [['PageSize', String(PAGE_SIZE)]]),
      numbersSchema,
    );
    if (told.is !== 'value') return told;
    const { incoming_phone_numbers: rows, next_page_uri } = told.value;
    const items = rows.map(({ phone_number, friendly_name }) => ({ number: phone_number, label: friendly_name ?? '' }));
    return { is: 'value', value: { items, next: cursorOf(next_page_uri) } };
  }

  async hasProject(): Promise<Told<null>> {
    return nothing(await this.#get(''));
  }

  #get(path: string, query: Cursor = []): Promise<HttpResult> {
    return this.#http.exchange({ method: 'GET', path: `${this.#account}${path}`, query, limit: 4_194_304 });
  }

  #post(path: string, fields: readonly (readonly [string, string])[]): Promise<HttpResult> {
    return this.#http.exchange({ method: 'POST', path: `${this.#account}${path}`, body: { type: 'form', fields } });
  }
}

/** What every request carries. */
export function authorization(project: string, token: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${project}:${token}`).toString('base64')}` };
}

/** Headers that the signature of a callback comes in: SignalWire's own name, and the one of the API it is compatible with. */
export const SIGNATURE_HEADERS = ['x-signalwire-signature', 'x-twilio-signature'] as const;

/** Paths of callbacks below `/carriers/NAME/`. */
export const CALLBACKS = { status: 'status', incoming: 'incoming', received: 'received' } as const;

/** What a callback says that is used: the rest, the carrier's record says. */
export interface FaxEvent {
  readonly account: string;
  readonly fax: string;
}

/** The event in a callback's fields; undefined: it concerns no fax. */
export function readEvent(fields: URLSearchParams): FaxEvent | undefined {
  const fax = sid.safeParse(fields.get('FaxSid'));
  return fax.success ? { account: fields.get('AccountSid') ?? '', fax: fax.data } : undefined;
}

/** The answer that has SignalWire take a fax as TIFF and tell `action` when it has it. */
export function receiveAnswer(action: URL): string {
  const target = action.href.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `${XML}<Response><Receive action="${target}" method="POST" mediaType="image/tiff" storeMedia="true"/></Response>`;
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>';
/** The answer that refuses a fax, and the one that asks for nothing. */
export const REJECT_ANSWER = `${XML}<Response><Reject/></Response>`;
export const EMPTY_ANSWER = `${XML}<Response/>`;

/** Whether `url` is the link of our call `reference`; the carrier shows what it was given. */
export function isLinkOf(url: string | null | undefined, reference: string): boolean {
  return url?.includes(`/${reference}.`) === true;
}

function qualityOf(yDpi: number): string {
  if (yDpi < 150) return 'standard';
  return yDpi < 300 ? 'fine' : 'superfine';
}

function faxPath(id: string): string {
  return `/Faxes/${encodeURIComponent(id)}`;
}

function mediaPath(id: string, media: string): string {
  return `${faxPath(id)}/Media/${encodeURIComponent(media)}`;
}

/** Only the query of what the carrier names is used: a listing never leads to another place. */
function cursorOf(uri: string | null | undefined): Cursor {
  if (uri === null || uri === undefined || uri === '') return undefined;
  const at = uri.indexOf('?');
  const query = at < 0 ? [] : [...new URLSearchParams(uri.slice(at))];
  return query.length === 0 ? undefined : query;
}

function nothing(result: HttpResult): Told<null> {
  return readDone(result, codesOf);
}

function reading<T>(result: HttpResult, schema: z.ZodType<T>): Told<T> {
  return readTold(result, schema, codesOf);
}

function codesOf(answer: HttpAnswer): string[] {
  const code = readAnswer(errorSchema, answer)?.code;
  return code === null || code === undefined ? [] : [code];
}
