/** What child processes of this one use, as Linux tells in /proc (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds per clock tick in /proc: USER_HZ is 100 on every Linux. */
const TICK = 10;

/** Milliseconds of processor time of all children that have ended: fields 16 and 17, cutime and cstime. */
export function childrenCpu(): number {
  const fields = fieldsOf('self');
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * TICK;
}

/** Largest resident size in MiB that any living descendant has reached (VmHWM). */
export function peakMemory(): number {
  const parents = new Map(processIds().map((pid) => [pid, Number(fieldsOf(pid)[1] ?? 0)]));
  const isOurs = (pid: number): boolean => {
    for (let at = parents.get(`${pid}`); at !== undefined && at > 1; at = parents.get(`${at}`)) {
      if (at === process.pid) return true;
    }
    return false;
  };
  const peaks = [...parents.keys()].map(Number).filter(isOurs).map(peakOf);
  return Math.max(0, ...peaks);
}

function processIds(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** Fields of /proc/pid/stat from the state (field 3) on; the command before them may hold spaces. */
function fieldsOf(pid: string): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function peakOf(pid: number): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) / 1024;
}

/** The process may have ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
