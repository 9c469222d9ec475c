import { z } from 'zod';
import type { E164 } from '../../gateway/fax/number.ts';
import {
  clientAt,
  type HttpAnswer,
  type HttpClient,
  type HttpResult,
  type Part,
  readAnswer,
  readTold,
  type Told,
} from '../http/index.ts';

/** Ids are numbers; they are text here. */
const id = z.union([z.int().min(1), z.string().regex(/^[0-9]{1,20}$/)]).transform(String);
const number = z.union([z.int(), z.string().regex(/^[0-9]{1,6}$/)]).transform(Number);

const recipientSchema = z.object({
  status: z.string().nullish(),
  retry_count: z.int().min(0).nullish(),
  error_type: z.string().nullish(),
  error_id: number.nullish(),
});
const faxSchema = z.object({
  id,
  direction: z.string().nullish(),
  status: z.string().nullish(),
  from_number: z.string().nullish(),
  to_number: z.string().nullish(),
  created_at: z.string().nullish(),
  completed_at: z.string().nullish(),
  tags: z.record(z.string(), z.unknown()).nullish().catch(null),
  recipients: z.array(recipientSchema).max(1_000).nullish(),
  error_type: z.string().nullish(),
  error_id: number.nullish(),
});
const envelope = { success: z.literal(true) };
const nothingSchema = z.object(envelope);
const orderSchema = z.object({ ...envelope, data: z.object({ id }) });
const oneSchema = z.object({ ...envelope, data: faxSchema });
const paging = z.object({ per_page: z.int().min(1) }).nullish();
const listSchema = z.object({ ...envelope, data: z.array(faxSchema).max(1_000), paging });
const numbersSchema = z.object({
  ...envelope,
  data: z
    .array(z.object({ phone_number: z.string(), city: z.string().nullish(), state: z.string().nullish() }))
    .max(1_000),
  paging,
});
const failureSchema = z.object({ success: z.literal(false) });

/** A fax as Phaxio keeps it; fields that are not used are left out. */
export type PhaxioFax = z.infer<typeof faxSchema>;

/** A number of the account, with the towns that it belongs to. */
export interface PhaxioNumber {
  readonly number: string;
  readonly label: string;
}

/** One page of a list; `last`: there is no other behind it. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly last: boolean;
}

/** One fax to be sent. */
export interface FaxOrder {
  readonly to: E164;
  readonly from: E164 | undefined;
  readonly reference: string;
  readonly pages: number;
  /** A TIFF file; sent as it stands, without a copy. */
  readonly file: Uint8Array;
  readonly callbackUrl: string | undefined;
  /** Minutes after which Phaxio gives the fax up, 3 to 60. */
  readonly cancelAfter: number;
}

/** The largest file either way, octets. */
export const LARGEST_FILE = 20_000_000;
const PAGE_SIZE = 100;
/** Time for a file either way, ms. */
const FILE_TIME = 120_000;

/** The part of Phaxio's API v2.1 that faxes need. Nothing is asked twice. */
export class PhaxioApi {
  readonly #http: HttpClient;

  /** @param http with the authorization of the account */
  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** The same for all requests of one call. */
  at(reference: string): PhaxioApi {
    return new PhaxioApi(clientAt(this.#http, reference));
  }

  /** Answers the fax's id. */
  async send(order: FaxOrder): Promise<Told<string>> {
    const body = { type: 'multipart', parts: partsOf(order) } as const;
    const result = await this.#http.exchange({ method: 'POST', path: '/faxes', body, timeout: FILE_TIME });
    const told = reading(result, orderSchema);
    return told.is === 'value' ? { is: 'value', value: told.value.data.id } : told;
  }

  async fax(fax: string): Promise<Told<PhaxioFax>> {
    const told = reading(await this.#http.exchange({ method: 'GET', path: pathOf(fax) }), oneSchema);
    return told.is === 'value' ? { is: 'value', value: told.value.data } : told;
  }

  /** Phaxio answers that it will try; what became of it, the fax says. */
  async cancel(fax: string): Promise<Told<unknown>> {
    return reading(await this.#http.exchange({ method: 'POST', path: `${pathOf(fax)}/cancel` }), nothingSchema);
  }

  /** The fax's file, which the caller wipes. */
  async file(fax: string, signal?: AbortSignal): Promise<Told<Uint8Array>> {
    const result = await this.#http.exchange({
      method: 'GET',
      path: `${pathOf(fax)}/file`,
      headers: { accept: '*/*' },
      timeout: FILE_TIME,
      limit: LARGEST_FILE,
      ...(signal === undefined ? {} : { signal }),
    });
    return result.ok && result.status === 200 && !isFailure(result)
      ? { is: 'value', value: result.body }
      : reading(result, z.never());
  }

  async deleteFile(fax: string): Promise<Told<unknown>> {
    return reading(await this.#http.exchange({ method: 'DELETE', path: `${pathOf(fax)}/file` }), nothingSchema);
  }

  /** Page `page` (from 1) of the faxes since `since` (ISO 8601) that were received, or sent under a reference of ours. */
  async list(
    what: 'received' | { readonly reference: string },
    since: string,
    page: number,
  ): Promise<Told<Listed<PhaxioFax>>> {
    const query = [
      ['direction', what === 'received' ? 'received' : 'sent'],
      ['created_after', since],
      ...(what === 'received' ? [] : [[`tag[${TAG}]`, what.reference] as const]),
      ['page', String(page)],
      ['per_page', String(PAGE_SIZE)],
    ] as const;
    return listed(await this.#http.exchange({ method: 'GET', path: '/faxes', query, limit: 4_194_304 }), listSchema);
  }

  /** Page `page` (from 1) of the account's numbers. */
  async numbers(page: number): Promise<Told<Listed<PhaxioNumber>>> {
    const query = [
      ['page', String(page)],
      ['per_page', String(PAGE_SIZE)],
    ] as const;
    const told = listed(await this.#http.exchange({ method: 'GET', path: '/phone_numbers', query }), numbersSchema);
    if (told.is !== 'value') return told;
    const items = told.value.items.map(({ phone_number, city, state }) => ({
      number: phone_number,
      label: [city, state].filter((part) => part !== null && part !== undefined && part !== '').join(', '),
    }));
    return { is: 'value', value: { items, last: told.value.last } };
  }

  async hasAccount(): Promise<Told<unknown>> {
    return reading(await this.#http.exchange({ method: 'GET', path: '/account/status' }), nothingSchema);
  }
}

/** Name of the tag that carries our reference, and of the one with the number of pages. */
const TAG = 'sealfax';
const PAGES_TAG = 'sealfax_pages';

function partsOf({ to, from, reference, pages, file, callbackUrl, cancelAfter }: FaxOrder): Part[] {
  return [
    { name: 'to', content: to },
    ...(from === undefined ? [] : [{ name: 'caller_id', content: from }]),
    { name: `tag[${TAG}]`, content: reference },
    { name: `tag[${PAGES_TAG}]`, content: String(pages) },
    { name: 'cancel_timeout', content: String(cancelAfter) },
    ...(callbackUrl === undefined ? [] : [{ name: 'callback_url', content: callbackUrl }]),
    { name: 'file', filename: 'fax.tif', contentType: 'image/tiff', content: file },
  ];
}

/** Reference and number of pages of one of our faxes; undefined: somebody else sent it. */
export function readTags({ tags }: Pick<PhaxioFax, 'tags'>): { reference: string; pages: number } | undefined {
  const { [TAG]: reference, [PAGES_TAG]: pages } = tags ?? {};
  if (typeof reference !== 'string' || !/^[0-9]{1,6}$/.test(String(pages))) return undefined;
  return { reference, pages: Number(pages) };
}

/** Why a fax failed: of the fax, or of its one recipient. `retries`: calls that Phaxio made besides the first. */
export function readFailure({ error_type, error_id, recipients }: PhaxioFax) {
  const recipient = recipients?.[0];
  return {
    type: error_type ?? recipient?.error_type ?? null,
    id: error_id ?? recipient?.error_id ?? null,
    retries: recipient?.retry_count ?? 0,
  };
}

/** Header of a callback's signature. */
export const SIGNATURE_HEADER = 'x-phaxio-signature';

/** What a callback says: `event` and the fax in a JSON of its own. Undefined: it is none that concerns a fax. */
export function readEvent(fields: ReadonlyMap<string, Uint8Array>): { event: string; fax: PhaxioFax } | undefined {
  const body = fields.get('fax');
  const fax = body === undefined ? undefined : readAnswer(faxSchema, { body });
  if (fax === undefined) return undefined;
  return { event: Buffer.from(fields.get('event_type') ?? new Uint8Array(0)).toString(), fax };
}

/** The event of a fax that has ended, sent or received. */
export const COMPLETED = 'fax_completed';

/** What every request carries (RFC 7617). */
export function authorization(key: string, secret: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}` };
}

function pathOf(fax: string): string {
  return `/faxes/${encodeURIComponent(fax)}`;
}

function listed<T>(
  result: HttpResult,
  schema: z.ZodType<{ readonly data: T[]; readonly paging?: { readonly per_page: number } | null | undefined }>,
): Told<Listed<T>> {
  const told = reading(result, schema);
  if (told.is !== 'value') return told;
  const { data, paging } = told.value;
  return { is: 'value', value: { items: data, last: data.length < (paging?.per_page ?? PAGE_SIZE) } };
}

function reading<T>(result: HttpResult, schema: z.ZodType<T>): Told<T> {
  // As 4xx does, `success: false` says that nothing was done.
  const failed = result.ok && result.status < 300 && isFailure(result);
  return failed ? { is: 'refused', status: result.status, codes: [] } : readTold(result, schema);
}

/** Octets of an answer without a fax in it. */
const SHORT = 65_536;

function isFailure(result: HttpAnswer): boolean {
  return result.body.length <= SHORT && readAnswer(failureSchema, result) !== undefined;
}
