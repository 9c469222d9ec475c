import { ctcFif } from '../../frames/dcs.ts';
import { frame } from '../../frames/frame.ts';
import { eor } from '../../frames/post-message.ts';
import { T5 } from '../../timers.ts';
import type { Phase } from '../phase.ts';
import { again, waitForAnswer } from './answer.ts';
import type { CallerCall } from './call.ts';

/** CTC until CTR comes: the partial page goes on at a slower rate (T.30 §A.4.1, figure A.2). */
export const correction: Phase<CallerCall> = {
  enter(call) {
    call.retrain();
    call.ask(frame('CTC', ctcFif(call.modem)));
  },
  sent: waitForAnswer,
  signal(call, frames) {
    if (frames.some(({ fcf }) => fcf === 'CTR')) {
      call.tell({ type: 'negotiated', line: call.line });
      call.goto('page');
    } else if (frames.some(({ fcf }) => fcf === 'CRP')) again(call);
    else call.oddAnswer ||= frames.length > 0;
  },
  unanswered: again,
};

/**
 * EOR-EOP until ERR comes: the page is given up (T.30 §A.4.3). We do not go on to another page behind one that the far
 * station does not have.
 */
export const renunciation: Phase<CallerCall> = {
  enter(call) {
    call.ask(eor('EOP'));
  },
  sent: waitForAnswer,
  signal(call, frames, now) {
    if (frames.some(({ fcf }) => fcf === 'ERR')) call.disconnect('too_many_retries');
    else if (frames.some(({ fcf }) => fcf === 'RNR')) notReady(call, now);
  },
  unanswered(call) {
    if (!call.askAgain()) call.disconnect('too_many_retries');
  },
  expired(call) {
    call.disconnect('too_many_retries');
  },
};

function notReady(call: CallerCall, now: number): void {
  if (call.alarms.dueAt('limit') === null) call.alarms.set('limit', now + T5);
  call.ask(frame('RR'));
}
