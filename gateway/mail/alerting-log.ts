import type { Log } from '../ports/log.ts';

/** Told of every line with `alert`. Returns at once, never throws. */
export type AlertEar = (fields: Readonly<Record<string, unknown>>) => void;

/** Alerts kept while nobody listens: a start that fails in many places at once. */
const KEPT = 50;

/** A log whose lines with `alert` are told to somebody besides, who begins to listen when it can. */
export interface AlertingLog extends Log {
  /** Tells what has come so far, and all that comes. */
  listen(ear: AlertEar): void;
}

/** `log`, with an ear for alerts: whoever writes an alert into the log needs to know of nothing else. */
export function alertingLog(log: Log): AlertingLog {
  const early: Readonly<Record<string, unknown>>[] = [];
  let tell: AlertEar = (fields) => {
    if (early.length < KEPT) early.push(fields);
  };
  const line =
    (level: 'warn' | 'error'): Log['warn'] =>
    (fields, text) => {
      log[level](fields, text);
      if (typeof fields.alert === 'string') tell(fields);
    };
  return {
    debug: (fields, text) => log.debug(fields, text),
    info: (fields, text) => log.info(fields, text),
    warn: line('warn'),
    error: line('error'),
    listen(ear) {
      tell = ear;
      for (const fields of early.splice(0)) ear(fields);
    },
  };
}
