import type { LineType } from '../fax/destination.ts';
import type { E164 } from '../fax/number.ts';

/** Somebody who knows of what kind a line is; asked before a call of an account that does not call some kinds. */
export interface LineTypes {
  /** For the log. */
  readonly name: string;
  /** Throws when nobody answers before `signal` aborts. Answers are kept by the asker; nothing is asked twice a month. */
  lookup(number: E164, signal: AbortSignal): Promise<LineType | 'unknown'>;
}
