import { type ReceiptKey, signAuditHead } from '../../crypto/index.ts';
import type { AuditRecords } from '../ports/audit-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Exclusion } from '../ports/exclusion.ts';
import type { Log, Metrics } from '../ports/log.ts';
import { linkOf } from './facts.ts';

/** What the sealer works with. */
export interface AuditSealerParts {
  readonly records: AuditRecords;
  readonly exclusion: Pick<Exclusion, 'tryExclusively'>;
  readonly key: ReceiptKey;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Chains the audit log and signs its head; in one process at a time. */
export interface AuditSealer {
  /** Seals at once, and every minute from then on. */
  start(): void;
  /** Seals what is left, and ends. */
  stop(): Promise<void>;
  /** Never throws. */
  sealOnce(): Promise<void>;
}

/** Pause between two seals, ms. */
const EVERY = 60_000;
/** While nothing is written, a head says so each hour. */
const QUIET = 3_600_000;
/** Entries chained in one transaction. */
const BATCH = 2_000;

/** @see AuditSealer */
export function createAuditSealer(parts: AuditSealerParts): AuditSealer {
  const { exclusion, clock, log, metrics } = parts;
  let stopped = false;
  let cancel = () => {};
  let running: Promise<void> = Promise.resolve();

  const sealOnce = async (): Promise<void> => {
    try {
      await exclusion.tryExclusively('audit-seal', () => seal(parts));
    } catch (error) {
      metrics.count('audit_seals_failed');
      log.error({ error: String(error), alert: 'audit_seal_failed' }, 'the audit log is not sealed; it is tried again');
    }
  };
  const sealAndGoOn = async (): Promise<void> => {
    await sealOnce();
    if (!stopped) cancel = clock.after(EVERY, again);
  };
  const again = (): void => {
    running = sealAndGoOn();
  };
  return {
    sealOnce,
    start: again,
    async stop() {
      stopped = true;
      cancel();
      await running;
      await sealOnce();
    },
  };
}

async function seal({ records, key, clock }: AuditSealerParts): Promise<void> {
  for (let after: number | null = null; ; ) {
    const done = await records.extendChain(linkOf, after, BATCH, clock.now());
    if (done.chained < BATCH) break;
    after = done.after;
  }
  const [tip, head, at] = [await records.chainTip(), await records.newestHead(), clock.now()];
  const isNews = tip.place > (head?.place ?? 0) || (head !== undefined && at - head.at >= QUIET);
  if (isNews) await records.storeHead({ place: tip.place, at, jws: await signAuditHead({ ...tip, at }, key) });
}
