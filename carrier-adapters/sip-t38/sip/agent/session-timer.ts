import type { Alarm } from './alarms.ts';
import type { Core } from './core.ts';
import type { SessionInterval } from './session-interval.ts';
import { SESSION_END_MARGIN, SESSION_REFRESH } from './timers.ts';

/** What a session timer has its session do. */
export interface SessionTimerListener {
  /** A refresh is due (RFC 4028 §10). */
  refresh(now: number): void;
  /** No refresh came in time: the session ends with BYE (§10). */
  expired(now: number): void;
}

/** The timer of one session (RFC 4028). */
export class SessionTimer {
  readonly #core: Core;
  readonly #listener: SessionTimerListener;
  #refresh: Alarm | null = null;
  #end: Alarm | null = null;

  constructor(core: Core, listener: SessionTimerListener) {
    this.#core = core;
    this.#listener = listener;
  }

  /** A 2xx to INVITE or UPDATE was sent or came: the interval begins anew, or there is none any more. */
  restart(interval: SessionInterval | null, now: number): void {
    this.stop();
    if (interval === null) return;
    const length = interval.seconds * 1_000;
    const { alarms } = this.#core;
    // "min(32 seconds, one third of the session interval)" before it runs out (§10).
    const end = now + length - Math.min(SESSION_END_MARGIN, length / 3);
    this.#end = alarms.set(end, (at) => this.#listener.expired(at));
    if (interval.refresher === 'us') {
      this.#refresh = alarms.set(now + length * SESSION_REFRESH, (at) => this.#listener.refresh(at));
    }
  }

  stop(): void {
    this.#refresh?.cancel();
    this.#end?.cancel();
  }
}
