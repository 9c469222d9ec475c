import { statfs } from 'node:fs/promises';
import type { Clock } from '../gateway/ports/clock.ts';
import type { Log, Metrics } from '../gateway/ports/log.ts';

/** With less than this, in octets, an operator is told. */
const LOW = 512 * 1024 * 1024;
/** With less than this the process is not ready: a long fax or the journal of the database could fill what is left. */
const LEAST = 64 * 1024 * 1024;
/** From one look to the next, ms. */
const LOOK_EVERY = 15_000;

/** What the watch works with. */
export interface RoomParts {
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Octets that are free around `directory` for whoever is not root. The file system's own word when left out. */
  readonly free?: (directory: string) => Promise<number>;
}

/** Looks after the room that is left in the data directory. */
export interface RoomWatch {
  /** One look, and one every 15 s from then on. Never throws. */
  start(): Promise<void>;
  stop(): void;
  /** For /readyz, as of the last look. */
  check(): Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

/** Builds the watch; nothing runs before `start`. */
export function watchRoom({ directory, clock, log, metrics, free = freeOctets }: RoomParts): RoomWatch {
  let left: number | undefined;
  let low = false;
  let cancel = () => {};
  let stopped = false;

  async function look(): Promise<void> {
    left = await free(directory).catch(() => undefined);
    if (left === undefined) return;
    metrics.gauge('data_free_bytes', left);
    if (left < LOW && !low) {
      const text = 'the data directory is nearly full; free some space, or faxes are refused and the database stops';
      log.error({ free: megabytes(left), alert: 'room_low' }, text);
    } else if (left >= LOW && low) log.info({ free: megabytes(left) }, 'the data directory has room again');
    low = left < LOW;
  }

  const start = async (): Promise<void> => {
    await look();
    if (!stopped) cancel = clock.after(LOOK_EVERY, () => void start());
  };
  return {
    start,
    stop: () => {
      stopped = true;
      cancel();
    },
    check: () => (left === undefined ? {} : { room: { ok: left >= LEAST, detail: `${megabytes(left)} free` } }),
  };
}

async function freeOctets(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

const megabytes = (octets: number): string => `${Math.floor(octets / 1_048_576)} MiB`;
