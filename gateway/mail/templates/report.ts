import type { Letter } from '../../ports/mailer.ts';
import { factsTable, letterOf, moment, type Sender } from './frame.ts';

/** A report as lines of text cells. */
export interface ReportSheet {
  /** First day, and the day after the last one, of `timeZone`. */
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whether it was counted from the records, which end where their retention does. */
  readonly counted: boolean;
}

/** A saved report on its way. */
export interface ReportScene extends Sender {
  readonly name: string;
  readonly title: string;
  /** Name of the account; null: of the administrators. */
  readonly account: string | null;
  /** The moment of the schedule. */
  readonly at: number;
  /** Whether numbers show their last digits only, as the reader's role sees them. */
  readonly masked: boolean;
}

/** Lines that the text shows; the file beside it has more. */
const SHOWN = 40;
/** Lines of the file. */
export const SHEET_LINES = 2_000;
/** Octets of the file: sealed, with the text, it fits a small record. */
const SHEET_SIZE = 600 * 1024;

/** The totals as text, and all lines as CSV. */
export function reportLetter(scene: ReportScene, sheet: ReportSheet): Letter {
  const lines = sheet.rows.length;
  const shown = lines > SHOWN ? [`The first ${SHOWN} of ${lines} lines; the file beside this text has more.`] : [];
  const file = fileOf(sheet);
  const cut = lines > file.lines ? [`The file ends after ${file.lines} lines; run the report for the rest.`] : [];
  const counted = sheet.counted ? ['Counted from the records: what their retention has taken away is not in it.'] : [];
  const masked = scene.masked ? ['Numbers show their last four digits.'] : [];
  const table = lines === 0 ? 'There were no calls.' : tableOf(sheet.head, sheet.rows.slice(0, SHOWN));
  const letter = letterOf(scene, subjectOf(scene), [
    scene.title === '' ? `Report ${scene.name}.` : `Report ${scene.name}: ${scene.title}`,
    factsTable([
      ...ofAccount(scene),
      ['Days', `${sheet.from} to ${sheet.to}, the last one not included`],
      ['Time zone', sheet.timeZone],
    ]),
    table,
    ...[...shown, ...cut, ...counted, ...masked],
  ]);
  const attachment = { name: `${scene.name}-${sheet.from}.csv`, mediaType: 'text/csv', content: file.content };
  return { ...letter, attachments: [attachment] };
}

/** As many lines as fit. */
function fileOf({ head, rows }: ReportSheet): { readonly content: Uint8Array; readonly lines: number } {
  const encoder = new TextEncoder();
  const parts = [encoder.encode(csvLine(head))];
  let size = parts[0]?.length ?? 0;
  for (const row of rows.slice(0, SHEET_LINES)) {
    const line = encoder.encode(csvLine(row));
    size += line.length;
    if (size > SHEET_SIZE) break;
    parts.push(line);
  }
  return { content: Buffer.concat(parts), lines: parts.length - 1 };
}

/** The question could not be answered: it asks for too much, or for something that is no more. */
export function reportFaultLetter(scene: ReportScene, reason: string): Letter {
  return letterOf(scene, `${subjectOf(scene)}: not made`, [
    `The report ${scene.name} of ${moment(scene.at)} could not be made: ${reason}.`,
    'The next one is tried at its time. Change the report, or take its schedule away, with `sealfax report` or in the console.',
  ]);
}

function subjectOf({ name, account }: ReportScene): string {
  return account === null ? `Report ${name}` : `Report ${name} of ${account}`;
}

function ofAccount({ account }: ReportScene): readonly (readonly [string, string])[] {
  return account === null ? [] : [['Account', account]];
}

/** Columns of text; indented, so that it is not wrapped. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`;
  return all.map((row) => line(row).trimEnd()).join('\n');
}

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe; a number of the plan is none. */
function csvLine(row: readonly string[]): string {
  return `${row.map(cellOf).join(',')}\r\n`;
}

function cellOf(text: string): string {
  const isFormula = /^[=+\-@\t\r\n]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
