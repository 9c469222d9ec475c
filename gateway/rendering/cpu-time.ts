import { readFileSync } from 'node:fs';

/** Clock ticks per second in /proc: USER_HZ, 100 on every Linux. */
const TICKS = 100;

/** Processes looked at below one child: sh became bwrap, which has one process of its own between it and node. */
const MOST_PROCESSES = 16;

/**
 * Seconds of CPU that process `pid` and its descendants have used; 0 where /proc cannot tell. With bubblewrap the
 * program is a grandchild, so that the tree is walked.
 */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  const queue = [pid];
  for (let seen = 0; seen < MOST_PROCESSES; seen++) {
    const next = queue.shift();
    if (next === undefined) break;
    ticks += ownTicks(next);
    queue.push(...children(next));
  }
  return ticks / TICKS;
}

/** Fields 14 and 15 (utime, stime) of /proc/pid/stat, counted after the command, which may hold spaces (proc(5)). */
function ownTicks(pid: number): number {
  const text = read(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function children(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** The process may have ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
