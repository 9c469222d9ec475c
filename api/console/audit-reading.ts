import type { Admin, AuditEntry, List } from '../client/browser.ts';

/** Entries of one reading. */
const PAGE = 100;
/** As many as the gateway answers at once. */
const MOST = 500;

/** Whose entries, up to where. */
export interface AuditFilter {
  /** Id; empty: all, and the gateway itself. */
  readonly account: string;
  /** Entries before this moment; all when left out. */
  readonly before?: string | undefined;
}

/**
 * The next older entries. The log is read by moments, and several entries may be of one: each reading takes those of the
 * last moment once more and leaves out as many as were seen, so that none is lost between two readings.
 */
export async function readAudit(
  admin: Pick<Admin, 'audit'>,
  filter: AuditFilter,
  cursor = '',
): Promise<List<AuditEntry>> {
  const { account } = filter;
  const { last, seen } = placeOf(cursor);
  const before = last === undefined ? filter.before : justAfter(last);
  const limit = Math.min(MOST, PAGE + seen);
  const query = { ...(account === '' ? {} : { account }), ...(before === undefined ? {} : { before }), limit };
  const read = await admin.audit(query);
  const end = read.at(-1)?.at;
  const done = read.length < limit || end === undefined || seen >= MOST;
  const next = done ? null : `${read.filter(({ at }) => at === end).length} ${end}`;
  return { items: read.slice(seen), next };
}

/** A cursor is how many entries of the last moment were seen, and that moment. */
function placeOf(cursor: string): { readonly last: string | undefined; readonly seen: number } {
  const [seen = '', last] = cursor.split(' ');
  return { last, seen: last === undefined ? 0 : Number(seen) };
}

function justAfter(moment: string): string {
  return new Date(new Date(moment).getTime() + 1).toISOString();
}
