import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { base64url, digestSha256 } from '../../crypto/client.ts';
import type { SequenceMemory } from './sequence-memory.ts';

/**
 * A memory in a small JSON file, for programs that run for a moment each time. Two that write at once may lose the
 * lower of two sequences, never a file. A file that cannot be read counts as empty.
 */
export function fileMemory(path: string): SequenceMemory {
  async function read(): Promise<Record<string, number>> {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'));
      const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
      return Object.fromEntries(entries.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])));
    } catch {
      return {};
    }
  }

  return {
    highest: async (pins) => (await read())[await keyOf(pins)] ?? 0,
    async saw(pins, seq) {
      const all = await read();
      const key = await keyOf(pins);
      if ((all[key] ?? 0) >= seq) return;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const part = `${path}.${process.pid}.part`;
      await writeFile(part, JSON.stringify({ ...all, [key]: seq }), { mode: 0o600 });
      await rename(part, path);
    },
  };
}

async function keyOf(pins: readonly string[]): Promise<string> {
  return base64url(await digestSha256(new TextEncoder().encode([...pins].sort().join(' '))));
}
