import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { takePending } from './wipe.ts';

/**
 * A full collection costs some ten milliseconds, so that they keep a distance. It is shorter than the second within
 * which keys and pages are promised to be out of memory, by enough for a busy event loop and the collection itself.
 */
const INTERVAL_MS = 750;

let collect: (() => void) | undefined;
let timer: NodeJS.Timeout | undefined;
let lastRun = Number.NEGATIVE_INFINITY;

/**
 * Asks V8 for a full collection soon, at most every 750 ms and only when something was wiped or a CryptoKey dropped
 * since the last one. A CryptoKey holds its key in OpenSSL memory, which is cleansed when the handle is freed; without
 * this a dropped handle may wait for minutes. Never keeps the process alive.
 */
export function scheduleCollection(): void {
  if (timer !== undefined) return;
  const wait = Math.max(0, lastRun + INTERVAL_MS - performance.now());
  timer = setTimeout(runCollection, wait);
  timer.unref();
}

/** The collection itself, at once; for a process that is about to hand its memory on. Returns whether one was needed. */
export function runCollection(): boolean {
  clearTimeout(timer);
  timer = undefined;
  if (!takePending()) return false;
  lastRun = performance.now();
  collector()();
  return true;
}

/** `gc` of a fresh context: the flag is set for a moment only, so that no global `gc` appears for other code. */
function collector(): () => void {
  if (collect !== undefined) return collect;
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  collect = typeof found === 'function' ? () => found() : () => undefined;
  return collect;
}
