import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { descendants, mayLook, stillMemoryOf } from './memory.ts';
import { type Hit, Needles, type Span } from './needles.ts';

/** How soon pages, data keys and session keys are out of every process after the end of what they were for (VAULT.md). */
export const PROMISED_MS = 1_000;

/** Places to look at. */
export type Sources = readonly (readonly [name: string, spans: Iterable<Span>])[];

/** The gateway, its rendering children and its database server; memory that the server's processes share, once. */
export function processes(t: TestContext, pid: number): Sources {
  const children = descendants(pid);
  assert.ok(
    children.some(({ command }) => command.includes('postgres')),
    'the database server is among them',
  );
  const server = children.find(({ command }) => /bin\/postgres/.test(command));
  const readable = children.filter((child) => mayLook(child.pid));
  // As an ordinary user: what runs under another user, or in a sandbox that was set up by root.
  if (readable.length < children.length) t.diagnostic(`${children.length - readable.length} processes cannot be read`);
  return [{ pid, command: 'gateway' }, ...readable].map((one) => [
    `${one.command.slice(0, 200)} (${one.pid})`,
    stillMemoryOf(one.pid, one.pid === server?.pid || one.pid === pid),
  ]);
}

/** Every find. */
export function hitsIn(needles: Needles, spans: Iterable<Span>): Hit[] {
  const found: Hit[] = [];
  needles.find(spans, (hit) => found.push(hit));
  return found;
}

/** What a find belongs to, whatever its form. */
export const labelOf = ({ label }: Hit): string => label.replace(/ in .*/, '');

/** Asserts that nothing of `sets` is in `sources`. */
export function expectNothing(t: TestContext, sets: readonly Needles[], sources: Sources): void {
  const all = Needles.together(sets);
  const tally: string[] = [];
  let bytes = 0;
  for (const [name, spans] of sources) {
    const counted = counting(spans, (length) => {
      bytes += length;
    });
    const found = hitsIn(all, counted);
    if (found.length > 0) tally.push(`${name}: ${summary(found)}`);
  }
  const mebibytes = Math.round(bytes / 1_048_576);
  t.diagnostic(`${all.size} pieces of secrets looked for in ${mebibytes} MiB of ${sources.length} places`);
  assert.deepEqual(tally, []);
}

function* counting(spans: Iterable<Span>, count: (bytes: number) => void): Generator<Span> {
  for (const span of spans) {
    count(span.bytes.length);
    yield span;
  }
}

/** The first of each kind of find, and how many there were. */
function summary(found: readonly Hit[]): string {
  const kinds = Map.groupBy(found, ({ label, place }) => `${label} in ${place}`);
  const lines = [...kinds]
    .slice(0, 40)
    .map(([kind, all]) => `${kind} ×${all.length} (${all.slice(0, 3).map(({ at }) => at.toString(16))})`);
  return `${found.length} finds\n  ${lines.join('\n  ')}`;
}
