import { FaxError } from '../fax/errors.ts';
import type { AccountId } from '../fax/ids.ts';
import { nextReportAt, type ScheduledReport } from '../fax/report-schedule.ts';
import type { SavedReport } from '../ports/cdr-records.ts';
import type { NewMail } from '../ports/mail-records.ts';
import type { Letter } from '../ports/mailer.ts';
import { draftsOf } from './draft.ts';
import type { MailParts } from './parts.ts';
import { readersOf } from './readers.ts';
import { type ReportScene, type ReportSheet, reportFaultLetter, reportLetter } from './templates/report.ts';

/** What a saved report tells at a moment. Numbers show their last digits where `masked`. @throws FaxError option_invalid */
export type RunReport = (wish: {
  readonly report: SavedReport;
  readonly owner: AccountId | null;
  /** Where the question has none. */
  readonly timeZone: string;
  readonly at: number;
  readonly masked: boolean;
}) => Promise<ReportSheet>;

/** Reports made at one look. */
const BATCH = 100;

/**
 * Makes the reports that are due and writes their mails, each moment once over all processes. A moment that was missed
 * is made up for once: its report is that of the moment, and the next one is in the future.
 */
export async function mailDueReports(parts: MailParts): Promise<void> {
  const { records, clock, log } = parts;
  for (const due of await records.dueSchedules(clock.now(), BATCH)) {
    // One that fails keeps its turn, and the others from nothing.
    await mailOne(parts, due).catch((error: unknown) => {
      log.warn(
        { report: due.name, owner: due.owner, err: error },
        'a scheduled report was not made; it is tried again',
      );
    });
  }
}

async function mailOne(parts: MailParts, due: ScheduledReport): Promise<void> {
  const { records, clock, log } = parts;
  const mails = await mailsOf(parts, due);
  const nextAt = nextReportAt(due.schedule, clock.now());
  const done = await records.reported(due, nextAt, mails, clock.now());
  if (done)
    log.info({ report: due.name, owner: due.owner, mails: mails.length }, 'a scheduled report is in the outbox');
}

/** Readers who see the same have one sheet. */
async function mailsOf(parts: MailParts, due: ScheduledReport): Promise<NewMail[]> {
  const { cdrs, sealKey, clock } = parts;
  const report = await cdrs.savedReport(due.owner, due.name);
  if (report === undefined) return [];
  const readers = await readersOf(parts.records, due);
  const mails: NewMail[] = [];
  for (const masked of [false, true]) {
    const to = masked ? readers.masked : readers.whole;
    if (to.length === 0) continue;
    const letter = await letterFor(parts, due, report, masked);
    mails.push(...(await draftsOf({ sealKey, now: clock.now() }, letter, 'report', to)));
  }
  return mails;
}

async function letterFor(
  { accounts, host, runReport }: MailParts,
  { owner, schedule, nextAt: at }: ScheduledReport,
  report: SavedReport,
  masked: boolean,
): Promise<Letter> {
  const account = owner === null ? null : ((await accounts.account(owner))?.name ?? owner);
  const scene: ReportScene = { host, name: report.name, title: report.title, account, at, masked };
  try {
    const { timeZone } = schedule;
    return reportLetter(scene, await runReport({ report, owner, timeZone, at, masked }));
  } catch (error) {
    // Ours to tell: the question itself is at fault, and would be the next time.
    if (error instanceof FaxError) return reportFaultLetter(scene, error.message);
    throw error;
  }
}
