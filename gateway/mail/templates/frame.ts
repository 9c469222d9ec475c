import type { Letter } from '../../ports/mailer.ts';

/** What every letter says: from which gateway it is. */
export interface Sender {
  /** Host name of the gateway. */
  readonly host: string;
}

/** Columns of a line (RFC 3676 §4.2 asks for 78 at most). */
const WIDTH = 72;

/**
 * A letter of these paragraphs, wrapped, with the closing lines that all have. A paragraph that begins with a space is a
 * table and stays as it is.
 */
export function letterOf({ host }: Sender, subject: string, paragraphs: readonly string[]): Letter {
  const closing = `This message was written by the fax gateway ${host}. Answers to it are not read. It holds no link: open the console yourself.`;
  const text = [...paragraphs, closing].map((one) => (one.startsWith(' ') ? one : wrapped(one))).join('\n\n');
  return { subject: `[${host}] ${subject}`, text: `${text}\n` };
}

/** Facts, one a line, with their names aligned. */
export function factsTable(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/** `2026-11-22 09:14 UTC`. */
export function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function wrapped(paragraph: string): string {
  const lines: string[] = [];
  for (const word of paragraph.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
