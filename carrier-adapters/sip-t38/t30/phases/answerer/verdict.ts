import { frame, type HeardFrame } from '../../frames/frame.ts';
import type { PostMessage } from '../../frames/post-message.ts';
import type { PageVerdict } from '../../machine.ts';
import { VERDICT_ECM, VERDICT_MAX } from '../../timers.ts';
import type { Phase } from '../phase.ts';
import type { AnswererCall } from './call.ts';

/**
 * Phase D, our side (T.30 §5.2.4): the page is there, and its confirmation waits until it is kept. With error correction
 * RNR holds the far station back (§A.5.4); without it T.30 has no such word, and the command is answered when it comes the
 * next time.
 */
export const verdict: Phase<AnswererCall> = {
  enter(call, now) {
    call.alarms.set('limit', now + VERDICT_MAX);
    owe(call, now);
  },
  told(call, input) {
    if (input.type !== 'page_verdict') return;
    call.verdict = input.verdict;
    settle(call);
  },
  signal(call, frames, now) {
    if (!frames.some(isRepetition)) return;
    owe(call, now);
    settle(call);
  },
  silence(call) {
    settle(call);
  },
  sent(call, now) {
    call.ear.awaitCommand(now);
    call.listen({ signal: 'control' });
    settle(call);
  },
  unanswered(call) {
    if (!call.owing) return call.disconnect('t2_expired');
    call.owing = false;
    call.say(frame('RNR'));
  },
  expired(call) {
    call.disconnect('page_not_kept');
  },
};

const REPETITIONS: readonly HeardFrame['fcf'][] = [
  'MPS',
  'EOM',
  'EOP',
  'PRI-MPS',
  'PRI-EOM',
  'PRI-EOP',
  'PPS',
  'RR',
  'CRP',
];

/** RR, or the command whose answer is due, once more. */
function isRepetition({ fcf }: HeardFrame): boolean {
  return REPETITIONS.includes(fcf);
}

function owe(call: AnswererCall, now: number): void {
  call.owing = true;
  if (call.receiver !== null) call.ear.await(now + VERDICT_ECM);
}

/** Answers if the verdict is there and the far station listens. */
function settle(call: AnswererCall): void {
  const { verdict, after } = call;
  if (verdict === null || after === null || !call.owing) return;
  if (call.sending || call.ear.carrier !== null) return;
  call.verdict = null;
  if (call.receiver === null) ANSWERS[verdict](call, after);
  else if (verdict === 'good' || verdict === 'fair') ANSWERS.good(call, after);
  // Error-free octets that are no page would be no page the next time either, and RTN is no answer to PPS.
  else ANSWERS.failed(call, after);
}

const ANSWERS: Readonly<Record<PageVerdict, (call: AnswererCall, after: PostMessage) => void>> = {
  good(call, after) {
    call.keep();
    call.answer(after, frame('MCF'));
    goOn(call, after, 'page_due');
  },
  fair(call, after) {
    call.keep();
    call.answer(after, frame('RTP'));
    goOn(call, after, 'training_due');
  },
  bad(call, after) {
    if (call.fruitless('page_not_kept')) return;
    call.answer(after, frame('RTN'));
    call.retrain(null);
    call.goto('training_due');
  },
  failed(call) {
    call.disconnect('page_not_kept');
  },
};

function goOn(call: AnswererCall, after: PostMessage, next: 'page_due' | 'training_due'): void {
  if (after === 'EOP') call.goto('farewell');
  else call.goto(after === 'EOM' ? 'identification' : next);
}
