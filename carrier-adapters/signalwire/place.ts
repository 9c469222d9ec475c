import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { E164 } from '../../gateway/fax/number.ts';
import type { CallStep, MediaLink, OutgoingCall } from '../../gateway/ports/carrier-adapter.ts';
import { type Following, follow, inTheDark, nothingSent, notSent, searchOrder, sendWhole } from '../http/index.ts';
import type { SignalwireConfig } from './config.ts';
import type { FaxFinder } from './finder.ts';
import { endOf, neverFetched, refused, unwanted } from './outcome.ts';
import type { SignalwireApi } from './wire.ts';

/** What a fax is sent with. */
export interface Placing extends Following<SignalwireApi> {
  readonly config: SignalwireConfig;
  readonly finder: FaxFinder;
  /** Where the carrier tells what becomes of the fax of a reference; undefined: the gateway cannot be reached. */
  statusCallback(reference: string): URL | undefined;
}

/** What an order needs that may be missing. */
interface Needs {
  readonly from: E164;
  readonly link: MediaLink;
  readonly statusCallback: URL;
}

/** Sends one fax: gate 2 first, then the link, the order, and what comes of it. */
export async function* place(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  const { signal } = placing;
  if (signal.aborted) return notSent(signal);
  const needs = needsOf(call, placing);
  if (typeof needs === 'string') return nothingSent('carrier_unsuited', needs);
  return yield* sendWhole(call, signal, () => deliver(call, needs, placing));
}

function needsOf(call: OutgoingCall, { config, statusCallback }: Placing): Needs | string {
  const from = call.from ?? config.from;
  const { link } = call;
  const callback = statusCallback(call.reference);
  if (!config.mediaLinks) return 'SignalWire is set up for receiving only';
  if (from === undefined) return 'SignalWire needs a calling number, and there is none';
  if (link === undefined || callback === undefined) return 'SignalWire cannot reach this gateway to fetch a fax';
  return { from, link, statusCallback: callback };
}

async function* deliver(call: OutgoingCall, needs: Needs, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  const media = await opened(needs.link, placing);
  if (!(media instanceof URL)) return media;
  if (placing.signal.aborted) return notSent(placing.signal);
  const order = await send(call, needs, media, placing);
  if (typeof order !== 'string') return order;
  placing.finder.note(call.reference, order);
  yield { type: 'taken', carrierId: order };
  const { length } = call.pages;
  const result = await follow(order, { carrier: 'SignalWire', endOf: (fax) => endOf(fax, length) }, placing);
  // Who has fetched nothing has sent nothing, whatever became of the order; and from now on nobody fetches.
  const end = result.pageInFlight && (await unseen(needs.link)) ? neverFetched(result) : result;
  return placing.signal.reason === 'canceled' ? unwanted(end) : end;
}

async function opened(link: MediaLink, { config, signal }: Placing): Promise<URL | CallResult> {
  const { mediaFormat: format, mediaSeconds: ttl, mediaSources: sources } = config;
  try {
    const url = await link.open({ format, ttl, sources });
    if (signal.aborted) return notSent(signal);
    return url ?? nothingSent('carrier_unsuited', 'the account does not let carriers fetch its faxes');
  } catch {
    return nothingSent('gateway_stopped', 'no link to the fax could be made');
  }
}

/** Orders the fax, once. Its id, or why there is none. */
async function send(
  call: OutgoingCall,
  { from, link, statusCallback }: Needs,
  media: URL,
  placing: Placing,
): Promise<string | CallResult> {
  const yDpi = Math.max(...call.pages.map((page) => page.yDpi));
  const told = await placing.api.send({ from, to: call.to, media, yDpi, statusCallback });
  if (told.is === 'value') return told.value.sid;
  if (told.is === 'refused') return refused('the order', told.status, told.codes);
  if (told.is === 'absent') return refused('the order', 404, []);
  if (!told.sent) return nothingSent('carrier_unavailable', `SignalWire: not reached: ${told.detail}`);
  return search(call.reference, link, told.detail, placing);
}

/** An order without an answer is looked for, and never given again. Found nowhere, it is ended by taking its link away. */
async function search(
  reference: string,
  link: MediaLink,
  detail: string,
  placing: Placing,
): Promise<string | CallResult> {
  const { clock, finder, signal } = placing;
  const hint = () => placing.hint(reference);
  const found = await searchOrder(() => finder.find(reference), { clock, signal, hint });
  if (found !== undefined) return found.sid;
  const dark = inTheDark('uncertain', `SignalWire: nobody knows whether it took the order: ${detail}`);
  return (await unseen(link)) ? neverFetched(dark) : dark;
}

/** Ends the link. False also when nobody can say: then a page may be out. */
async function unseen(link: MediaLink): Promise<boolean> {
  try {
    return (await link.revoke()) === 'unseen';
  } catch {
    return false;
  }
}
