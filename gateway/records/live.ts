import type { AccountId } from '../fax/ids.ts';
import type { FaxState } from '../fax/states.ts';
import type { CallInProgress, LiveFigures } from '../ports/fax-records.ts';
import type { Database } from './database.ts';

/** States in which a fax is at work or waits for something; `faxes_unfinished` has exactly these. */
const UNFINISHED = `('accepted', 'rendering', 'held', 'queued', 'dialing', 'sending', 'ringing', 'receiving', 'received',
  'uncertain')`;

/** Calls that have not ended and the line behind them. Both are read from partial indices over what is unfinished. */
export async function live(database: Database, limit: number, account?: AccountId): Promise<LiveFigures> {
  const whose = account ?? null;
  const [calls, states] = await Promise.all([
    database.rows<CallInProgress & { readonly total: number }>(
      `select c.id, c.fax, c.account, c.direction, c.carrier, f.state, f.from_number as "from", f.to_number as "to",
         coalesce(c.remote_id, f.remote_id) as "remoteId", f.pages, f.attempts as attempt, c.line,
         c.first_page as "firstPage", c.page_started as "pageStarted", c.pages_confirmed as "pagesConfirmed",
         c.intended_at as "intendedAt", c.answered_at as "answeredAt", f.cancel_asked as "cancelAsked",
         count(*) over () as total
       from calls c join faxes f on f.id = c.fax
       where c.state <> 'ended' and ($1::text is null or c.account = $1)
       order by c.intended_at, c.id limit $2`,
      [whose, limit],
    ),
    database.rows<{ readonly state: FaxState; readonly count: number }>(
      `select state, count(*) as count from faxes
       where state in ${UNFINISHED} and ($1::text is null or account = $1) group by state`,
      [whose],
    ),
  ]);
  return {
    calls: calls.map(({ total: _total, ...call }) => call),
    liveCalls: calls[0]?.total ?? 0,
    faxes: Object.fromEntries(states.map(({ state, count }) => [state, count])),
  };
}
