import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLines, type Lab, resultLine } from './lab.ts';

/** What HylaFAX writes of a job that has ended. */
export interface SentJob {
  readonly dir: 'send';
  readonly why: string;
  readonly tag: string;
  readonly npages: string;
  readonly totpages: string;
  readonly status: string;
}

/** What HylaFAX writes of a call that it took. */
export interface ReceivedFax {
  readonly dir: 'receive';
  readonly file: string;
  readonly pages: number;
  readonly reason: string;
  readonly caller: string;
  readonly called: string;
}

/** A job for `sendfax`. */
export interface HylafaxJob {
  /** Modem 0 or 1; default 0. */
  readonly modem?: 0 | 1;
  /** See `through`. */
  readonly number: string;
  /** A TIFF-F file: sent pixel by pixel when `size` and `resolution` are its own. */
  readonly file: string;
  readonly size?: 'a4' | 'b4' | 'a3' | 'legal' | 'na-let';
  readonly resolution?: 'standard' | 'fine' | 'superfine';
}

const RESOLUTION = { standard: '-l', fine: '-m', superfine: '-G' } as const;
const ENDED = /^(done|failed|killed|rejected|removed|timedout|format_failed|no_formatter)/;
const CALL_WITHIN = 600_000;
let jobs = 0;

/** The number by which HylaFAX reaches sip:`number`@127.0.0.1:`port` through the carrier's T.38 gateway. */
export function through(port: number, number: string): string {
  return `8${port}${number}`;
}

/** Sends a fax and waits for the end of the job. */
export async function sendfax(lab: Lab, job: HylafaxJob): Promise<SentJob> {
  const { modem = 0, number, file, size = 'a4', resolution = 'fine' } = job;
  const tag = `h${process.pid}-${++jobs}`;
  const own = join(lab.layout.state, 'hylafax');
  const copy = join(own, `${tag}.tif`);
  await copyFile(file, copy);
  const server = `ttyIAX${modem}@127.0.0.1:${lab.layout.ports.hfaxd}`;
  const tries = ['-n', '-T', '1', '-t', '1', RESOLUTION[resolution], '-s', size];
  const command = ['sendfax', '-h', server, '-i', tag, ...tries, '-d', number, copy];
  await lab.inside('/usr/bin/env', 'FAXUSER=lab', 'HOME=/root', ...command);
  const ended = (line: SentJob) => line.tag === tag && ENDED.test(line.why);
  return resultLine<SentJob>(join(own, 'results.jsonl'), ended, CALL_WITHIN);
}

/** Faxes received so far. */
export async function receivedFaxes(lab: Lab): Promise<ReceivedFax[]> {
  const lines = await jsonLines<ReceivedFax | SentJob>(join(lab.layout.state, 'hylafax/results.jsonl'));
  return lines.filter((line): line is ReceivedFax => line.dir === 'receive');
}

/** The first fax received that `matches`, now or within `within` ms. */
export function receivedFax(lab: Lab, matches: (fax: ReceivedFax) => boolean, within = 30_000): Promise<ReceivedFax> {
  const path = join(lab.layout.state, 'hylafax/results.jsonl');
  return resultLine<ReceivedFax>(path, (line) => line.dir === 'receive' && matches(line), within);
}
