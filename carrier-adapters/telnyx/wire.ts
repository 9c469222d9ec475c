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

/** States of an outbound fax that come before its end; `originated` and all others that Telnyx may add count as under way. */
const faxSchema = z.object({
  id: z.string().min(1).max(100),
  direction: z.string().nullish(),
  status: z.string().nullish(),
  client_state: z.string().nullish(),
  failure_reason: z.string().nullish(),
  from: z.string().nullish(),
  to: z.string().nullish(),
  media_url: z.string().nullish(),
  /** Documented for callbacks; taken from the record of the fax where it stands there. */
  call_duration_secs: z.number().min(0).max(1_000_000).nullish().catch(null),
});
const oneSchema = z.object({ data: faxSchema });
const listSchema = z.object({
  data: z.array(faxSchema).max(1_000),
  meta: z.object({ total_pages: z.number().nullish() }).nullish(),
});
const numbersSchema = z.object({
  data: z.array(z.object({ phone_number: z.string(), customer_reference: z.string().nullish() })).max(1_000),
  meta: z.object({ total_pages: z.number().nullish() }).nullish(),
});
const errorsSchema = z.object({ errors: z.array(z.object({ code: z.coerce.string().nullish() })).max(50) });
const eventSchema = z.object({
  data: z.object({
    id: z.string().min(1).max(100),
    event_type: z.string(),
    payload: z.object({
      fax_id: z.string().min(1).max(100),
      direction: z.string().nullish(),
      client_state: z.string().nullish(),
    }),
  }),
});

/** A fax as Telnyx keeps it; fields that are not used are left out. */
export type TelnyxFax = z.infer<typeof faxSchema>;
/** A number of the account, with the customer's own words for it. */
export interface TelnyxNumber {
  readonly number: string;
  readonly label: string;
}
/** A callback's content. */
export type TelnyxEvent = z.infer<typeof eventSchema>['data'];

/** One fax to be sent, its file being in the media store already. */
export interface FaxOrder {
  readonly connectionId: string;
  readonly from: E164;
  readonly to: E164;
  readonly mediaName: string;
  readonly t38: boolean;
  /** Vertical resolution of its pages, dpi. */
  readonly yDpi: number;
  readonly clientState: string;
  readonly webhookUrl: string | undefined;
}

const PAGE_SIZE = 100;

/** The fax and media parts of Telnyx API v2. Nothing is asked twice. */
export class TelnyxApi {
  readonly #http: HttpClient;

  /** @param http with the authorization of the account */
  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** The same for all requests of one call. */
  at(reference: string): TelnyxApi {
    return new TelnyxApi(clientAt(this.#http, reference));
  }

  /** Puts a file under `name`; Telnyx deletes it by itself after `ttl` seconds. */
  async upload(name: string, file: Uint8Array, ttl: number): Promise<Told<null>> {
    const parts = [
      { name: 'media_name', content: name },
      { name: 'ttl_secs', content: String(ttl) },
      { name: 'media', filename: `${name}.tif`, contentType: 'image/tiff', content: file },
    ];
    const body = { type: 'multipart', parts } as const;
    return nothing(await this.#http.exchange({ method: 'POST', path: '/media', body, timeout: 120_000 }));
  }

  async hasMedia(name: string): Promise<Told<null>> {
    return nothing(await this.#http.exchange({ method: 'GET', path: `/media/${encodeURIComponent(name)}` }));
  }

  async deleteMedia(name: string): Promise<Told<null>> {
    return nothing(await this.#http.exchange({ method: 'DELETE', path: `/media/${encodeURIComponent(name)}` }));
  }

  /** Answers the fax's id. */
  async send(order: FaxOrder): Promise<Told<TelnyxFax>> {
    const value = {
      connection_id: order.connectionId,
      from: order.from,
      to: order.to,
      media_name: order.mediaName,
      quality: qualityOf(order.yDpi),
      t38_enabled: order.t38,
      monochrome: true,
      store_preview: false,
      client_state: order.clientState,
      ...(order.webhookUrl === undefined ? {} : { webhook_url: order.webhookUrl }),
    };
    return one(await this.#http.exchange({ method: 'POST', path: '/faxes', body: { type: 'json', value } }));
  }

  async fax(id: string): Promise<Told<TelnyxFax>> {
    return one(await this.#http.exchange({ method: 'GET', path: `/faxes/${encodeURIComponent(id)}` }));
  }

  async deleteFax(id: string): Promise<Told<null>> {
    return nothing(await this.#http.exchange({ method: 'DELETE', path: `/faxes/${encodeURIComponent(id)}` }));
  }

  async cancel(id: string): Promise<Told<null>> {
    return nothing(
      await this.#http.exchange({ method: 'POST', path: `/faxes/${encodeURIComponent(id)}/actions/cancel` }),
    );
  }

  /** Renews the address of a received fax. */
  async refresh(id: string): Promise<Told<null>> {
    return nothing(
      await this.#http.exchange({ method: 'POST', path: `/faxes/${encodeURIComponent(id)}/actions/refresh` }),
    );
  }

  /** Page `page` (from 1) of the faxes of one direction since `since` (ISO 8601); `last`: there is no other behind it. */
  async list(
    direction: 'inbound' | 'outbound',
    since: string,
    page: number,
  ): Promise<Told<{ readonly faxes: readonly TelnyxFax[]; readonly last: boolean }>> {
    const query = [
      ['filter[direction][eq]', direction],
      ['filter[created_at][gte]', since],
      ['page[number]', String(page)],
      ['page[size]', String(PAGE_SIZE)],
    ] as const;
    const result = await this.#http.exchange({ method: 'GET', path: '/faxes', query, limit: 4_194_304 });
    const told = reading(result, listSchema);
    if (told.is !== 'value') return told;
    return { is: 'value', value: { faxes: told.value.data, last: isLast(told.value, page) } };
  }

  /** Page `page` (from 1) of the numbers whose calls go to the fax application `connectionId`. */
  async numbers(
    connectionId: string,
    page: number,
  ): Promise<Told<{ readonly items: readonly TelnyxNumber[]; readonly last: boolean }>> {
    const query = [
      ['filter[connection_id]', connectionId],
      ['filter[status]', 'active'],
      ['page[number]', String(page)],
      ['page[size]', String(PAGE_SIZE)],
    ] as const;
    const told = reading(await this.#http.exchange({ method: 'GET', path: '/phone_numbers', query }), numbersSchema);
    if (told.is !== 'value') return told;
    const items = told.value.data.map((one) => ({ number: one.phone_number, label: one.customer_reference ?? '' }));
    return { is: 'value', value: { items, last: isLast(told.value, page) } };
  }

  async hasApplication(id: string): Promise<Told<null>> {
    return nothing(await this.#http.exchange({ method: 'GET', path: `/fax_applications/${encodeURIComponent(id)}` }));
  }
}

/** Whether no page comes behind this one; without a number of pages a page that is not full is the last. */
function isLast(
  { data, meta }: Pick<z.infer<typeof listSchema>, 'meta'> & { readonly data: readonly unknown[] },
  page: number,
) {
  return data.length === 0 || page >= (meta?.total_pages ?? (data.length < PAGE_SIZE ? page : page + 1));
}

/** The event in a callback's body; undefined: it is none that concerns a fax. */
export function readEvent(body: Uint8Array): TelnyxEvent | undefined {
  return readAnswer(eventSchema, { body })?.data;
}

/** Headers of a callback's signature. */
export const SIGNATURE_HEADERS = { timestamp: 'telnyx-timestamp', signature: 'telnyx-signature-ed25519' } as const;

/** What every request carries. */
export function authorization(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

/** What a fax carries through Telnyx to find it by: `client_state` is Base64 there. */
export function clientStateOf(reference: string, pages: number): string {
  return Buffer.from(JSON.stringify({ sealfax: reference, pages })).toString('base64');
}

const clientStateSchema = z.object({ sealfax: z.string().min(1).max(100), pages: z.int().min(1).max(100_000) });

/** Reference and number of pages of one of our faxes; undefined: somebody else sent it. */
export function readClientState(text: string | null | undefined): { reference: string; pages: number } | undefined {
  if (text === null || text === undefined || text.length > 1_000) return undefined;
  const state = readAnswer(clientStateSchema, { body: Buffer.from(text, 'base64') });
  return state === undefined ? undefined : { reference: state.sealfax, pages: state.pages };
}

/** The name of a call's file in the media store. */
export function mediaNameOf(reference: string): string {
  return `sealfax-${reference}`;
}

function qualityOf(yDpi: number): string {
  if (yDpi < 150) return 'normal';
  return yDpi < 300 ? 'high' : 'very_high';
}

function one(result: HttpResult): Told<TelnyxFax> {
  const told = reading(result, oneSchema);
  return told.is === 'value' ? { is: 'value', value: told.value.data } : told;
}

function nothing(result: HttpResult): Told<null> {
  return readDone(result, codesOf);
}

function reading<T>(result: HttpResult, schema: z.ZodType<T>): Told<T> {
  return readTold(result, schema, codesOf);
}

function codesOf(answer: HttpAnswer): string[] {
  const errors = readAnswer(errorsSchema, answer)?.errors ?? [];
  return errors.flatMap(({ code }) => (code === null || code === undefined ? [] : [code]));
}
