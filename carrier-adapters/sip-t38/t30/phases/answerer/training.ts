import { frame } from '../../frames/frame.ts';
import { TCF_GOOD, TCF_WAIT } from '../../timers.ts';
import type { Phase } from '../phase.ts';
import type { AnswererCall } from './call.ts';
import { hearCommand } from './commands.ts';

/** TCF behind DCS (T.30 §5.3.6.1.4): CFR or FTT. */
export const training: Phase<AnswererCall> = {
  enter(call, now) {
    call.ear.await(now + TCF_WAIT);
    if (call.modem !== null) call.listen({ signal: 'training', modem: call.modem, short: false });
  },
  data(call, octets, gap) {
    call.check.add(octets, gap > 0);
  },
  silence(call, of) {
    if (of !== 'V.21' && (of !== null || call.check.heard)) judge(call);
  },
  signal: hearCommand,
  unanswered(call) {
    if (call.check.heard) judge(call);
    else call.goto('training_due');
  },
};

function judge(call: AnswererCall): void {
  const rate = call.modem?.rate ?? 0;
  const good = call.options.refusesTraining !== true && call.check.zeros >= (rate * TCF_GOOD) / 1000;
  call.note('heard', 'TCF', good ? 'good' : `bad: ${call.check.zeros} zeros at ${rate} bit/s`);
  if (good) confirm(call);
  else refuse(call);
}

function confirm(call: AnswererCall): void {
  call.trained = true;
  call.tell({ type: 'negotiated', line: call.line });
  call.say(frame('CFR'));
  call.goto('page_due');
}

function refuse(call: AnswererCall): void {
  call.retrain(null);
  call.say(frame('FTT'));
  call.goto('training_due');
}
