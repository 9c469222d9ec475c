import { frame, type HeardFrame } from '../../frames/frame.ts';
import { T5 } from '../../timers.ts';
import type { Phase } from '../phase.ts';
import { again, waitForAnswer } from './answer.ts';
import type { CallerCall } from './call.ts';

/** RTNs for one page after which it counts as refused. */
const MAX_REFUSALS = 3;

type Answer = (call: CallerCall, heard: HeardFrame, now: number) => void;

/** Phase D (T.30 §5.2.4, figures 5-2c and A.2): what the far station makes of the page or partial page. */
export const message: Phase<CallerCall> = {
  enter: waitForAnswer,
  sent: waitForAnswer,
  signal(call, frames, now) {
    for (const heard of frames) {
      const answer = ANSWERS[heard.fcf];
      if (answer !== undefined) return answer(call, heard, now);
    }
    call.oddAnswer ||= frames.length > 0;
  },
  unanswered: again,
  expired(call) {
    call.disconnect('not_ready_too_long');
  },
};

/** Post-message responses (T.30 §5.3.6.1.7); all others are left to T4. */
const ANSWERS: Readonly<Partial<Record<HeardFrame['fcf'], Answer>>> = {
  MCF: received,
  PIP: received,
  RTP: receivedButRetrain,
  RTN: refused,
  PIN(call) {
    call.disconnect('interrupted');
  },
  PPR: repeatFrames,
  RNR: notReady,
  CRP: again,
};

/** MCF; PIP says the same and asks for an operator, whom nobody has here. */
function received(call: CallerCall): void {
  if (call.sender?.next() === 'block') call.goto('page');
  else goOn(call, 'page_wanted');
}

/** RTP: the page is kept, and the next one needs training anew. */
function receivedButRetrain(call: CallerCall): void {
  if (call.sender?.last === false) call.oddAnswer = true;
  else goOn(call, 'training');
}

function goOn(call: CallerCall, next: 'page_wanted' | 'training'): void {
  call.tell({ type: 'page_confirmed', index: call.page, line: call.line });
  call.closePage();
  if (call.after === 'EOP') {
    call.disconnect('ok');
    return;
  }
  call.page++;
  call.refusals = 0;
  if (next === 'training') trainAnew(call);
  call.goto(call.after === 'EOM' ? 'identification' : next);
}

/** Slower where that is possible. */
function trainAnew(call: CallerCall): void {
  call.fallBack();
  call.retrain();
}

/** RTN: the page counts as not received, is sent again from its beginning, and slower where that is possible. */
function refused(call: CallerCall): void {
  call.refusals++;
  call.closePage();
  if (call.refusals >= MAX_REFUSALS) call.disconnect('page_refused');
  else {
    trainAnew(call);
    call.goto('training');
  }
}

/** PPR: frames are sent again; after the fourth one slower (CTC) or not at all (EOR), T.30 §A.1. */
function repeatFrames(call: CallerCall, { fif }: HeardFrame): void {
  const outcome = call.sender?.ppr(fif) ?? 'malformed';
  if (outcome === 'resend') call.goto('page');
  else if (outcome === 'malformed') call.oddAnswer = true;
  else call.goto(call.fallBack() ? 'correction' : 'renunciation');
}

/** RNR: RR until the far station is ready, for T5 at most (T.30 §A.5.4). */
function notReady(call: CallerCall, _heard: HeardFrame, now: number): void {
  if (call.alarms.dueAt('limit') === null) call.alarms.set('limit', now + T5);
  call.ask(frame('RR'));
}
