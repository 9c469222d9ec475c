import pg from 'pg';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** Notices to other processes are gathered for so long (ms): one statement for a burst. */
const GATHER = 20;
/** Pauses before connecting again, in ms; doubled from the first to the last. */
const FIRST_PAUSE = 100;
const LAST_PAUSE = 5_000;

/** What processes tell each other about: an account's ledger that has grown, and `Notice`s. */
export type Channel = 'sealfax_events' | 'sealfax_notices';
const CHANNELS: readonly Channel[] = ['sealfax_events', 'sealfax_notices'];

/** The one connection of this process that listens, and tells, through LISTEN and NOTIFY. */
export interface Link {
  /** Connects when it is not connected yet. */
  open(): void;
  /** Tells every process, this one included, when it can. Never throws; a notice may be lost. */
  tell(channel: Channel, payload: string): void;
  /** Hears `channel`; `up` is called whenever the connection stands anew, since something may have been missed. */
  hear(channel: Channel, heard: (payload: string) => void, up: () => void): () => void;
  close(): Promise<void>;
}

interface Ear {
  readonly channel: Channel;
  readonly heard: (payload: string) => void;
  readonly up: () => void;
}

/**
 * Notices are sent after the commit on this connection, not by NOTIFY within the transaction: PostgreSQL takes a lock
 * over all databases from the NOTIFY to the end of the commit, which would make every fsync wait in line. What is lost
 * with a crash, or in a silent network, is found by those who look by themselves.
 */
export function createLink(pool: pg.Pool, clock: Pick<Clock, 'after'>, log: Log): Link {
  let state: 'closed' | 'opening' | 'open' | 'ended' = 'closed';
  let client: pg.Client | undefined;
  let connecting: Promise<void> = Promise.resolve();
  let pause = FIRST_PAUSE;
  let stopTimer: (() => void) | undefined;
  let stopGathering: (() => void) | undefined;
  let telling = false;
  const ears = new Set<Ear>();
  const news = new Map<string, { readonly channel: Channel; readonly payload: string }>();

  const lost = (broken: pg.Client): void => {
    if (client !== broken || state === 'ended') return;
    client = undefined;
    state = 'opening';
    void broken.end().catch(() => undefined);
    stopTimer = clock.after(pause, () => void connect());
    pause = Math.min(pause * 2, LAST_PAUSE);
  };
  const connect = (): Promise<void> => {
    connecting = attempt();
    return connecting;
  };
  const attempt = async (): Promise<void> => {
    const fresh = new pg.Client({ ...pool.options, keepAlive: true });
    client = fresh;
    fresh.on('error', () => lost(fresh));
    fresh.on('end', () => lost(fresh));
    fresh.on('notification', ({ channel, payload }) => {
      for (const ear of ears) if (ear.channel === channel) ear.heard(payload ?? '');
    });
    try {
      await fresh.connect();
      for (const channel of CHANNELS) await fresh.query(`listen ${channel}`);
      if (client !== fresh) return;
      state = 'open';
      pause = FIRST_PAUSE;
      // Whatever was said while nobody listened, or could not be said: look again, and say it now.
      for (const ear of ears) ear.up();
      if (news.size > 0) send();
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'the event listener cannot connect');
      lost(fresh);
    }
  };
  const send = (): void => {
    stopGathering = undefined;
    if (telling || client === undefined || state !== 'open' || news.size === 0) return;
    const told = [...news.values()];
    news.clear();
    telling = true;
    client
      .query('select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as n(channel, payload)', [
        told.map(({ channel }) => channel),
        told.map(({ payload }) => payload),
      ])
      .catch((error: Error) => log.debug({ reason: error.message }, 'a notice to other processes was lost'))
      .finally(() => {
        telling = false;
        if (news.size > 0) gatherOn();
      });
  };
  const gatherOn = (): void => {
    if (state !== 'ended') stopGathering ??= clock.after(GATHER, send);
  };
  const open = (): void => {
    if (state !== 'closed') return;
    state = 'opening';
    void connect();
  };
  return {
    open,
    tell: (channel, payload) => {
      open();
      news.set(`${channel} ${payload}`, { channel, payload });
      gatherOn();
    },
    hear: (channel, heard, up) => {
      const ear = { channel, heard, up };
      ears.add(ear);
      return () => ears.delete(ear);
    },
    close: async () => {
      state = 'ended';
      stopTimer?.();
      stopGathering?.();
      await connecting;
      await client?.end().catch(() => undefined);
    },
  };
}
