import type { Database } from './database.ts';

/**
 * Figures for gauges: faxes by state as far as they are unfinished or wait for someone (a count of all that ever were
 * would read the whole table), live calls, wipe intents and pending deliveries.
 */
export async function counts(database: Database): Promise<Readonly<Record<string, number>>> {
  const rows = await database.rows<{ name: string; count: number }>(
    `select state as name, count(*) as count from faxes
     where state in ('accepted', 'rendering', 'held', 'queued', 'dialing', 'sending', 'ringing', 'receiving', 'received',
       'uncertain')
     group by state
     union all select 'live_calls', count(*) from calls where state <> 'ended'
     union all select 'wipe_intents', count(*) from wipe_intents
     union all select 'pending_deliveries', count(*) from deliveries where state = 'pending'`,
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.count]));
}
