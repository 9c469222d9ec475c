import { createHash } from 'node:crypto';
import { fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Paper, Sheet } from '../../carrier-adapters/loopback/network/paper.ts';

/**
 * One line of the paper log, JSON. `block` and `page` are on the disk before the machine goes on: a page that is not
 * here was never confirmed. `cut`: the page was thrown away, because it was answered with RTN or its call was lost.
 */
export interface PaperLine {
  readonly kind: 'block' | 'page' | 'cut';
  /** The caller's reference of the call. */
  readonly call: string;
  readonly page: number;
  /** Bytes of T.6 data: of the block, or of the page so far. */
  readonly bytes: number;
  /** SHA-256 of the block or page, hex. The documents of these tests are no one's secret. */
  readonly sha256: string;
}

/** A paper that appends and fsyncs what is printed before it says so: the judge of the crash tests. */
export function fsyncingPaper(path: string): Paper {
  const file = openSync(path, 'a', 0o600);
  const append = (line: PaperLine) => {
    writeSync(file, `${JSON.stringify(line)}\n`);
    fsyncSync(file);
  };
  return { sheet: (call, { number }) => sheet(append, call, number) };
}

function sheet(append: (line: PaperLine) => void, call: string, page: number): Sheet {
  const whole = createHash('sha256');
  let bytes = 0;
  return {
    async block(data) {
      bytes += data.length;
      whole.update(data);
      append({
        kind: 'block',
        call,
        page,
        bytes: data.length,
        sha256: createHash('sha256').update(data).digest('hex'),
      });
    },
    whole: async () => append({ kind: 'page', call, page, bytes, sha256: whole.digest('hex') }),
    spoiled: async () => append({ kind: 'cut', call, page, bytes, sha256: '' }),
  };
}

/** The lines of a paper log; a last line that a crash of the telephone itself cut off is left out. */
export function readPaperLog(path: string): PaperLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as PaperLine);
}

/** Pages that were printed more than once, by their content. */
export function printedTwice(lines: readonly PaperLine[]): PaperLine[] {
  const seen = new Set<string>();
  return lines.filter((line) => {
    if (line.kind !== 'page') return false;
    const again = seen.has(line.sha256);
    seen.add(line.sha256);
    return again;
  });
}
