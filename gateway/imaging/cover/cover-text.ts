/** What a cover page says; empty and absent fields are left out. See `CoverPage` of the renderer port. */
export interface CoverText {
  /** Which of the shipped covers; an account's own form takes its place. */
  readonly template: 'letter' | 'form';
  readonly to?: string;
  readonly toCompany?: string;
  readonly toNumber?: string;
  readonly from?: string;
  readonly fromCompany?: string;
  readonly fromNumber?: string;
  readonly subject?: string;
  readonly note?: string;
  readonly confidentiality?: string;
  /** Moment of the date on the cover, milliseconds since 1970; that of the header line when left out. */
  readonly at?: number;
  /** IANA time zone of that date. */
  readonly timeZone?: string;
}

/** What the gateway adds. */
export interface CoverFacts {
  /** Pages of the whole fax, the cover included. */
  readonly pages: number;
  /** Date as it is to be shown. */
  readonly date: string;
  /** Paper in millimetres. */
  readonly paper: { readonly width: number; readonly height: number };
}

/** The texts of a cover; the others are no text. */
type TextName = Exclude<keyof CoverText, 'template' | 'at' | 'timeZone'>;

/** Texts that may have several lines of their own; the line feeds of all others become spaces. */
const WITH_LINES: ReadonlySet<string> = new Set<TextName>(['note', 'confidentiality']);

const TEXTS: readonly TextName[] = [
  'to',
  'toCompany',
  'toNumber',
  'from',
  'fromCompany',
  'fromNumber',
  'subject',
  'note',
  'confidentiality',
];

/**
 * The texts of a cover as a face with the code points `covered` can draw them. Characters that the face lacks are never
 * drawn as boxes: they become a question mark; control characters vanish.
 */
export function drawableTexts(text: CoverText, covered: ReadonlySet<number>): Partial<Record<TextName, string>> {
  const drawable = (value: string) =>
    [...value.normalize('NFC').replace(/\r\n?/g, '\n').replace(/\t/g, '  ')]
      .map((c) => (c === '\n' || covered.has(c.codePointAt(0) ?? 0) ? c : /\p{C}/u.test(c) ? '' : '?'))
      .join('');
  const entries = TEXTS.flatMap((name) => {
    const value = drawable(text[name] ?? '');
    const clean = WITH_LINES.has(name) ? value.trimEnd() : value.replace(/\n+/g, ' ').trim();
    return clean === '' ? [] : [[name, clean]];
  });
  return Object.fromEntries(entries);
}

/** Name and company in one line. */
export function nameAndCompany(name: string | undefined, company: string | undefined): string {
  return [name, company].filter((part) => part !== undefined && part !== '').join(', ');
}
