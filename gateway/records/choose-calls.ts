import type { AccountId, FaxId } from '../fax/ids.ts';

/** A fax that stands in the line and that no limit of its account or its carrier held back when it was read. */
export interface Candidate {
  readonly fax: FaxId;
  readonly account: AccountId;
  readonly carrier: string;
  readonly to: string;
  /** Lower is better: when it came due, less ten minutes for each step of priority. */
  readonly rank: number;
  /** Live calls of the account, and calls that it may have beside them. */
  readonly used: number;
  readonly free: number;
  /** Whether its account has more candidates over this carrier than were read. */
  readonly cut: boolean;
}

/** An account's part of the line while calls are given out. */
interface Line {
  used: number;
  free: number;
  readonly waiting: Candidate[];
}

/**
 * Gives out at most `limit` calls: each to the account with the fewest live ones, within it to the best rank. Between
 * accounts that have equally many the better rank decides.
 *
 * @param rooms calls that each carrier may have beside its live ones
 */
export function chooseCalls(
  candidates: readonly Candidate[],
  rooms: ReadonlyMap<string, number>,
  limit: number,
): Candidate[] {
  const lines = linesOf(candidates);
  const left = new Map(rooms);
  const called = new Set<string>();
  const chosen: Candidate[] = [];
  const fits = ({ to, carrier }: Candidate) => !called.has(to) && (left.get(carrier) ?? 0) > 0;
  while (chosen.length < limit) {
    const next = best(lines, fits);
    if (next === undefined) break;
    const { line, candidate } = next;
    line.waiting.splice(line.waiting.indexOf(candidate), 1);
    line.used++;
    line.free--;
    left.set(candidate.carrier, (left.get(candidate.carrier) ?? 0) - 1);
    called.add(candidate.to);
    chosen.push(candidate);
  }
  return chosen;
}

function linesOf(candidates: readonly Candidate[]): Line[] {
  const lines = new Map<AccountId, Line>();
  for (const candidate of candidates.toSorted((a, b) => a.rank - b.rank)) {
    const { account, used, free } = candidate;
    const line = lines.get(account) ?? { used, free, waiting: [] };
    line.waiting.push(candidate);
    lines.set(account, line);
  }
  return [...lines.values()];
}

function best(
  lines: readonly Line[],
  fits: (candidate: Candidate) => boolean,
): { readonly line: Line; readonly candidate: Candidate } | undefined {
  let found: { readonly line: Line; readonly candidate: Candidate } | undefined;
  for (const line of lines) {
    if (line.free <= 0 || line.used > (found?.line.used ?? line.used)) continue;
    const candidate = line.waiting.find(fits);
    if (candidate === undefined) continue;
    const better = found === undefined || line.used < found.line.used || candidate.rank < found.candidate.rank;
    if (better) found = { line, candidate };
  }
  return found;
}
