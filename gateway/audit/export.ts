import { type AuditLine, auditEntryLine, base64url } from '../../crypto/index.ts';
import type { AuditRecords, AuditSpan, StoredHead } from '../ports/audit-records.ts';
import { factsOf } from './facts.ts';

/** Entries read at once. */
const BATCH = 500;

/**
 * The audit log as lines that `verify audit` checks: from the last head before `since` to the first one after `until`, so
 * that heads vouch for all of it. Nothing before the first head was signed.
 */
export async function* exportAudit(records: AuditRecords, { since, until }: AuditSpan): AsyncGenerator<AuditLine> {
  const begin = since === undefined ? undefined : (await records.headsAround(since)).before;
  const end = await endOf(records, until);
  const first = begin?.place ?? 0;
  const link = (await records.linkAt(first)) ?? new Uint8Array(32);
  yield { audit: 'start', v: 1, place: first, link: base64url(link) };
  for (let place = first; end !== undefined && place < end.place; ) {
    const entries = await records.chainedEntries(place + 1, Math.min(BATCH, end.place - place));
    const last = entries.at(-1)?.place;
    if (last === undefined) return;
    const heads = await records.heads(place + 1, last);
    for (const one of entries) {
      yield auditEntryLine(one.place, one.salt, one.link, factsOf(one.entry));
      for (const { jws } of heads.filter((head) => head.place === one.place && head.at <= end.at)) {
        yield { audit: 'head', jws };
      }
    }
    place = last;
  }
}

async function endOf(records: AuditRecords, until: number | undefined): Promise<StoredHead | undefined> {
  const after = until === undefined ? undefined : (await records.headsAround(until)).after;
  return after ?? records.newestHead();
}
