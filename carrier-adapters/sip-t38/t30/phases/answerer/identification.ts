import { disFif } from '../../frames/dis.ts';
import { type Frame, frame } from '../../frames/frame.ts';
import { identificationFif } from '../../frames/station-id.ts';
import { modemSetOf } from '../../negotiation/ladder.ts';
import { EOM_PAUSE, T1, T4_IDENTIFICATION } from '../../timers.ts';
import type { Phase } from '../phase.ts';
import type { AnswererCall } from './call.ts';
import { hearCommand } from './commands.ts';

/** Phase B until DCS comes (T.30 §5.2.2, figure 5-2b): CED, then CSI and DIS again and again until T1 has gone by. */
export const identification: Phase<AnswererCall> = {
  enter(call, now) {
    if (call.t1 === 0 || call.after === 'EOM') call.t1 = now + T1;
    call.alarms.set('limit', call.t1);
    // Behind an answer to EOM that is still on its way, the far station gets time to say EOM again.
    if (call.sending) call.pause = true;
    else identify(call);
  },
  sent(call, now) {
    call.ear.await(now + (call.pause ? EOM_PAUSE : T4_IDENTIFICATION));
    call.pause = false;
    call.listen({ signal: 'control' });
  },
  signal(call, frames, now) {
    hearCommand(call, frames, now);
    call.pause = call.sending;
  },
  unanswered(call) {
    identify(call);
  },
  expired(call) {
    call.disconnect(call.heard ? 't1_expired' : 'no_fax_heard');
  },
};

/** After FTT, RTP and RTN: DCS is due within T2 (T.30 §5.4.3.1); before any page, DIS asks for it again. */
export const trainingDue: Phase<AnswererCall> = {
  enter: listenForCommand,
  sent: listenForCommand,
  signal: hearCommand,
  unanswered(call) {
    if (!call.kept || call.after === 'EOM') call.goto('identification');
    else call.disconnect('t2_expired');
  },
};

function listenForCommand(call: AnswererCall, now: number): void {
  if (call.sending) return;
  call.ear.awaitCommand(now);
  call.listen({ signal: 'control' });
}

function identify(call: AnswererCall): void {
  const { id, internetAware: internet = false, ecm, width, ced } = call.options;
  if (ced && !call.introduced) call.transmit({ do: 'tone', tone: 'ced' });
  call.introduced = true;
  const frames: Frame[] = id === '' ? [] : [frame('CSI', identificationFif(id))];
  call.say(...frames, frame('DIS', disFif({ internet, modems: modemSetOf(call.options), ecm, width })));
}
