import type { CallEnd } from '../call/call-io.ts';
import type { CallOrder, Station } from '../station.ts';
import type { PageGeometry } from '../t30/page-terms.ts';
import type { LineState } from '../t30/remote-station.ts';

/** A4 at fine resolution. It is announced and never sent: the call ends when the training has succeeded. */
export const TRIAL_PAGE: PageGeometry = { width: 1_728, rows: 2_292, xDpi: 204, yDpi: 196 };

/** What a call to a fax machine has shown. */
export interface Trial {
  readonly answered: boolean;
  /** A fax machine's DIS came. */
  readonly identified: boolean;
  /** How it trained; null: it came not that far. */
  readonly line: LineState | null;
  readonly end: CallEnd;
}

/** Calls a fax machine, trains with it, and hangs up as fax machines do (DCN) before any page. Null: no media port. */
export async function tryCall(station: Station, order: CallOrder): Promise<Trial | null> {
  const live = await station.connect(order);
  if (live === null) return null;
  live.tell({ type: 'begin' });
  let answered = false;
  let identified = false;
  let line: LineState | null = null;
  for (;;) {
    const event = await live.next();
    if (event.type === 'over') return { answered, identified, line, end: event.end };
    if (event.type === 'answered') answered = true;
    if (event.type === 'identified') identified = true;
    if (event.type !== 'negotiated') continue;
    line = event.line;
    live.tell({ type: 'end', why: 'canceled' });
  }
}
