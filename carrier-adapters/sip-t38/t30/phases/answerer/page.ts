import { copied } from '../../../octets.ts';
import { PAGE_IDLE, PAGE_MAX } from '../../timers.ts';
import type { Carrier } from '../ear.ts';
import type { Phase } from '../phase.ts';
import type { AnswererCall } from './call.ts';
import { hearCommand } from './commands.ts';

/** After CFR, CTR, MCF or PPR: a page or partial page is due within T2 (T.30 §5.4.3.1), or a command in its place. */
export const pageDue: Phase<AnswererCall> = {
  enter: listenForPage,
  sent: listenForPage,
  signal: hearCommand,
  carrier: imageCarrier,
  outage(call) {
    call.unsure = true;
  },
  data(call, octets, gap, now) {
    call.goto('page');
    takeData(call, octets, gap, now);
  },
  messageFrame(call, octets, good, now) {
    call.goto('page');
    takeFrame(call, octets, good, now);
  },
  unanswered(call) {
    call.disconnect(call.kept || call.open ? 't2_expired' : 'no_page_data');
  },
};

/** Phase C (T.30 §5.2.3). */
export const page: Phase<AnswererCall> = {
  enter(call, now) {
    call.trained = true;
    call.forgetAnswer();
    call.alarms.set('limit', now + PAGE_MAX);
    waitForData(call, now);
  },
  // An answer was repeated in the middle of it.
  sent: waitForData,
  data: takeData,
  messageFrame: takeFrame,
  silence(call, of) {
    if (of !== 'V.21') call.goto('message');
  },
  signal: hearCommand,
  unanswered(call) {
    call.disconnect('no_page_data');
  },
  expired(call) {
    call.disconnect('call_too_long');
  },
};

/** Behind the page: the command that says what follows is due within T2. */
export const message: Phase<AnswererCall> = {
  enter: listenForCommand,
  sent: listenForCommand,
  // The carrier had only dropped out, or the end of the page comes late.
  carrier: imageCarrier,
  data: takeData,
  messageFrame: takeFrame,
  signal: hearCommand,
  unanswered(call) {
    call.disconnect('t2_expired');
  },
};

function listenForPage(call: AnswererCall, now: number): void {
  const { dcs, modem, trained } = call;
  if (call.sending || dcs === null || modem === null) return;
  call.ear.awaitCommand(now);
  const short = trained && modem.modulation === 'V.17';
  call.listen({ signal: dcs.ecm ? 'ecm' : 'image', modem, short });
}

function waitForData(call: AnswererCall, now: number): void {
  call.ear.await(now + PAGE_IDLE);
}

function listenForCommand(call: AnswererCall, now: number): void {
  call.ear.awaitCommand(now);
  call.listen({ signal: 'control' });
}

function imageCarrier(call: AnswererCall, of: Carrier): void {
  if (of !== 'V.21') call.goto('page');
}

/** In error correction mode there is no such data: what comes is none of the page. */
function takeData(call: AnswererCall, octets: Uint8Array, gap: number, now: number): void {
  if (call.receiver !== null || !call.take(copied(octets), gap)) return;
  if (call.state === 'page') waitForData(call, now);
}

function takeFrame(call: AnswererCall, octets: Uint8Array, good: boolean, now: number): void {
  if (call.receiver?.frame(octets, good) === 'fcd') call.openPage();
  if (call.state === 'page') waitForData(call, now);
}
