import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { platform } from 'node:process';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';

const MASK = 0x5a;
const PIECE = 1 << 24;

/** How often each needle stands in the writable memory of a process. */
function countInMemory(pid: number, needles: ReadonlyMap<string, Buffer>): Map<string, number> {
  const counts = new Map([...needles.keys()].map((name) => [name, 0]));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (range?.[1] === undefined || range[2] === undefined) continue;
      scan(memory, Number.parseInt(range[1], 16), Number.parseInt(range[2], 16), needles, counts);
    }
  } finally {
    closeSync(memory);
  }
  return counts;
}

function scan(
  memory: number,
  from: number,
  to: number,
  needles: ReadonlyMap<string, Buffer>,
  counts: Map<string, number>,
) {
  const buffer = Buffer.alloc(Math.min(PIECE, to - from));
  // Pieces overlap by a needle's length, so that none is missed at a border.
  for (let at = from; at < to; at += PIECE - 64) {
    let length = 0;
    try {
      length = readSync(memory, buffer, 0, Math.min(buffer.length, to - at), at);
    } catch {
      continue;
    }
    const piece = buffer.subarray(0, length);
    for (const [name, needle] of needles) {
      for (let hit = piece.indexOf(needle); hit >= 0; hit = piece.indexOf(needle, hit + 1)) {
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
  }
}

/** Runs the probe and looks into its memory while it waits. */
async function probe(mode: 'forget' | 'keep'): Promise<Map<string, number>> {
  const script = new URL('./memory-probe.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const masked: [string, string][] = JSON.parse(String(line)).masked;
    const unmasked = (text: string) => Buffer.from(Buffer.from(text, 'hex').map((octet) => octet ^ MASK));
    return countInMemory(child.pid ?? 0, new Map(masked.map(([name, text]) => [name, unmasked(text)])));
  } finally {
    child.kill();
  }
}

/** Why the memory of a child cannot be read here, or false. */
function unreadable(): string | false {
  if (platform !== 'linux') return 'process memory is read through /proc, which this system lacks';
  try {
    closeSync(openSync('/proc/self/mem', 'r'));
    return false;
  } catch {
    return 'this system does not let a process read memory through /proc';
  }
}

describe('memory of a process after its secrets were given up', { skip: unreadable() }, () => {
  test('the reader finds every secret of a process that keeps them', async () => {
    const counts = await probe('keep');
    assert.equal(counts.size, 17);
    for (const [name, count] of counts) assert.ok(count > 0, name);
  });

  test('no key, session key or page octet is left after wipe and collection', async () => {
    const counts = await probe('forget');
    assert.equal(counts.size, 17);
    assert.deepEqual(
      [...counts].filter(([, count]) => count > 0),
      [],
    );
  });
});
