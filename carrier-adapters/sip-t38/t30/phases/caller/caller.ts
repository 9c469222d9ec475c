import type { CallerOptions, T30Machine } from '../../machine.ts';
import type { Outcome } from '../../outcome.ts';
import { disconnect } from '../disconnect.ts';
import { Terminal } from '../terminal.ts';
import { CallerCall, type CallerState } from './call.ts';
import { correction, renunciation } from './correction.ts';
import { identification } from './identification.ts';
import { message } from './message.ts';
import { page, pageWanted } from './page.ts';
import { training } from './training.ts';

/** A terminal that sends pages to the station it has called. Throws `no_pages`. */
export function createCaller(options: CallerOptions): T30Machine {
  return new Terminal<CallerState, CallerCall>(new CallerCall(options), {
    phases: {
      identification,
      training,
      page_wanted: pageWanted,
      page,
      message,
      correction,
      renunciation,
      disconnect: disconnect(),
      over: {},
    },
    dcn: outcomeOfDcn,
    lost: (call) => (call.state === 'disconnect' ? call.outcome : 'carrier_lost'),
  });
}

function outcomeOfDcn(call: CallerCall): Outcome {
  switch (call.state) {
    case 'disconnect':
      return call.outcome;
    case 'page':
    case 'correction':
      return 'dcn_in_page';
    case 'message':
      return 'dcn_after_message';
    case 'renunciation':
      return 'too_many_retries';
    default:
      return 'dcn_in_phase_b';
  }
}
