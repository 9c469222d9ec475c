import type { AccountId } from '../fax/ids.ts';
import type { FaxState } from '../fax/states.ts';
import type { FaxOverview, HourSum } from '../ports/fax-records.ts';
import type { Database } from './database.ts';

/** Milliseconds. */
const HOUR = 3_600_000;

/** @see FaxRecords.overview */
export async function overview(database: Database, since: number, account?: AccountId): Promise<FaxOverview> {
  const own = account === undefined ? [] : [account];
  const [states, hours] = await Promise.all([
    database.rows<{ state: FaxState; faxes: number }>(
      `select state, count(*) as faxes from faxes
       where state in ('accepted', 'rendering', 'held', 'queued', 'dialing', 'sending', 'ringing', 'receiving', 'received',
         'uncertain')${account === undefined ? '' : ' and account = $1'}
       group by state`,
      own,
    ),
    // Sums of quarters stand ready: a day of them is read in milliseconds, however many calls there were.
    database.rows<HourSum>(
      `select slot - slot % ${HOUR} as start, direction, result, sum(cdrs)::bigint as cdrs, sum(pages)::bigint as pages
       from cdr_sums where unit = 'quarter' and slot >= $1${account === undefined ? '' : ' and account = $2'}
       group by 1, 2, 3 having sum(cdrs) > 0 order by 1, 2, 3`,
      [since - (since % HOUR), ...own],
    ),
  ]);
  return { states: Object.fromEntries(states.map(({ state, faxes }) => [state, faxes])), hours };
}
