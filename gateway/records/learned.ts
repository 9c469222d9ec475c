import { LESSON_LIFE } from '../fax/learned.ts';
import { redactNumber } from '../fax/number.ts';
import type { LearnedDestination, LearnedRecords } from '../ports/learned-records.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';

/** Most numbers deleted in one statement. */
const AT_ONCE = 10_000;

/** What calls have taught about numbers, on PostgreSQL. A number stands here in clear, as it does in CDRs, and no longer. */
export function createLearnedRecords(database: Database): LearnedRecords {
  const learned = (number: string, now: number) =>
    database.row<LearnedDestination>(
      'select number, facts, expires_at as "expiresAt" from learned_destinations where number = $1 and expires_at > $2',
      [number, now],
    );
  return {
    learned,
    async learn(number, teach, { known, account, days }, now) {
      // Most calls are to numbers of which there is nothing to remember.
      if (known && (await learned(number, now)) === undefined) return;
      await database.transaction(async (tx) => {
        const row = await tx.row<Pick<LearnedDestination, 'facts' | 'expiresAt'>>(HOLD_NUMBER, [number, now]);
        const facts = teach(row === undefined || row.expiresAt <= now ? {} : row.facts);
        if (facts === null) await tx.change('delete from learned_destinations where number = $1', [number]);
        else await tx.change(KEEP_FACTS, [number, JSON.stringify(facts), now, LESSON_LIFE, account, days]);
      });
    },
    forget: (number, actor, now) =>
      database.transaction(async (tx) => {
        const forgotten = await tx.change('delete from learned_destinations where number = $1', [number]);
        if (forgotten > 0) await note(tx, actor, null, 'destination.forget', redactNumber(number), {}, now);
        return forgotten > 0;
      }),
    async tidy(most, now) {
      const expired = await database.change(
        `delete from learned_destinations where number = any(array(
           select number from learned_destinations where expires_at <= $1 limit $2))`,
        [now, AT_ONCE],
      );
      const surplus = await database.change(
        `delete from learned_destinations where number = any(array(
           select number from learned_destinations order by expires_at desc offset $1 limit $2))`,
        [most, AT_ONCE],
      );
      return expired + surplus;
    },
  };
}

/** Whoever learns something of a number at the same time waits. */
const HOLD_NUMBER = `insert into learned_destinations as l (number, facts, expires_at) values ($1, '{}', $2)
  on conflict (number) do update set number = l.number returning facts, expires_at as "expiresAt"`;

const KEEP_FACTS = `update learned_destinations set facts = $2, expires_at = $3::bigint + least($4::bigint, (
    select case when kept.days > 0 then kept.days * 86400000 else $4::bigint end from (
      select coalesce((select (policy ->> 'cdrRetentionDays')::bigint from accounts where id = $5), $6::bigint) as days
    ) kept))
  where number = $1`;
