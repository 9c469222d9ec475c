import type { Progress } from '../../api/client/index.ts';
import type { CliIo } from './io.ts';
import { clean, moment } from './text.ts';

const BAR_WIDTH = 24;

/** Tells how far a fax is. */
export interface ProgressLine {
  tell(progress: Progress): void;
  /** Ends a line that is being drawn. */
  end(): void;
}

/**
 * On a terminal one line drawn over itself; elsewhere one plain line for each change of state or page, on standard
 * error. With `quiet` nothing.
 */
export function progressLine(io: CliIo, title: string, quiet: boolean): ProgressLine {
  let last = '';
  let drawn = false;
  return {
    tell(progress) {
      const text = textOf(progress, io.terminal);
      if (quiet || text === last) return;
      last = text;
      if (io.terminal) io.err(`\r\u001b[2K${`${title} ${text}`.slice(0, Math.max(20, io.columns - 1))}`);
      else io.err(`${title} ${text}\n`);
      drawn = io.terminal;
    },
    end() {
      if (drawn) io.err('\n');
      drawn = false;
    },
  };
}

function textOf(progress: Progress, terminal: boolean): string {
  if (progress.phase === 'upload') {
    const { sent, total } = progress;
    if (terminal) return `${bar(total === null || total === 0 ? 0 : sent / total)} uploading ${kilobytes(sent)}`;
    return 'uploading';
  }
  const { state, pages, pagesConfirmed } = progress;
  if (state === 'held' && progress.event?.data.review === true) return 'held until its pages have been looked at';
  if (state === 'held') return `held until an administrator allows ${placeIn(progress.event?.data)}`;
  if (state === 'queued' && progress.event.type === 'fax.retry') return `queued${retryOf(progress.event.data)}`;
  const done = pages === null || pages === 0 ? 0 : pagesConfirmed / pages;
  const count = pages === null ? '' : ` ${pagesConfirmed} of ${pages} pages`;
  return terminal ? `${bar(done)} ${state}${count}` : `${state}${count}`;
}

/** Why a fax waits for its next call, and until when, as the event of the last one tells. */
function retryOf({ cause, nextCallAt }: Readonly<Record<string, unknown>>): string {
  const why = typeof cause === 'string' ? `: ${clean(cause)}` : '';
  return typeof nextCallAt === 'number' ? `${why}, next call at ${moment(new Date(nextCallAt).toISOString())}` : why;
}

/** A country or a code, as the event of a held fax names it. */
function placeIn(data: Readonly<Record<string, unknown>> | undefined): string {
  const place = data?.place;
  return typeof place === 'string' && /^(\+\d{1,3}|[A-Z]{2})$/.test(place) ? place : 'its country';
}

function bar(share: number): string {
  const full = Math.round(BAR_WIDTH * Math.min(1, Math.max(0, share)));
  return `[${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}]`;
}

function kilobytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
