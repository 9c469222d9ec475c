import { PDFArray, PDFDict, PDFDocument, PDFName, type PDFPage, PDFTextField } from 'pdf-lib';
import { DocumentError } from '../documents/error.ts';
import { embedFace } from '../text/fonts.ts';
import { type CoverFacts, type CoverText, drawableTexts, nameAndCompany } from './cover-text.ts';
import { drawField, type FieldPlace, isShown } from './form-field.ts';
import { hasScripts } from './form-scripts.ts';

/** Text fields that a form may have, by name. Letter case does not matter, nor what stands before the last point. */
export const COVER_FIELDS = [
  'to',
  'toNumber',
  'from',
  'fromNumber',
  'company',
  'pages',
  'subject',
  'note',
  'date',
  'confidentiality',
] as const;
export type CoverField = (typeof COVER_FIELDS)[number];

/** Bounds of a form; they hold before anything of it is used. */
export const FORM_LIMITS = {
  bytes: 2 * 1024 * 1024,
  pages: 3,
} as const;

/** A PDF form that can be a cover. */
export interface CoverForm {
  /** Its bytes as they came. */
  readonly blank: Uint8Array;
  /** The known fields that it shows, in the order of {@link COVER_FIELDS}. */
  readonly fields: readonly CoverField[];
  /**
   * The form with its fields drawn as page content, as PDF. Fields of other names, buttons and pictures stay as drawn.
   * @throws {DocumentError} `cover_overflow` when a text does not fit its field, `damaged`
   */
  fill(text: CoverText, facts: CoverFacts): Promise<Uint8Array>;
}

/**
 * Reads a PDF form and checks that it can be a cover.
 * @throws {DocumentError} `encrypted`, `damaged`, `too_many_pages`, `form_script`, `form_xfa`, `form_fields`
 */
export async function openCoverForm(bytes: Uint8Array): Promise<CoverForm> {
  const pdf = await load(bytes);
  const pages = orDamaged(() => pdf.getPageCount());
  if (pages > FORM_LIMITS.pages) {
    throw new DocumentError(
      'too_many_pages',
      `A cover form has at most ${FORM_LIMITS.pages} pages; this one has ${pages}.`,
    );
  }
  if (orDamaged(() => hasScripts(pdf))) {
    throw new DocumentError('form_script', 'The form has scripts; save it without them.');
  }
  const xfa = orDamaged(() => formOf(pdf)?.has(XFA) === true);
  const found = new Set(orDamaged(() => placesOf(pdf)).map(([name]) => name));
  if (found.size === 0) throw noFields(xfa);
  return {
    blank: bytes,
    fields: COVER_FIELDS.filter((name) => found.has(name)),
    fill: (text, facts) => fill(bytes, text, facts),
  };
}

async function load(bytes: Uint8Array): Promise<PDFDocument> {
  const pdf = await PDFDocument.load(bytes, { updateMetadata: false, ignoreEncryption: true }).catch(() => {
    throw damaged();
  });
  if (pdf.isEncrypted) throw new DocumentError('encrypted', 'The form is protected or encrypted.');
  return pdf;
}

/** The typesetter throws whatever it stumbles over; to the sender that is one thing. */
function orDamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof DocumentError ? error : damaged();
  }
}

function damaged(): DocumentError {
  return new DocumentError('damaged', 'The form is damaged or is no PDF.');
}

function noFields(xfa: boolean): DocumentError {
  if (xfa) return new DocumentError('form_xfa', 'The form exists as XFA only; save it as an AcroForm.');
  return new DocumentError('form_fields', `The form has no text field named ${COVER_FIELDS.join(', ')}.`);
}

const ACRO_FORM = PDFName.of('AcroForm');
const XFA = PDFName.of('XFA');

function formOf(pdf: PDFDocument): PDFDict | undefined {
  return pdf.catalog.lookupMaybe(ACRO_FORM, PDFDict);
}

/** Where the known fields are shown. */
function placesOf(pdf: PDFDocument): [CoverField, FieldPlace][] {
  const form = formOf(pdf);
  if (form === undefined) return [];
  // A form that is an AcroForm too is read as that one, as every printer does.
  if (form.get(PDFName.of('Fields')) !== undefined) form.delete(XFA);
  const pages = pagesOfWidgets(pdf);
  return pdf
    .getForm()
    .getFields()
    .flatMap((field): [CoverField, FieldPlace][] => {
      const name = knownName(field.getName());
      if (name === undefined || !(field instanceof PDFTextField)) return [];
      return field.acroField.getWidgets().flatMap((widget): [CoverField, FieldPlace][] => {
        const page = pages.get(widget.dict);
        return page === undefined || !isShown(widget) ? [] : [[name, { page, field, widget }]];
      });
    });
}

/** `form1[0].Page1[0].To[0]` → `to`. */
function knownName(fullName: string): CoverField | undefined {
  const last = fullName.slice(fullName.lastIndexOf('.') + 1).replace(/\[\d+\]$/, '');
  return COVER_FIELDS.find((name) => name.toLowerCase() === last.toLowerCase());
}

function pagesOfWidgets(pdf: PDFDocument): Map<PDFDict, PDFPage> {
  const pages = new Map<PDFDict, PDFPage>();
  for (const page of pdf.getPages()) {
    const annotations = page.node.lookupMaybe(PDFName.of('Annots'), PDFArray);
    for (let index = 0; index < (annotations?.size() ?? 0); index++) {
      const annotation = annotations?.lookup(index);
      if (annotation instanceof PDFDict) pages.set(annotation, page);
    }
  }
  return pages;
}

async function fill(bytes: Uint8Array, text: CoverText, facts: CoverFacts): Promise<Uint8Array> {
  const pdf = await load(bytes);
  const font = await embedFace(pdf, 'sans');
  const values = valuesOf(text, facts, new Set(font.getCharacterSet()));
  orDamaged(() => {
    for (const [name, place] of placesOf(pdf)) drawField(place, name, values[name], font);
  });
  try {
    return await pdf.save({ useObjectStreams: false, updateFieldAppearances: false });
  } catch {
    throw damaged();
  }
}

/** What stands in each field. Where nobody is named, the number is. */
function valuesOf(text: CoverText, facts: CoverFacts, covered: ReadonlySet<number>): Record<CoverField, string> {
  const { to, toCompany, toNumber = '', from, fromCompany, fromNumber = '', ...texts } = drawableTexts(text, covered);
  return {
    to: nameAndCompany(to, toCompany) || toNumber,
    toNumber,
    from: from ?? fromNumber,
    fromNumber,
    company: fromCompany ?? '',
    pages: String(facts.pages),
    subject: texts.subject ?? '',
    note: texts.note ?? '',
    date: facts.date,
    confidentiality: texts.confidentiality ?? '',
  };
}
