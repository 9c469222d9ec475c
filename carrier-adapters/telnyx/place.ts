import { wipe } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { E164 } from '../../gateway/fax/number.ts';
import type { CallStep, OutgoingCall } from '../../gateway/ports/carrier-adapter.ts';
import {
  type Following,
  follow,
  inTheDark,
  nothingSent,
  notSent,
  searchOrder,
  sendWhole,
  type Told,
  writePages,
} from '../http/index.ts';
import type { TelnyxConfig } from './config.ts';
import type { FaxFinder } from './finder.ts';
import { endOf, refused } from './outcome.ts';
import { clientStateOf, mediaNameOf, type TelnyxApi } from './wire.ts';

/** The largest file of the media store, octets. */
const LARGEST_FILE = 20_000_000;
/** Seconds that a file outlives the longest fax in the media store, should nobody delete it. */
const SPARE_TIME = 600;

/** What a fax is sent with. */
export interface Placing extends Following<TelnyxApi> {
  readonly config: TelnyxConfig;
  readonly finder: FaxFinder;
  /** Told as soon as the carrier has the fax. */
  known(id: string): void;
}

/** Sends one fax: gate 2 first, then the file, the order, and what comes of it. */
export async function* place(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  const { config, signal } = placing;
  const from = call.from ?? config.from;
  if (signal.aborted) return notSent(signal);
  if (from === undefined) return nothingSent('carrier_unsuited', 'Telnyx needs a calling number, and there is none');
  return yield* sendWhole(call, signal, () => deliver(call, from, placing));
}

async function* deliver(call: OutgoingCall, from: E164, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  const { api, signal } = placing;
  const name = mediaNameOf(call.reference);
  const refusal = await upload(call, name, placing);
  if (refusal !== undefined) return refusal;
  try {
    if (signal.aborted) return notSent(signal);
    const order = await send(call, from, name, placing);
    if (typeof order !== 'string') return order;
    placing.known(order);
    yield { type: 'taken', carrierId: order };
    const { length } = call.pages;
    return await follow(order, { carrier: 'Telnyx', endOf: (fax) => endOf(fax, length) }, placing);
  } finally {
    // A fenced worker touches nothing: the one that took over may need the file.
    if (!signal.aborted || signal.reason === 'canceled') await api.deleteMedia(name);
  }
}

/** The file goes to the media store; the copy in memory is wiped. Undefined: it is there. */
async function upload(call: OutgoingCall, name: string, placing: Placing): Promise<CallResult | undefined> {
  let file: Uint8Array;
  try {
    file = await writePages(call.pages);
  } catch {
    return nothingSent('image_lost', 'a page cannot be read');
  }
  try {
    if (file.length > LARGEST_FILE) return nothingSent('carrier_unsuited', 'Telnyx takes files up to 20 MB');
    if (placing.signal.aborted) return notSent(placing.signal);
    const told = await placing.api.upload(name, file, placing.config.longest + SPARE_TIME);
    return await uploaded(told, name, placing);
  } finally {
    wipe(file);
  }
}

async function uploaded(told: Told<null>, name: string, { api }: Placing): Promise<CallResult | undefined> {
  if (told.is === 'value') return undefined;
  if (told.is === 'refused') return refused('the upload', told.status, told.codes);
  if (told.is === 'absent') return refused('the upload', 404, []);
  if (told.sent && (await api.hasMedia(name)).is === 'value') return undefined;
  // Nothing was ordered: whatever became of the file, no fax leaves. Should it be there after all, it goes.
  if (told.sent) await api.deleteMedia(name);
  return nothingSent('carrier_unavailable', `Telnyx: the upload failed: ${told.detail}`);
}

/** Orders the fax, once. Its id, or why there is none. */
async function send(call: OutgoingCall, from: E164, mediaName: string, placing: Placing): Promise<string | CallResult> {
  const { config, api } = placing;
  const told = await api.send({
    connectionId: config.connectionId,
    from,
    to: call.to,
    mediaName,
    t38: call.settings.t38,
    yDpi: Math.max(...call.pages.map(({ yDpi }) => yDpi)),
    clientState: clientStateOf(call.reference, call.pages.length),
    webhookUrl: config.webhookUrl,
  });
  if (told.is === 'value') return told.value.id;
  if (told.is === 'refused') return refused('the order', told.status, told.codes);
  if (told.is === 'absent') return refused('the order', 404, []);
  if (!told.sent) return nothingSent('carrier_unavailable', `Telnyx: not reached: ${told.detail}`);
  return search(call.reference, told.detail, placing);
}

/** An order without an answer is looked for, and never given again. */
async function search(reference: string, detail: string, placing: Placing): Promise<string | CallResult> {
  const { clock, finder, signal } = placing;
  const found = await searchOrder(() => finder.find(reference), { clock, signal });
  return found?.id ?? inTheDark('uncertain', `Telnyx: nobody knows whether it took the order: ${detail}`);
}
