import { dcsFif } from '../../frames/dcs.ts';
import { type Frame, frame, type HeardFrame } from '../../frames/frame.ts';
import { identificationFif, subaddressFif } from '../../frames/station-id.ts';
import { T4 } from '../../timers.ts';
import type { Phase } from '../phase.ts';
import type { CallerCall } from './call.ts';

/** Phase B from DCS to CFR (T.30 §5.2.2, §5.4.1, figure 5-2a): DCS and TCF, slower after each FTT. */
export const training: Phase<CallerCall> = {
  enter(call) {
    call.firstTry();
    command(call);
  },
  sent(call, now) {
    call.ear.await(now + T4);
    call.listen({ signal: 'control' });
  },
  signal(call, frames) {
    const answer = frames.find(isAnswer);
    switch (answer?.fcf) {
      case 'CFR':
        call.trained = true;
        // Not before: to DIS at a modem's pace, DCS must not come until its last flag has gone.
        if (call.internet) call.hasten();
        call.tell({ type: 'negotiated', line: call.line });
        return call.goto('page_wanted');
      case 'FTT':
        return failed(call);
      case 'CRP':
      case 'DIS':
        // DIS again: DCS has not been heard.
        return command(call);
      default:
        call.oddAnswer ||= frames.length > 0;
    }
  },
  unanswered: command,
};

function isAnswer({ fcf }: HeardFrame): boolean {
  return fcf === 'CFR' || fcf === 'FTT' || fcf === 'CRP' || fcf === 'DIS';
}

/** DCS and TCF, three times at most. */
function command(call: CallerCall): void {
  if (!call.try()) {
    call.disconnect(call.oddAnswer ? 'bad_answer_to_dcs' : 'no_answer_to_dcs');
    return;
  }
  const { modulation, rate } = call.modem;
  call.say(...commandFrames(call));
  call.note('sent', 'TCF', `${modulation} ${rate}`);
  call.transmit({ do: 'training', modem: call.modem });
}

function failed(call: CallerCall): void {
  if (call.fallBack()) {
    call.retrain();
    call.firstTry();
    command(call);
  } else call.disconnect('training_failed');
}

/** TSI, what DIS allows of SUB and SID, and DCS. */
function commandFrames(call: CallerCall): Frame[] {
  const { id, subaddress, password } = call.options;
  const sub = call.far?.subaddress ? subaddress : undefined;
  const sid = call.far?.senderId ? password : undefined;
  const frames: Frame[] = [];
  if (id !== '') frames.push(frame('TSI', identificationFif(id)));
  if (sub !== undefined) frames.push(frame('SUB', subaddressFif(sub)));
  if (sid !== undefined) frames.push(frame('SID', subaddressFif(sid)));
  const flags = { internet: call.internet, subaddress: sub !== undefined, senderId: sid !== undefined };
  return [...frames, frame('DCS', dcsFif({ ...call.plan, ...flags, modem: call.modem }))];
}
