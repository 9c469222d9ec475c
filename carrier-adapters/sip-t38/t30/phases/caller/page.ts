import { RCP_COUNT } from '../../ecm/frames.ts';
import { EcmSender } from '../../ecm/sender.ts';
import { termsOf } from '../../negotiation/plan.ts';
import { PAGE_READY } from '../../timers.ts';
import type { Phase } from '../phase.ts';
import type { CallerCall } from './call.ts';

/** Between CFR or MCF and the page (T.30 §5.2.3): our own side has to hand it over first. */
export const pageWanted: Phase<CallerCall> = {
  enter(call, now) {
    call.after = call.following;
    call.tell({ type: 'want_page', index: call.page, terms: termsOf(call.plan, call.modem) });
    call.alarms.set('limit', now + PAGE_READY);
  },
  told(call, input) {
    if (input.type === 'page_missing') return call.disconnect('page_missing');
    if (input.type !== 'page') return;
    const { ecm, frameSize } = call.plan;
    if (ecm) call.sender = new EcmSender(input.coded, { frameSize, page: call.page });
    else call.coded = input.coded;
    call.goto('page');
  },
  expired(call) {
    call.disconnect('page_missing');
  },
};

/** Phase C (T.30 §5.2.3): the page or a partial page, and the post-message command behind it. */
export const page: Phase<CallerCall> = {
  enter(call) {
    if (call.sender === null) sendImage(call);
    else sendPartialPage(call);
    call.trained = true;
    call.ask(call.closing);
  },
  progress(call, octets) {
    const left = call.sender === null ? octets : call.sender.sent(octets);
    call.tell({ type: 'page_progress', index: call.page, octets: left });
  },
  sent(call) {
    call.goto('message');
  },
};

function sendImage(call: CallerCall): void {
  const { coded, modem } = call;
  if (coded === null) return;
  // The line owns it from now on: a page that is sent anew is asked for anew.
  call.coded = null;
  call.note('sent', 'page', `${coded.length} octets`);
  call.transmit({ do: 'image', modem, short: isShort(call), data: coded });
}

function sendPartialPage(call: CallerCall): void {
  const { sender, modem } = call;
  if (sender === null) return;
  const frames = sender.frames();
  call.note('sent', 'partial page', `block ${sender.place.block}, ${frames.length - RCP_COUNT} frames`);
  call.transmit({ do: 'ecm', modem, short: isShort(call), frames });
}

/** Only V.17 has a resynchronisation, and only behind a training at the same rate. */
function isShort(call: CallerCall): boolean {
  return call.trained && call.modem.modulation === 'V.17';
}
