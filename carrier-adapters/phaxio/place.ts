import { wipe } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
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
import type { PhaxioConfig } from './config.ts';
import { findFax } from './finder.ts';
import { endOf, refused } from './outcome.ts';
import { LARGEST_FILE, type PhaxioApi } from './wire.ts';

/** What a fax is sent with. */
export interface Placing extends Following<PhaxioApi> {
  readonly config: PhaxioConfig;
}

/** Sends one fax: gate 2 first, then file and order in one, and what comes of it. */
export function place(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  return sendWhole(call, placing.signal, () => deliver(call, placing));
}

async function* deliver(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  const order = await send(call, placing);
  if (typeof order !== 'string') return order;
  yield { type: 'taken', carrierId: order };
  return await follow(order, { carrier: 'Phaxio', endOf: (fax) => endOf(fax, call.pages.length) }, placing);
}

/** Orders the fax, once; the file in memory is wiped. Its id, or why there is none. */
async function send(call: OutgoingCall, placing: Placing): Promise<string | CallResult> {
  let file: Uint8Array;
  try {
    file = await writePages(call.pages);
  } catch {
    return nothingSent('image_lost', 'a page cannot be read');
  }
  try {
    if (file.length > LARGEST_FILE) return nothingSent('carrier_unsuited', 'Phaxio takes files up to 20 MB');
    if (placing.signal.aborted) return notSent(placing.signal);
    return await ordered(await order(call, file, placing), call.reference, placing);
  } finally {
    wipe(file);
  }
}

function order(call: OutgoingCall, file: Uint8Array, { api, config }: Placing): Promise<Told<string>> {
  return api.send({
    to: call.to,
    from: call.from ?? config.from,
    reference: call.reference,
    pages: call.pages.length,
    file,
    callbackUrl: config.webhookUrl,
    cancelAfter: Math.ceil(config.longest / 60),
  });
}

async function ordered(told: Told<string>, reference: string, placing: Placing): Promise<string | CallResult> {
  if (told.is === 'value') return told.value;
  if (told.is === 'refused') return refused(told.status);
  if (told.is === 'absent') return refused(404);
  if (!told.sent) return nothingSent('carrier_unavailable', `Phaxio: not reached: ${told.detail}`);
  return search(reference, told.detail, placing);
}

/** An order without an answer is looked for by its tag, and never given again. */
async function search(reference: string, detail: string, placing: Placing): Promise<string | CallResult> {
  const { api, clock, signal } = placing;
  const found = await searchOrder(() => findFax(api, clock, reference, undefined), { clock, signal });
  return found?.fax.id ?? inTheDark('uncertain', `Phaxio: nobody knows whether it took the order: ${detail}`);
}
