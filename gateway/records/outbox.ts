import type { DueMail, MailRecords, NewMail, OutboxMail } from '../ports/mail-records.ts';
import type { Database, Sql } from './database.ts';

type OutboxRecords = Pick<MailRecords, 'put' | 'claim' | 'settle' | 'outbox' | 'waiting' | 'sweep'>;

/** The mails that wait, and for a while those that were sent. */
export function createOutboxRecords(database: Database): OutboxRecords {
  return {
    put: (mails, now) => database.transaction((tx) => insertMails(tx, mails, now)),
    claim: (limit, lease, now) =>
      database.rows<DueMail>(
        `update mail_outbox m set next_at = $3::bigint + $2::bigint
         from (select id from mail_outbox where state = 'waiting' and next_at <= $3
               order by next_at, id limit $1 for update skip locked) due
         where m.id = due.id
         returning m.id, m.kind, m.recipient as "to", m.account, m.sealed, m.attempts, m.created_at as "createdAt"`,
        [limit, lease, now],
      ),
    settle: async (id, { state, nextAt, error }, now) => {
      const isOver = state !== 'waiting';
      await database.change(
        `update mail_outbox set state = $2, next_at = $3, last_error = $4, attempts = attempts + 1,
           ended_at = case when $5 then $6::bigint end, sealed = case when $5 then null else sealed end
         where id = $1 and state = 'waiting'`,
        [id, state, nextAt, error, isOver, now],
      );
    },
    outbox: ({ account, state, before, limit }) =>
      database.rows<OutboxMail>(
        `select id, kind, recipient as "to", account, state, attempts, next_at as "nextAt", last_error as "lastError",
           created_at as "createdAt", ended_at as "endedAt"
         from mail_outbox
         where ($1::text is null or account = $1) and ($2::text is null or state = $2) and ($3::text is null or id < $3)
         order by id desc limit $4`,
        [account ?? null, state ?? null, before ?? null, limit],
      ),
    waiting: async () => {
      const row = await database.row<{ count: number }>(
        `select count(*)::integer as count from mail_outbox where state = 'waiting'`,
      );
      return row?.count ?? 0;
    },
    sweep: async ({ ended, seen, told }) => {
      const gone = [
        await database.change(`delete from mail_outbox where state <> 'waiting' and ended_at < $1`, [ended]),
        await database.change('delete from seen_networks where at < $1', [seen]),
        await database.change('delete from told_alerts where at < $1', [told]),
      ];
      return gone.reduce((sum, count) => sum + count, 0);
    },
  };
}

/** Puts mails into the outbox, due at once; within whatever transaction `sql` is. */
export async function insertMails(sql: Sql, mails: readonly NewMail[], now: number): Promise<void> {
  for (const { id, kind, to, account, sealed } of mails) {
    await sql.change(
      `insert into mail_outbox (id, kind, recipient, account, sealed, next_at, created_at)
       values ($1, $2, $3, $4, $5, $6, $6)`,
      [id, kind, to, account, Buffer.from(sealed), now],
    );
  }
}
