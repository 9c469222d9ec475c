import { T4 } from '../../timers.ts';
import type { CallerCall } from './call.ts';

/** Listens for the answer to a post-message command, for T4. */
export function waitForAnswer(call: CallerCall, now: number): void {
  call.ear.await(now + T4);
  call.listen({ signal: 'control' });
}

/** No answer came, or CRP: the command is sent again, three times in all (T.30 §5.4.2). */
export function again(call: CallerCall): void {
  if (call.askAgain()) return;
  call.disconnect(call.oddAnswer ? 'bad_answer_to_message' : 'no_answer_to_message');
}
