import type { MailDesk } from '../gateway.ts';
import type { AlertEar } from './alerting-log.ts';
import { type RaisedAlert, tellAlert } from './alerts.ts';
import { createDesk } from './desk.ts';
import { readNews } from './news.ts';
import { sendDue } from './outbox.ts';
import type { MailParts, MailStageParts } from './parts.ts';
import { mailDueReports } from './scheduled-reports.ts';

export { type AlertingLog, alertingLog } from './alerting-log.ts';
export type { MailStageParts, Post } from './parts.ts';
export type { RunReport } from './scheduled-reports.ts';
export type { ReportSheet } from './templates/report.ts';

/** Notices and reports by mail. */
export interface MailStage {
  readonly desk: MailDesk;
  /** What an alert does; for `AlertingLog.listen`. */
  readonly raise: AlertEar;
  /** Begins to read, to report and to send. */
  start(): void;
  /** Ends; resolves when what is running has ended. What waits is in the records. */
  stop(): Promise<void>;
  /** One look at everything; never throws. */
  lookOnce(): Promise<void>;
}

/** Pause between two looks, ms. A notice is minutes late at most: the audit log is chained once a minute. */
const EVERY = 10_000;
/** How long a stop waits for the mail that is being sent; one that is cut is sent again. Milliseconds. */
const STOP_GRACE = 5_000;
/** How often what is past its time is forgotten, ms. */
const SWEEP = 3_600_000;
const DAY = 86_400_000;
/** Ended mails are shown for so long, ms. */
const KEPT = 30 * DAY;
/** A network that a user has not come from for so long is new again, ms. */
const REMEMBERED = 90 * DAY;

/** Alerts that wait to be written: more come only while the records do not answer. */
const RAISED = 100;

/** @see MailStage */
export function createMail({ post, ...base }: MailStageParts): MailStage {
  if (post === undefined) {
    const desk = createDesk(base, post, () => undefined);
    return { desk, raise: () => undefined, lookOnce: async () => {}, start: () => undefined, stop: async () => {} };
  }
  const { soon, ...work } = createWork({ ...base, ...post });
  return { desk: createDesk(base, post, soon), ...work };
}

/** @returns besides, what sends at once what somebody in front of a page has written */
function createWork(parts: MailParts): Omit<MailStage, 'desk'> & { soon(): void } {
  const { records, clock, metrics } = parts;
  const raised: RaisedAlert[] = [];
  let isOpen = false;
  let stopped = false;
  let cancel = () => {};
  let running: Promise<void> = Promise.resolve();
  let sweptAt = Number.NEGATIVE_INFINITY;
  let flushed: Promise<void> = Promise.resolve();
  let hurried: Promise<void> = Promise.resolve();

  /** One after the other, so that each alert is taken once. */
  const flush = (): Promise<void> => {
    flushed = flushed.then(() => step(parts, 'alerts', () => tellRaised(parts, raised)));
    return flushed;
  };
  const send = (): Promise<void> => step(parts, 'outbox', () => sendDue(parts, () => stopped));
  const lookOnce = async (): Promise<void> => {
    if (parts.held()) return;
    await flush();
    if (!parts.works) return;
    await step(parts, 'notices', () => inOneProcess(parts, 'mail-notices', () => readAll(parts)));
    await step(parts, 'reports', () => inOneProcess(parts, 'mail-reports', () => mailDueReports(parts)));
    await send();
    await step(parts, 'gauge', async () => metrics.gauge('mails_waiting', await records.waiting()));
    if (clock.monotonic() - sweptAt < SWEEP) return;
    sweptAt = clock.monotonic();
    await step(parts, 'sweep', () => sweep(parts));
  };
  const lookAndGoOn = async (): Promise<void> => {
    await lookOnce();
    if (!stopped) cancel = clock.after(EVERY, again);
  };
  const again = (): void => {
    running = lookAndGoOn();
  };

  return {
    raise: (fields) => {
      if (raised.length === RAISED) raised.shift();
      raised.push({ fields, at: clock.now() });
      // Written at once: what is in memory alone is gone with the process.
      if (isOpen && !parts.held()) void flush();
    },
    soon() {
      if (isOpen && parts.works && !stopped && !parts.held()) hurried = hurried.then(send);
    },
    lookOnce,
    start() {
      isOpen = true;
      again();
    },
    async stop() {
      stopped = true;
      cancel();
      const cut = clock.after(STOP_GRACE, () => parts.mailer.close());
      await running;
      await Promise.all([flushed, hurried]);
      cut();
      parts.mailer.close();
    },
  };
}

/** What fails does not keep the others from their turn, and has its own at the next look. */
async function step({ log, metrics }: MailParts, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    metrics.count('mail_looks_failed', { what });
    log.warn({ what, err: error }, 'a part of the work on mails failed; it is tried again');
  }
}

async function inOneProcess({ exclusion }: MailParts, name: string, work: () => Promise<void>): Promise<void> {
  await exclusion.tryExclusively(name, work);
}

async function readAll(parts: MailParts): Promise<void> {
  while (await readNews(parts));
}

/** In the order in which they came; one that cannot be written stays with those behind it. */
async function tellRaised(parts: MailParts, raised: RaisedAlert[]): Promise<void> {
  for (let next = raised[0]; next !== undefined; next = raised[0]) {
    await tellAlert(parts, next);
    // A newer one may have pushed it out meanwhile.
    const place = raised.indexOf(next);
    if (place >= 0) raised.splice(place, 1);
  }
}

async function sweep({ records, clock }: MailParts): Promise<void> {
  const now = clock.now();
  await records.sweep({ ended: now - KEPT, seen: now - REMEMBERED, told: now - REMEMBERED });
}
