import type { AccountId } from '../fax/ids.ts';
import type { ScheduledReport } from '../fax/report-schedule.ts';
import type { MailRecords } from '../ports/mail-records.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';
import { violated } from './errors.ts';
import { insertMails } from './outbox.ts';

type ReportSchedules = Pick<
  MailRecords,
  'schedules' | 'schedule' | 'setSchedule' | 'removeSchedule' | 'dueSchedules' | 'reported'
>;

const COLUMNS = `nullif(owner, '') as owner, name, schedule, recipients, changed_by as "changedBy", changed_at as "changedAt",
  next_at as "nextAt"`;

/** In the tables no account is empty text, so that their keys are plain. */
const keyOf = (owner: AccountId | null): string => owner ?? '';

/** When saved reports are mailed, on PostgreSQL. */
export function createReportSchedules(database: Database): ReportSchedules {
  return {
    schedules: (owner) =>
      database.rows<ScheduledReport>(`select ${COLUMNS} from report_schedules where owner = $1 order by name`, [
        keyOf(owner),
      ]),
    schedule: (owner, name) =>
      database.row<ScheduledReport>(`select ${COLUMNS} from report_schedules where owner = $1 and name = $2`, [
        keyOf(owner),
        name,
      ]),
    setSchedule: (...wish) => setSchedule(database, ...wish),
    removeSchedule: (owner, name, actor, now) =>
      database.transaction(async (tx) => {
        const removed = await tx.change('delete from report_schedules where owner = $1 and name = $2', [
          keyOf(owner),
          name,
        ]);
        if (removed > 0) await note(tx, actor, owner, 'report.unschedule', name, {}, now);
        return removed > 0;
      }),
    dueSchedules: (now, limit) =>
      database.rows<ScheduledReport>(
        `select ${COLUMNS} from report_schedules where next_at <= $1 order by next_at, owner, name limit $2`,
        [now, limit],
      ),
    reported: ({ owner, name, nextAt: due, changedAt }, nextAt, mails, now) =>
      database.transaction(async (tx) => {
        const mine = await tx.change(
          `update report_schedules set next_at = $5
           where owner = $1 and name = $2 and next_at = $3 and changed_at = $4`,
          [keyOf(owner), name, due, changedAt, nextAt],
        );
        if (mine > 0) await insertMails(tx, mails, now);
        return mine > 0;
      }),
  };
}

async function setSchedule(
  database: Database,
  ...[owner, name, { schedule, recipients, nextAt }, actor, now]: Parameters<MailRecords['setSchedule']>
): Promise<boolean> {
  const work = database.transaction(async (tx) => {
    await tx.change(
      `insert into report_schedules (owner, name, schedule, recipients, next_at, changed_by, changed_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (owner, name) do update set schedule = excluded.schedule, recipients = excluded.recipients,
         next_at = excluded.next_at, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
      [keyOf(owner), name, JSON.stringify(schedule), JSON.stringify(recipients), nextAt, actor.who, now],
    );
    const detail = { every: schedule.every, administrators: recipients.administrators, account: recipients.account };
    await note(tx, actor, owner, 'report.schedule', name, detail, now);
    return true;
  });
  return work.catch((error: unknown) => {
    if (violated(error)?.startsWith('report_schedules_owner') === true) return false;
    throw error;
  });
}
