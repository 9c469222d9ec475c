import type { NoticeSettings } from '../fax/notice.ts';
import type { MailReader, MailRecords } from '../ports/mail-records.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';
import { createNoticeReading } from './notice-reading.ts';
import { createOutboxRecords, insertMails } from './outbox.ts';
import { createReportSchedules } from './report-schedules.ts';

const NOBODY: NoticeSettings = { addresses: [], topics: [] };

/** @see MailRecords */
export function createMailRecords(database: Database): MailRecords {
  return {
    settings: async (owner) =>
      (await database.row<NoticeSettings>('select addresses, topics from notice_settings where owner = $1', [owner])) ??
      NOBODY,
    setSettings: (...change) => setSettings(database, ...change),
    readers: ({ topic, users }) =>
      database.rows<MailReader>(
        `select u.id as user, u.name, u.role, u.scope, n.addresses, n.topics
         from notice_settings n join users u on u.id = n.owner left join accounts a on a.id = u.scope
         where u.realm = 'admin' and not u.disabled and not coalesce(a.disabled, false) and n.addresses <> '{}'
           and ($1::text is null or $1 = any(n.topics)) and ($2::text[] is null or u.id = any($2))
         order by u.name`,
        [topic ?? null, users ?? null],
      ),
    tell: (alert, quiet, mails, now) =>
      database.transaction(async (tx) => {
        const told = await tx.change(
          `insert into told_alerts (alert, at) values ($1, $3)
           on conflict (alert) do update set at = excluded.at where told_alerts.at <= $3 - $2::bigint`,
          [alert, quiet, now],
        );
        if (told > 0) await insertMails(tx, mails, now);
        return told > 0;
      }),
    ...createOutboxRecords(database),
    ...createNoticeReading(database),
    ...createReportSchedules(database),
  };
}

async function setSettings(
  database: Database,
  ...[owner, account, { addresses, topics }, actor, now]: Parameters<MailRecords['setSettings']>
): Promise<NoticeSettings> {
  return database.transaction(async (tx) => {
    const before = await tx.row<NoticeSettings>(
      'select addresses, topics from notice_settings where owner = $1 for update',
      [owner],
    );
    await tx.change(
      `insert into notice_settings (owner, addresses, topics, changed_at) values ($1, $2, $3, $4)
       on conflict (owner) do update set addresses = excluded.addresses, topics = excluded.topics,
         changed_at = excluded.changed_at`,
      [owner, addresses, topics, now],
    );
    // How many, and not which: the audit log holds nothing personal.
    await note(tx, actor, account, 'notices.change', owner, { addresses: addresses.length, topics }, now);
    return before ?? NOBODY;
  });
}
