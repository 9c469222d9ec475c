import type { Phase } from '../phase.ts';
import type { AnswererCall } from './call.ts';
import { hearCommand } from './commands.ts';

/** After the answer to EOP: DCN is due, or EOP again; when neither comes within T2, the call is over all the same. */
export const farewell: Phase<AnswererCall> = {
  sent(call, now) {
    call.ear.awaitCommand(now);
    call.listen({ signal: 'control' });
  },
  signal: hearCommand,
  unanswered(call) {
    call.end(outcomeOfFarewell(call));
  },
};

/** Every page that was announced has been kept, unless the far station has given one up. */
export function outcomeOfFarewell(call: AnswererCall): 'ok' | 'too_many_retries' {
  return call.incomplete ? 'too_many_retries' : 'ok';
}
