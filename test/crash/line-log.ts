import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';

/** One line of the telephone's log, in the order in which things happened on its lines. */
const lineSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('dial'), call: z.string(), to: z.string() }),
  z.object({ what: z.literal('answered'), call: z.string() }),
  /** The page's geometry came (DCS); nothing is on paper yet. */
  z.object({ what: z.literal('page'), call: z.string() }),
  /** T.6 data that the far machine has printed, base64. */
  z.object({ what: z.literal('block'), call: z.string(), data: z.string() }),
  /** The page's last byte has come and is printed. */
  z.object({ what: z.literal('whole'), call: z.string() }),
  /** The page was confirmed to its sender. */
  z.object({ what: z.literal('mcf'), call: z.string() }),
  /** The exchange cut the line because its caller vanished or hung up. */
  z.object({ what: z.literal('cut'), call: z.string(), detail: z.string() }),
  z.object({ what: z.literal('end'), call: z.string(), cause: z.string() }),
]);
export type Line = z.infer<typeof lineSchema>;

/** Where the telephone writes. */
export interface LineLog {
  /** On the disk when it returns. */
  write(line: Line): void;
  close(): void;
}

/** A log at `path`, synced line by line; `told` hears of each line after that. */
export function openLineLog(path: string, told: (what: Line['what']) => void = () => {}): LineLog {
  const file = openSync(path, 'a', 0o600);
  return {
    write(line) {
      writeSync(file, `${JSON.stringify(line)}\n`);
      fdatasyncSync(file);
      told(line.what);
    },
    close: () => closeSync(file),
  };
}

/** A page on paper, or as much of it as was printed. */
export interface Sheet {
  readonly to: string;
  readonly t6: Uint8Array;
  readonly confirmed: boolean;
}

/** One call as the telephone saw it. */
export interface SeenCall {
  readonly to: string;
  readonly sheets: readonly Sheet[];
  /** Whether it ended, from whichever side, after the first block of a page and before its confirmation. */
  readonly cutInsidePage: boolean;
}

/** Calls in the order of their dialling. A last line that the log's end cut off is not counted: it was never synced. */
export function readLineLog(path: string): SeenCall[] {
  const texts = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const calls = new Map<string, Line[]>();
  for (const text of texts) {
    const line = lineSchema.parse(JSON.parse(text));
    calls.set(line.call, [...(calls.get(line.call) ?? []), line]);
  }
  return [...calls.values()].map(seenCall);
}

function seenCall(lines: readonly Line[]): SeenCall {
  const [dial] = lines;
  if (dial?.what !== 'dial') throw new Error('the log has a call that was never dialled');
  const sheets = pagesOf(lines).map((page) => sheetOf(dial.to, page));
  const over = lines.some((line) => line.what === 'cut' || line.what === 'end');
  return { to: dial.to, sheets, cutInsidePage: over && sheets.at(-1)?.confirmed === false };
}

/** The lines from each `page` to the next; pages of which nothing was printed are left out. */
function pagesOf(lines: readonly Line[]): Line[][] {
  const pages: Line[][] = [];
  for (const line of lines) {
    if (line.what === 'page') pages.push([]);
    else pages.at(-1)?.push(line);
  }
  return pages.filter((page) => page.some((line) => line.what === 'block'));
}

function sheetOf(to: string, lines: readonly Line[]): Sheet {
  const blocks = lines.flatMap((line) => (line.what === 'block' ? [Buffer.from(line.data, 'base64')] : []));
  const confirmed = lines.some((line) => line.what === 'mcf');
  return { to, t6: new Uint8Array(Buffer.concat(blocks)), confirmed };
}
