import { type AccountId, newId } from '../../gateway/fax/ids.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import type { CdrSummaryQuery } from '../../gateway/ports/cdr-records.ts';
import type { Records } from '../../gateway/records/index.ts';
import { accountAt } from './cdr-history.ts';
import { onHistory, say } from './history-run.ts';
import { costOf } from './rounds.ts';

const SIZE = { rows: 1_000_000, months: 24, accounts: 200 };
const ROUNDS = 5;
/** What a page of the console may take, ms; reports that read CDRs one by one have no limit but their 20 s. */
const LIMIT = 300;

/**
 * Every kind of report on a million CDRs of two years (`--rows N` for another number). `--directory DIR` keeps the database
 * there, and measures again on the one that it finds.
 */
function main(): Promise<void> {
  return onHistory(SIZE, 4, async (records) => {
    // As the upkeep does every ten minutes.
    while ((await records.cdrs.rollUp(20)) > 0);
    await measure(records);
  });
}

async function measure(records: Records): Promise<void> {
  const [years, year, month] = [since(23), since(11), since(1)];
  const ask = async (what: string, query: Partial<CdrSummaryQuery>) => {
    const asked = { ...years, timeZone: 'Europe/Berlin', group: 'month', by: [], ...query } as const;
    say(await timed(what, () => records.cdrs.summary(asked)));
  };
  const largest = account(1);
  await ask('two years by month', {});
  await ask('two years by month and country', { by: ['country'] });
  await ask('two years by week, carrier and cause', { group: 'week', by: ['carrier', 'cause'] });
  await ask('two years by day', { group: 'day' });
  await ask('two years by month, failed, by account', { by: ['account'], filter: { result: 'failed' } });
  await ask('a month by hour', { ...month, group: 'hour' });
  await ask('a month by hour, of the largest account', { ...month, group: 'hour', account: largest });
  await ask('a year by day and country, of the largest account', {
    ...{ ...year, group: 'day', by: ['country'], account: largest },
  });
  await ask('a month, percentiles, by carrier', { ...month, by: ['carrier'], percentiles: true });
  await ask('a month, 20 busiest numbers', { ...month, group: 'total', by: ['number'], top: 20 });
  await ask('a month by user, of the largest account', { ...month, by: ['user'], account: largest });
  await ask('two years of one number', { filter: { number: parseE164('+49890000001') } });
  await ask('two years, percentiles, of the largest account', { account: largest, percentiles: true });
  await ask('two years, percentiles, by month', { percentiles: true });
  await ask('two years, 20 busiest numbers', { group: 'total', by: ['number'], top: 20 });
}

const account = (place: number): AccountId => newId('acc', () => accountAt(place));

/** From the first day of the month that lies `back` months ago until tomorrow. */
function since(back: number): Pick<CdrSummaryQuery, 'from' | 'to'> {
  const now = new Date();
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return {
    from: day(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)),
    to: day(now.getTime() + 86_400_000),
  };
}

async function timed(what: string, run: () => ReturnType<Records['cdrs']['summary']>): Promise<string> {
  const { first, median, answer } = await costOf(ROUNDS, run);
  const { source, sums } = answer;
  const found = `${source.padEnd(4)} ${String(sums.length).padStart(6)} lines`;
  const ms = (value: number) => `${Math.round(value)} ms`.padStart(9);
  const missed = source === 'sums' && median > LIMIT ? `, more than ${LIMIT} ms` : '';
  return `${what.padEnd(52)} ${found}  first ${ms(first)}  median ${ms(median)}${missed}`;
}

await main();
