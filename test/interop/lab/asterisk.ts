import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lab, resultLine } from './lab.ts';

/** What an Asterisk writes of a call that has ended. Every field is text, empty where it does not apply. */
export interface AsteriskResult {
  readonly job: string;
  readonly called: string;
  readonly caller: string;
  readonly call: string;
  readonly cause: string;
  readonly dir: 'send' | 'receive' | '';
  readonly status: 'SUCCESS' | 'FAILED' | '';
  readonly error: string;
  readonly text: string;
  readonly mode: 'T38' | 'audio' | '';
  readonly pages: string;
  readonly rate: string;
  readonly resolution: string;
  readonly ecm: string;
  /** Station id of the peer. */
  readonly remote: string;
  /** TIFF file of what was sent or received. */
  readonly file: string;
}

/** A call that an Asterisk places. */
export interface Origination {
  /** e.g. `PJSIP/gw/sip:5550123@127.0.0.1:5070`. */
  readonly channel: string;
  /** What it does when it is answered. */
  readonly does: 'send' | 'receive' | 'silent' | 'tone';
  readonly caller?: string;
  /** FAXFILE, ECM (yes|no), MODEMS (all|v29|v27), OPTS (of SendFAX), STATION, HEADER, CUT_AFTER (seconds). */
  readonly variables?: Readonly<Record<string, string>>;
}

/** How long a call may take, ms: fifty pages at 14,400 bit/s take some 810 s. */
const CALL_WITHIN = 1_200_000;
let jobs = 0;

/** Places a call and waits for its end. @throws when nothing is heard of it in time */
export async function originate(
  lab: Lab,
  instance: 'carrier' | 'far',
  origination: Origination,
): Promise<AsteriskResult> {
  const job = await dial(lab, instance, origination);
  return resultLine<AsteriskResult>(resultsOf(lab, instance), (line) => line.job === job, CALL_WITHIN);
}

/** Where an Asterisk writes what became of its calls. */
export function resultsOf(lab: Lab, instance: 'carrier' | 'far'): string {
  return join(lab.layout.state, instance, 'results.jsonl');
}

/** Places a call. @returns its `job` */
export async function dial(
  lab: Lab,
  instance: 'carrier' | 'far',
  { channel, does, caller = '5551234', variables = {} }: Origination,
): Promise<string> {
  const job = `j${process.pid}-${++jobs}`;
  const folder = join(lab.layout.state, instance);
  const set = Object.entries({ JOB: job, ...variables }).map(([name, value]) => `Setvar: ${name}=${escaped(value)}`);
  const lines = [
    `Channel: ${channel.replaceAll(';', '\\;')}`,
    `CallerID: "Lab" <${caller}>`,
    'MaxRetries: 0',
    'WaitTime: 45',
    'Context: originate',
    `Extension: ${does}`,
    'Priority: 1',
    ...set,
    'Archive: no',
  ];
  await writeFile(join(folder, 'spool/tmp', `${job}.call`), `${lines.join('\n')}\n`);
  // A whole file has to appear there at once.
  await rename(join(folder, 'spool/tmp', `${job}.call`), join(folder, 'spool/outgoing', `${job}.call`));
  return job;
}

/** What an Asterisk wrote of the call to `called`, which it took. */
export function taken(lab: Lab, instance: 'carrier' | 'far', called: string, within = 10_000): Promise<AsteriskResult> {
  return resultLine<AsteriskResult>(
    resultsOf(lab, instance),
    (line) => line.called === called && line.job === '',
    within,
  );
}

/** A comma divides, in a call file, where it is not escaped. */
function escaped(value: string): string {
  return value.replaceAll(',', '\\,');
}
