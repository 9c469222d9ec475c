import { wipe } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { CallStep, OutgoingCall } from '../../gateway/ports/carrier-adapter.ts';
import { base64Octets, pause, UNKNOWN_LINE, writePages } from '../http/index.ts';
import type { SinchConfig } from './config.ts';
import type { FaxFinder } from './finder.ts';
import { type Following, follow, isCut } from './follow.ts';
import { inTheDark, nothingSent, refused } from './outcome.ts';
import type { SinchFax, Told } from './wire.ts';

/** The largest file of an order, octets: the limit that Sinch' own tools name. */
const LARGEST_FILE = 20_000_000;
/** Pauses before each look for a fax of which nobody knows whether it was accepted, ms: a minute in all. */
const LOOKS = [1_000, 4_000, 10_000, 15_000, 30_000];

/** What a fax is sent with. */
export interface Placing extends Following {
  readonly config: SinchConfig;
  readonly finder: FaxFinder;
  /** Where the carrier is to tell the end of the fax; absent: nowhere. */
  readonly callbackUrl: string | undefined;
}

/** Sends one fax: gate 2 first, then the order with the file in it, and what comes of it. */
export async function* place(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  const { signal } = placing;
  const [first] = call.pages;
  if (signal.aborted || first === undefined) return notSent(signal);
  yield { type: 'answered' };
  if (signal.aborted) return notSent(signal);
  yield { type: 'page_started', page: first.number };
  if (signal.aborted) return notSent(signal);
  const order = await send(call, placing);
  if (typeof order !== 'string') return order;
  placing.finder.note(call.reference, order);
  yield { type: 'taken', carrierId: order };
  const result = await follow(order, call.pages.length, placing);
  if (result.cause !== 'ok') return result;
  for (const page of call.pages) {
    if (page !== first) yield { type: 'page_started', page: page.number };
    yield { type: 'page_confirmed', page: page.number, line: UNKNOWN_LINE };
  }
  return result;
}

function notSent({ reason }: AbortSignal): CallResult {
  const cause = reason === 'cut' ? 'line_lost' : reason === 'canceled' ? 'canceled' : 'gateway_stopped';
  return nothingSent(cause, 'ended before it was sent');
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
  if (told.is === 'refused') return refused('the order', told.status, told.fields);
  if (told.is === 'absent') return refused('the order', 404, []);
  if (!told.sent) return nothingSent('carrier_unavailable', `Sinch: not reached: ${told.detail}`);
  return search(call.reference, told.detail, placing);
}

/** An order without an answer is looked for, and never given again. */
async function search(reference: string, detail: string, placing: Placing): Promise<string | CallResult> {
  const { clock, finder, signal } = placing;
  for (const look of LOOKS) {
    await pause(clock, look, signal.aborted ? null : signal);
    if (isCut(signal)) break;
    const found = await finder.find(reference);
    if (found.is === 'value') return found.value.fax.id;
  }
  return inTheDark('uncertain', `Sinch: nobody knows whether it took the order: ${detail}`);
}
