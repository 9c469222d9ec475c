import { wipe } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { CallStep, OutgoingCall } from '../../gateway/ports/carrier-adapter.ts';
import { pause, UNKNOWN_LINE, writePages } from '../http/index.ts';
import type { PhaxioConfig } from './config.ts';
import { findFax } from './finder.ts';
import { type Following, follow } from './follow.ts';
import { inTheDark, nothingSent, refused } from './outcome.ts';
import { LARGEST_FILE, type Told } from './wire.ts';

/** Pauses before each look for a fax of which nobody knows whether it was accepted, ms: a minute in all. */
const LOOKS = [1_000, 4_000, 10_000, 15_000, 30_000];

/** What a fax is sent with. */
export interface Placing extends Following {
  readonly config: PhaxioConfig;
}

/** Sends one fax: gate 2 first, then file and order in one, and what comes of it. */
export async function* place(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  const { signal } = placing;
  const [first] = call.pages;
  if (signal.aborted || first === undefined) return nothingSent(causeOf(signal), 'ended before it was sent');
  yield { type: 'answered' };
  if (signal.aborted) return nothingSent(causeOf(signal), 'ended before it was sent');
  yield { type: 'page_started', page: first.number };
  if (signal.aborted) return nothingSent(causeOf(signal), 'ended before it was sent');
  const order = await send(call, placing);
  if (typeof order !== 'string') return order;
  yield { type: 'taken', carrierId: order };
  const result = await follow(order, call.pages.length, placing);
  if (result.cause !== 'ok') return result;
  for (const page of call.pages) {
    if (page !== first) yield { type: 'page_started', page: page.number };
    yield { type: 'page_confirmed', page: page.number, line: UNKNOWN_LINE };
  }
  return result;
}

function causeOf(signal: AbortSignal): 'canceled' | 'gateway_stopped' | 'line_lost' {
  if (signal.reason === 'cut') return 'line_lost';
  return signal.reason === 'canceled' ? 'canceled' : 'gateway_stopped';
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
    if (placing.signal.aborted) return nothingSent(causeOf(placing.signal), 'ended before it was sent');
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
async function search(
  reference: string,
  detail: string,
  { api, clock, signal }: Placing,
): Promise<string | CallResult> {
  for (const look of LOOKS) {
    await pause(clock, look, signal.reason === 'canceled' ? null : signal);
    if (signal.aborted && signal.reason !== 'canceled') break;
    const found = await findFax(api, clock, reference, undefined);
    if (found.is === 'value') return found.value.fax.id;
  }
  return inTheDark('uncertain', `Phaxio: nobody knows whether it took the order: ${detail}`);
}
