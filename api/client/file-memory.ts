import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { base64url, digestSha256 } from '../../crypto/client.ts';
import type { SequenceMemory } from './sequence-memory.ts';
import { processMemory } from './sequence-memory.ts';

/**
 * A memory in a small JSON file, for programs that run for a moment each time. Two that write at once may lose the
 * lower of two sequences, never a file. A file that cannot be read counts as empty; where none can be written, what was
 * seen is remembered as long as the process.
 */
export function fileMemory(path: string): SequenceMemory {
  const here = processMemory();
  return {
    async highest(pins) {
      const stored = (await stateIn(path))[await keyOf(pins)] ?? 0;
      return Math.max(stored, await here.highest(pins));
    },
    async saw(pins, seq) {
      await here.saw(pins, seq);
      const all = await stateIn(path);
      const key = await keyOf(pins);
      if ((all[key] ?? 0) < seq) await store(path, { ...all, [key]: seq });
    },
  };
}

async function stateIn(path: string): Promise<Record<string, number>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])));
  } catch {
    return {};
  }
}

/** Written beside and renamed. A home without room or right to write must not keep anyone from sending a fax. */
async function store(path: string, state: Record<string, number>): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(part, JSON.stringify(state), { mode: 0o600 });
    await rename(part, path);
  } catch {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

async function keyOf(pins: readonly string[]): Promise<string> {
  return base64url(await digestSha256(new TextEncoder().encode([...pins].sort().join(' '))));
}
