import type { NoticeSettings } from '../../gateway/fax/notice.ts';
import type { ScheduledReport } from '../../gateway/fax/report-schedule.ts';
import type { OutboxMail } from '../../gateway/ports/mail-records.ts';
import type { NoticesView, OutboxMailView, ReportScheduleView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** Addresses and topics. */
export function noticesView({ addresses, topics }: NoticeSettings, sends: boolean): NoticesView {
  return { addresses: [...addresses], topics: [...topics], sends };
}

/** A mail of the outbox. */
export function outboxMailView({ nextAt, createdAt, endedAt, ...mail }: OutboxMail): OutboxMailView {
  return { ...mail, nextAt: isoTimeOrNull(nextAt), createdAt: isoTime(createdAt), endedAt: isoTimeOrNull(endedAt) };
}

/** When a report is mailed next, and to whom. */
export function reportScheduleView(
  { schedule, recipients, nextAt, changedBy, changedAt }: ScheduledReport,
  addresses: number,
  sends: boolean,
): ReportScheduleView {
  const { administrators, account } = recipients;
  const times = { nextAt: isoTime(nextAt), changedBy, changedAt: isoTime(changedAt) };
  return { ...schedule, administrators: [...administrators], account, addresses, sends, ...times };
}
