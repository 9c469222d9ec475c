/**
 * Fax pages as PDF, lossless: the stored T.6 data become image streams as they are (PDF 32000-1 §7.4.6,
 * CCITTFaxDecode with K < 0), each page in its true size on paper. Written by hand, because the file is five kinds of
 * objects and can then leave page by page.
 */
import type { CodedPage } from '../page.ts';

/** What a PDF says of itself; nothing of the pages' content. Absent entries are left out. */
export interface PdfMeta {
  readonly title?: string;
  readonly subject?: string;
  readonly author?: string;
  readonly keywords?: string;
  /** The program that made the fax. */
  readonly creator?: string;
  /** The program that wrote the PDF. */
  readonly producer?: string;
  readonly created?: Date;
}

/** A PDF that is written page by page. */
export interface PdfWriter {
  /** The next page's part of the file, the first with the file's header. */
  page(page: CodedPage): Uint8Array[];
  /** The end of the file: page tree, metadata, cross-references. A file without pages is not valid PDF. */
  finish(): Uint8Array[];
}

/** Points in an inch: the unit of PDF's default user space. */
const POINTS = 72;
/** The largest side of a page in user-space units that readers take (PDF 32000-1 annex C.2). */
const MAX_SIDE = 14_400;

const CATALOG = 1;
const PAGE_TREE = 2;
const INFO = 3;
const FIRST_PAGE_OBJECT = 4;
/** Page, content stream and image of one page. */
const OBJECTS_PER_PAGE = 3;

/** ASCII text as bytes; all that is written outside streams is ASCII. */
function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A text string as UTF-16 with byte order mark, in hexadecimal, so that nothing in it can end it. */
function textString(text: string): string {
  let hex = 'FEFF';
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).padStart(4, '0').toUpperCase();
  return `<${hex}>`;
}

/** `D:YYYYMMDDHHMMSSZ`. */
function dateString(date: Date): string {
  return `(D:${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z)`;
}

function infoDictionary(meta: PdfMeta): string {
  const texts: [string, string | undefined][] = [
    ['Title', meta.title],
    ['Subject', meta.subject],
    ['Author', meta.author],
    ['Keywords', meta.keywords],
    ['Creator', meta.creator],
    ['Producer', meta.producer],
  ];
  const entries = texts.flatMap(([key, text]) => (text === undefined ? [] : [`/${key} ${textString(text)}`]));
  if (meta.created !== undefined) entries.push(`/CreationDate ${dateString(meta.created)}`);
  return `<< ${entries.join(' ')} >>`;
}

/** A number as PDF takes it: no exponent, no more digits than a printer resolves. */
function decimal(value: number): string {
  return String(Number(value.toFixed(4)));
}

/** A page's sides in user-space units and the size of the unit: 1 except for pages longer than five metres. */
function pageSize({ width, rows, xDpi, yDpi }: CodedPage): { across: string; down: string; unit: string } {
  const across = (POINTS * width) / xDpi;
  const down = (POINTS * rows) / yDpi;
  const unit = Math.max(1, Math.ceil(Math.max(across, down) / MAX_SIDE));
  return {
    across: decimal(across / unit),
    down: decimal(down / unit),
    unit: unit === 1 ? '' : ` /UserUnit ${unit}`,
  };
}

/** A writer of one file. */
export function createPdfWriter(meta: PdfMeta = {}): PdfWriter {
  const offsets: number[] = [];
  let at = 0;
  let pages = 0;
  const put = (bytes: Uint8Array): Uint8Array => {
    at += bytes.length;
    return bytes;
  };
  const object = (number: number, body: string): Uint8Array => {
    offsets[number] = at;
    return put(ascii(`${number} 0 obj\n${body}\nendobj\n`));
  };
  const header = () => put(Uint8Array.from([...ascii('%PDF-1.6\n%'), 0xe2, 0xe3, 0xcf, 0xd3, 0x0a]));
  const image = (number: number, { width, rows, t6 }: CodedPage): Uint8Array[] => {
    offsets[number] = at;
    const parameters = `<< /K -1 /Columns ${width} /Rows ${rows} /BlackIs1 false >>`;
    const kind = `/Type /XObject /Subtype /Image /Width ${width} /Height ${rows} /ColorSpace /DeviceGray`;
    const coding = `/BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms ${parameters} /Length ${t6.length}`;
    return [
      put(ascii(`${number} 0 obj\n<< ${kind} ${coding} >>\nstream\n`)),
      put(t6),
      put(ascii('\nendstream\nendobj\n')),
    ];
  };
  return {
    page(page) {
      const chunks = pages === 0 ? [header()] : [];
      const first = FIRST_PAGE_OBJECT + OBJECTS_PER_PAGE * pages++;
      const { across, down, unit } = pageSize(page);
      const drawing = `q ${across} 0 0 ${down} 0 0 cm /Fax Do Q`;
      const resources = `<< /XObject << /Fax ${first + 2} 0 R >> >>`;
      const box = `/MediaBox [0 0 ${across} ${down}]${unit}`;
      chunks.push(
        object(
          first,
          `<< /Type /Page /Parent ${PAGE_TREE} 0 R ${box} /Resources ${resources} /Contents ${first + 1} 0 R >>`,
        ),
        object(first + 1, `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`),
        ...image(first + 2, page),
      );
      return chunks;
    },
    finish() {
      const chunks = pages === 0 ? [header()] : [];
      const kids = Array.from({ length: pages }, (_, n) => `${FIRST_PAGE_OBJECT + OBJECTS_PER_PAGE * n} 0 R`);
      chunks.push(
        object(PAGE_TREE, `<< /Type /Pages /Count ${pages} /Kids [${kids.join(' ')}] >>`),
        object(CATALOG, `<< /Type /Catalog /Pages ${PAGE_TREE} 0 R >>`),
        object(INFO, infoDictionary(meta)),
      );
      const startXref = at;
      const count = FIRST_PAGE_OBJECT + OBJECTS_PER_PAGE * pages;
      const rows = offsets.slice(1).map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
      chunks.push(put(ascii(`xref\n0 ${count}\n0000000000 65535 f \n${rows.join('')}`)));
      const trailer = `<< /Size ${count} /Root ${CATALOG} 0 R /Info ${INFO} 0 R >>`;
      chunks.push(put(ascii(`trailer\n${trailer}\nstartxref\n${startXref}\n%%EOF\n`)));
      return chunks;
    },
  };
}

/** A whole PDF as a stream of chunks; holds one page at a time. */
export function* pdfFromT6Pages(pages: Iterable<CodedPage>, meta: PdfMeta = {}): Generator<Uint8Array> {
  const writer = createPdfWriter(meta);
  for (const page of pages) yield* writer.page(page);
  yield* writer.finish();
}
