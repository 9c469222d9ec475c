import type { AnswererOptions, T30Machine } from '../../machine.ts';
import type { Outcome } from '../../outcome.ts';
import { disconnect } from '../disconnect.ts';
import { Terminal } from '../terminal.ts';
import { AnswererCall, type AnswererState } from './call.ts';
import { farewell, outcomeOfFarewell } from './farewell.ts';
import { identification, trainingDue } from './identification.ts';
import { message, page, pageDue } from './page.ts';
import { training } from './training.ts';
import { verdict } from './verdict.ts';

/** A terminal that takes pages from the station that has called. */
export function createAnswerer(options: AnswererOptions): T30Machine {
  return new Terminal<AnswererState, AnswererCall>(new AnswererCall(options), {
    phases: {
      identification,
      training,
      page_due: pageDue,
      page,
      message,
      verdict,
      training_due: trainingDue,
      farewell,
      disconnect: disconnect(),
      over: {},
    },
    dcn: outcomeOfDcn,
    lost(call) {
      if (call.state === 'disconnect') return call.outcome;
      return call.state === 'farewell' ? outcomeOfFarewell(call) : 'carrier_lost';
    },
  });
}

function outcomeOfDcn(call: AnswererCall): Outcome {
  if (call.state === 'disconnect') return call.outcome;
  if (call.state === 'farewell') return outcomeOfFarewell(call);
  return call.kept ? 'dcn_unexpected' : 'dcn_before_page';
}
