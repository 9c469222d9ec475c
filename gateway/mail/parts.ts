import type { AccountRecords } from '../ports/account-records.ts';
import type { CdrRecords } from '../ports/cdr-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Exclusion } from '../ports/exclusion.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { MailRecords } from '../ports/mail-records.ts';
import type { Mailer } from '../ports/mailer.ts';
import type { RunReport } from './scheduled-reports.ts';

/** Who takes the mails, and what they say of us. */
export interface Post {
  readonly mailer: Mailer;
  /** Host name by which readers know the gateway. */
  readonly host: string;
  readonly runReport: RunReport;
}

/** What the work on mails rests on. */
export interface MailParts extends Post {
  readonly records: MailRecords;
  readonly accounts: Pick<AccountRecords, 'account' | 'accessById' | 'audit'>;
  readonly cdrs: Pick<CdrRecords, 'savedReport'>;
  readonly exclusion: Pick<Exclusion, 'tryExclusively'>;
  /** Seals what waits in the outbox, 32 octets. */
  readonly sealKey: Uint8Array;
  /** Key of the HMACs that stand for networks, 32 octets. */
  readonly serverKey: Uint8Array;
  /** The network of an address, as log-ins are counted by. */
  readonly networkOf: (address: string) => string;
  /** Whether this process reads, reports and sends; one that does not still writes what its own alerts are. */
  readonly works: boolean;
  /** Whether the gateway waits for its operator after a restore: then it sends nothing. */
  readonly held: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What the stage is made of. */
export type MailStageParts = Omit<MailParts, keyof Post> & {
  /** Undefined where no server for mails is set: then nothing is written, and nothing sent. */
  readonly post: Post | undefined;
};
