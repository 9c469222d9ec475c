import type { AuditEntry } from '../ports/account-records.ts';
import type { MailRecords } from '../ports/mail-records.ts';
import type { Database } from './database.ts';
import { insertMails } from './outbox.ts';

type NoticeReading = Pick<MailRecords, 'unread' | 'advance' | 'networks' | 'refusals'>;

/** The audit log as notices are made of it: in the order of the chain, where nothing can come in between later. */
export function createNoticeReading(database: Database): NoticeReading {
  return {
    unread: async (actions, limit) => {
      const read = await database.row<{ after: number; until: number }>(
        `select place as after, least(place + $1::bigint,
           greatest(place, coalesce((select max(c.place) from audit_chain c), 0))) as until from mail_read`,
        [limit],
      );
      const { after, until } = read ?? { after: 0, until: 0 };
      const entries = await database.rows<AuditEntry>(
        `select a.at, a.actor, a.address, a.account, a.action, a.object, a.detail
         from audit_chain c join audit a on a.id = c.entry
         where c.place > $1 and c.place <= $2 and a.action = any($3) order by c.place`,
        [after, until, actions],
      );
      return { after, until, entries };
    },
    advance: ({ after, until }, mails, seen, now) =>
      database.transaction(async (tx) => {
        const mine = await tx.change('update mail_read set place = $2 where place = $1', [after, until]);
        if (mine === 0) return false;
        await insertMails(tx, mails, now);
        for (const { user, network } of seen) {
          await tx.change(
            `insert into seen_networks (holder, network, at) select id, $2, $3 from users where id = $1
             on conflict (holder, network) do update set at = excluded.at`,
            [user, Buffer.from(network), now],
          );
        }
        return true;
      }),
    networks: async (user) => {
      const rows = await database.rows<{ network: Uint8Array }>(
        'select network from seen_networks where holder = $1 order by at desc',
        [user],
      );
      return rows.map(({ network }) => new Uint8Array(network));
    },
    refusals: async (user, since, at) => {
      const row = await database.row<{ count: number }>(
        `select count(*)::integer as count from audit
         where actor = $1 and action = 'login.denied' and at > $2 and at < $3 and detail->'tooSoon' is null
           and at > coalesce((select max(at) from audit where actor = $1 and action = 'login' and at < $3), 0)`,
        [user, since, at],
      );
      return row?.count ?? 0;
    },
  };
}
