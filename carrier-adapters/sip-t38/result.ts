import type { CallResult, LineReport } from '../../gateway/fax/call-result.ts';
import type { CallEnd, Ending, EndWish } from './call/call-io.ts';
import { type Verdict, verdictOfProcedure, verdictOfRefusal } from './outcome.ts';
import type { LineState } from './t30/remote-station.ts';

/** The line as CDRs show it; `badRows`: ECM frames that had to be repeated, or rows of a received page that were bad. */
export function lineReport({ modem, compression, ecm, retrains, badFrames }: LineState, badRows = 0): LineReport {
  const { rate, modulation } = modem;
  return { rate, modulation, compression, ecm, t38: true, retrains, badRows: badFrames + badRows };
}

/**
 * The result of a call that has ended. `hung_up` and `line_lost` say that the far side left before the page was whole; when
 * it left between the page's end and its confirmation nobody knows, and the cause is `uncertain`.
 */
export function resultOf({
  ending,
  pagesConfirmed,
  pageInFlight,
  pageWhole,
  remote,
  line,
  ladder,
}: CallEnd): CallResult {
  const { cause, detail } = verdictOf(ending);
  const unsure = pageWhole && (cause === 'hung_up' || cause === 'line_lost');
  return {
    cause: unsure ? 'uncertain' : cause,
    detail,
    pagesConfirmed,
    pageInFlight,
    remoteId: remote?.id ?? null,
    line: line === null ? null : lineReport(line),
    ladder,
  };
}

const WISHES: Readonly<Record<EndWish, Verdict>> = {
  canceled: { cause: 'canceled', detail: 'ended by the gateway on request' },
  stopped: { cause: 'gateway_stopped', detail: 'ended by the gateway' },
  cut: { cause: 'line_lost', detail: 'the gateway closed the line' },
};

function verdictOf(ending: Ending): Verdict {
  switch (ending.by) {
    case 'refusal':
      return verdictOfRefusal(ending.ended);
    case 'ring_time':
      return { cause: 'no_answer', detail: 'it rang for too long' };
    case 'silence':
      return { cause: 'no_fax', detail: 'answered, but no fax signal within T1' };
    case 'media':
      return { cause: 'negotiation_failed', detail: ending.detail };
    case 'procedure':
      return verdictOfProcedure(ending.outcome);
    case 'hang_up':
      return hangUp(ending.ended);
    case 'wish':
      return WISHES[ending.why];
  }
}

function hangUp({ by, cause, detail }: Extract<Ending, { readonly by: 'hang_up' }>['ended']): Verdict {
  const reason = cause === null ? detail : `Q.850 ${cause}: ${detail}`;
  if (by === 'network') return { cause: 'line_lost', detail: reason };
  return { cause: by === 'remote' ? 'hung_up' : 'line_lost', detail: `BYE, ${reason}` };
}
