import { FaxError } from '../fax/errors.ts';
import type { CdrRecords, ReportOwner, SavedReport } from '../ports/cdr-records.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';

/** Reports that an owner may save. */
export const SAVED_REPORTS = 100;

const COLUMNS = 'name, title, query, changed_by as "changedBy", changed_at as "changedAt"';

/** In the table no account is empty text, so that its key is plain. */
const keyOf = (owner: ReportOwner): string => owner ?? '';

type SavedReports = Pick<CdrRecords, 'savedReports' | 'savedReport' | 'saveReport' | 'removeReport'>;

/** Reports under names, on PostgreSQL. */
export function createSavedReports(database: Database): SavedReports {
  return {
    savedReports: (owner) =>
      database.rows<SavedReport>(`select ${COLUMNS} from saved_reports where owner = $1 order by name collate "C"`, [
        keyOf(owner),
      ]),
    savedReport: (owner, name) =>
      database.row<SavedReport>(`select ${COLUMNS} from saved_reports where owner = $1 and name = $2`, [
        keyOf(owner),
        name,
      ]),
    saveReport: (owner, report, actor) => save(database, owner, report, actor),
    removeReport: (owner, name, actor, now) =>
      database.transaction(async (tx) => {
        const removed = await tx.change('delete from saved_reports where owner = $1 and name = $2', [
          keyOf(owner),
          name,
        ]);
        if (removed > 0) await note(tx, actor, owner, 'report.remove', name, {}, now);
        return removed > 0;
      }),
  };
}

async function save(
  database: Database,
  ...[owner, report, actor]: Parameters<SavedReports['saveReport']>
): Promise<void> {
  const { name, title, query, changedBy, changedAt } = report;
  await database.transaction(async (tx) => {
    // One at a time for an owner, so that two together cannot pass the limit.
    await tx.rows('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`saved_reports ${keyOf(owner)}`]);
    const others = await tx.row<{ count: number }>(
      'select count(*)::integer as count from saved_reports where owner = $1 and name <> $2',
      [keyOf(owner), name],
    );
    if ((others?.count ?? 0) >= SAVED_REPORTS) {
      throw new FaxError('option_invalid', `at most ${SAVED_REPORTS} reports can be saved; remove one first`, {
        pointer: '/name',
      });
    }
    await tx.change(
      `insert into saved_reports (owner, name, title, query, changed_by, changed_at) values ($1, $2, $3, $4, $5, $6)
       on conflict (owner, name) do update set title = excluded.title, query = excluded.query,
         changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
      [keyOf(owner), name, title, JSON.stringify(query), changedBy, changedAt],
    );
    await note(tx, actor, owner, 'report.save', name, {}, changedAt);
  });
}
