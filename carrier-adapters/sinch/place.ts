import { wipe } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { CallStep, OutgoingCall } from '../../gateway/ports/carrier-adapter.ts';
import {
  base64Octets,
  type Following,
  inTheDark,
  nothingSent,
  notSent,
  searchOrder,
  sendWhole,
  type Told,
  writePages,
} from '../http/index.ts';
import type { SinchConfig } from './config.ts';
import type { FaxFinder } from './finder.ts';
import { follow } from './follow.ts';
import { refused } from './outcome.ts';
import type { SinchApi, SinchFax } from './wire.ts';

/** The largest file of an order, octets: the limit that Sinch' own tools name. */
const LARGEST_FILE = 20_000_000;

/** What a fax is sent with. */
export interface Placing extends Following<SinchApi> {
  readonly config: SinchConfig;
  readonly finder: FaxFinder;
  /** Where the carrier is to tell the end of the fax; absent: nowhere. */
  readonly callbackUrl: string | undefined;
}

/** Sends one fax: gate 2 first, then the order with the file in it, and what comes of it. */
export function place(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  return sendWhole(call, placing.signal, () => deliver(call, placing));
}

async function* deliver(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  const order = await send(call, placing);
  if (typeof order !== 'string') return order;
  placing.finder.note(call.reference, order);
  yield { type: 'taken', carrierId: order };
  return await follow(order, call.pages.length, placing);
}

/** The carrier's id of the fax, or how the call ended without one. Whatever was decrypted for it is wiped. */
async function send(call: OutgoingCall, placing: Placing): Promise<string | CallResult> {
  let file: Uint8Array;
  try {
    file = await writePages(call.pages);
  } catch {
    return nothingSent('image_lost', 'a page cannot be read');
  }
  const image = file.length > LARGEST_FILE ? undefined : base64Octets(file);
  wipe(file);
  if (image === undefined) return nothingSent('carrier_unsuited', 'Sinch takes files up to 20 MB');
  try {
    return placing.signal.aborted
      ? notSent(placing.signal)
      : await judge(await order(call, image, placing), call, placing);
  } finally {
    wipe(image);
  }
}

/** The order, once. */
function order(call: OutgoingCall, image: Uint8Array, { api, config, callbackUrl }: Placing): Promise<Told<SinchFax>> {
  return api.send(
    {
      to: call.to,
      from: call.from ?? config.from ?? null,
      serviceId: config.serviceId,
      reference: call.reference,
      pages: call.pages.length,
      yDpi: Math.max(...call.pages.map(({ yDpi }) => yDpi)),
      callbackUrl,
    },
    image,
  );
}

async function judge(told: Told<SinchFax>, call: OutgoingCall, placing: Placing): Promise<string | CallResult> {
  if (told.is === 'value') return told.value.id;
  if (told.is === 'refused') return refused('the order', told.status, told.codes);
  if (told.is === 'absent') return refused('the order', 404, []);
  if (!told.sent) return nothingSent('carrier_unavailable', `Sinch: not reached: ${told.detail}`);
  return search(call.reference, told.detail, placing);
}

/** An order without an answer is looked for, and never given again. */
async function search(reference: string, detail: string, placing: Placing): Promise<string | CallResult> {
  const { clock, finder, signal } = placing;
  const found = await searchOrder(() => finder.find(reference), { clock, signal });
  return found?.fax.id ?? inTheDark('uncertain', `Sinch: nobody knows whether it took the order: ${detail}`);
}
