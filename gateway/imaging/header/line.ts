/** What the header line says; see `HeaderLine` of the renderer port. */
export interface HeaderText {
  readonly template?: string;
  readonly name: string;
  readonly csid: string;
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly timeZone: string;
}

/** Date, sender and receiver, page: what 47 CFR §68.318(d) and its like ask of every page. Tabs part left, middle and right. */
export const DEFAULT_TEMPLATE = '{date} {time}  {name}\t{csid} → {to}\tp. {page}/{pages}';

/**
 * The header of page `page` of `pages` as one line of exactly `columns` characters. Tabs in the template part what stands left, in
 * the middle and right. A line that is too long loses the end of the sender's name first, then its own.
 */
export function headerLine(text: HeaderText, page: number, pages: number, columns: number): string {
  const values = keywordValues(text, page, pages);
  const line = (name: string) => fill(text.template ?? DEFAULT_TEMPLATE, { ...values, name });
  const name = [...values.name];
  let parts = line(values.name);
  const excess = lengthOf(parts) - columns;
  if (excess > 0)
    parts = line(name.slice(0, Math.max(0, name.length - excess - 1)).join('') + (name.length > 0 ? '…' : ''));
  return spread(parts, columns);
}

interface KeywordValues {
  readonly name: string;
  readonly [keyword: string]: string;
}

function keywordValues(text: HeaderText, page: number, pages: number): KeywordValues {
  const { name, csid, to } = text;
  return {
    ...dateValues(text.at, text.timeZone),
    name: oneLine(name),
    csid: oneLine(csid),
    to,
    page: `${page}`,
    pages: `${pages}`,
  };
}

/** Formats by time zone. Making one takes longer than a header line. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Time zones kept; senders name few. */
const MOST_FORMATS = 64;

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: isTimeZone(timeZone) ? timeZone : 'UTC',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  });
  if (formats.size === MOST_FORMATS) formats.clear();
  formats.set(timeZone, format);
  return format;
}

/** `{date}` 2026-03-14, `{time}` 09:05, `{zone}` GMT+1: the same in every language. */
function dateValues(at: number, timeZone: string): { date: string; time: string; zone: string } {
  const format = formatFor(timeZone);
  const parts = new Map(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
    zone: part('timeZoneName'),
  };
}

/** `at` as 2026-03-14, in `timeZone` (UTC when it is none). */
export function dateIn(at: number, timeZone: string): string {
  return dateValues(at, timeZone).date;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** Composed characters, because the font has no combining marks; nothing that would break the line. */
function oneLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** The template's parts with their keywords replaced; an unknown keyword stays as it is written. */
function fill(template: string, values: KeywordValues): string[] {
  const parts = template.split('\t').slice(0, 3);
  return parts.map((part) => oneLine(part.replace(/\{([a-z]+)\}/g, (whole, key: string) => values[key] ?? whole)));
}

/** Characters of all parts with one space between them. */
function lengthOf(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + [...part].length, parts.length - 1);
}

function spread(parts: readonly string[], columns: number): string {
  const [left = '', ...others] = parts;
  const right = others.pop() ?? '';
  const middle = others[0] ?? '';
  const used = lengthOf([left, middle, right]) - 2;
  const room = Math.max(2, columns - used);
  const centred = Math.floor((columns - [...middle].length) / 2) - [...left].length;
  const before = Math.max(Math.floor(room / 2), Math.min(room - 1, centred));
  const line = left + ' '.repeat(before) + middle + ' '.repeat(Math.max(1, room - before)) + right;
  return [...line].slice(0, columns).join('').padEnd(columns);
}
