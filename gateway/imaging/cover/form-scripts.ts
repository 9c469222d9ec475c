import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject, PDFStream } from 'pdf-lib';

const JS = PDFName.of('JS');
const S = PDFName.of('S');
const JAVASCRIPT = PDFName.of('JavaScript');

/** Whether any object of a PDF, reachable or not, is a script or starts one (ISO 32000-2 §12.6.4.17). */
export function hasScripts(pdf: PDFDocument): boolean {
  const open = pdf.context.enumerateIndirectObjects().map(([, object]) => object);
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    const dict = dictOf(object);
    if (dict?.has(JS) === true || dict?.get(S) === JAVASCRIPT) return true;
    // References lead to objects that are in the list already.
    open.push(...(dict?.values() ?? (object instanceof PDFArray ? object.asArray() : [])));
  }
  return false;
}

function dictOf(object: PDFObject): PDFDict | undefined {
  if (object instanceof PDFStream) return object.dict;
  return object instanceof PDFDict ? object : undefined;
}
