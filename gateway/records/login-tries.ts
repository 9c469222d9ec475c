import type { AccountRecords, LoginTry } from '../ports/account-records.ts';
import type { Database } from './database.ts';

/** Sources kept of each target; the oldest go first. */
const MOST_SOURCES = 50;

type LoginTries = Pick<AccountRecords, 'takeLoginTry' | 'endLoginTries'>;

/** Tries of log-ins, counted over all processes. */
export function createLoginTries(database: Database): LoginTries {
  return {
    takeLoginTry: (...args) => take(database, ...args),
    endLoginTries: (...args) => end(database, ...args),
  };
}

/** One statement: of tries that come at once, in whichever process, those that are too many find no row to change. */
async function take(
  database: Database,
  ...[key, { waits, forget, remember }, now]: Parameters<AccountRecords['takeLoginTry']>
): Promise<LoginTry> {
  const forgotten = key.exists ? forget.exists : forget.missing;
  const row = await database.row<{ known: boolean }>(
    `insert into login_tries as t (target, known, tries, last_at, lasting)
     select $8::bytea, exists (select 1 from login_sources s where s.target = $1 and s.source = $2 and s.at > $3::bigint - $6::bigint),
       1, $3, $9
     on conflict (target, known) do update set
       tries = case when t.last_at <= $3::bigint - $5::bigint then 1 else t.tries + 1 end, last_at = $3
     where t.last_at <= $3::bigint - $5::bigint
       or t.last_at + case when t.known then ($4::bigint[])[least(t.tries, cardinality($4::bigint[]))]
            else ($7::bigint[])[least(t.tries, cardinality($7::bigint[]))] end <= $3
     returning known`,
    [key.target, key.source, now, waits.known, forgotten, remember, waits.unknown, key.verifier, key.exists],
  );
  await database.change('delete from login_tries where last_at <= $1 and (not lasting or last_at <= $2)', [
    now - forget.missing,
    now - forget.exists,
  ]);
  if (row === undefined) return 'too_soon';
  return row.known ? 'known' : 'unknown';
}

async function end(
  database: Database,
  ...[{ target, source, verifier }, taken, remember, now]: Parameters<AccountRecords['endLoginTries']>
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.change('delete from login_tries where target = $1 and known = $2', [verifier, taken === 'known']);
    await tx.change(
      `insert into login_sources (target, source, at) values ($1, $2, $3)
       on conflict (target, source) do update set at = greatest(login_sources.at, excluded.at)`,
      [target, source, now],
    );
    await tx.change(
      `delete from login_sources where target = $1 and source in
         (select source from login_sources where target = $1 order by at desc offset $2)`,
      [target, MOST_SOURCES],
    );
    await tx.change('delete from login_sources where at <= $1', [now - remember]);
  });
}
