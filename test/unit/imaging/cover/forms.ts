import { degrees, PDFDocument, PDFName, PDFString, rgb, StandardFonts, TextAlignment } from 'pdf-lib';

/** A field of a sample form: name, lower left corner and size in points. */
export type SampleField = readonly [name: string, x: number, y: number, width: number, height: number];

/** The fields of {@link clinicForm}: what a cover knows, spelled as form editors spell it, and one that it does not know. */
export const CLINIC_FIELDS: readonly SampleField[] = [
  ['To', 120, 640, 200, 20],
  ['cover.From', 120, 610, 200, 20],
  ['form1[0].company[0]', 360, 760, 190, 24],
  ['pages', 450, 640, 60, 20],
  ['date', 450, 610, 100, 20],
  ['subject', 120, 580, 430, 20],
  ['note', 60, 200, 490, 350],
  ['CONFIDENTIALITY', 60, 60, 490, 60],
  ['reception only', 350, 160, 200, 20],
];

/** A form as a clinic might draw it: letterhead, a logo, labelled fields with borders, a check box and a push button. */
export async function clinicForm(fields: readonly SampleField[] = CLINIC_FIELDS): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const bold = await pdf.embedFont(StandardFonts.HelveticaBold);
  const page = pdf.addPage([595.28, 841.89]);
  page.drawRectangle({ x: 60, y: 750, width: 44, height: 44, color: rgb(0, 0, 0) });
  page.drawText('Riverside Clinic', { x: 116, y: 764, size: 20, font: bold });
  page.drawText('FAX', { x: 60, y: 690, size: 40, font: bold });
  const form = pdf.getForm();
  for (const [name, x, y, width, height] of fields) {
    const field = form.createTextField(name);
    if (height > 40) field.enableMultiline();
    if (name === 'pages') field.setAlignment(TextAlignment.Right);
    field.addToPage(page, {
      x,
      y,
      width,
      height,
      borderWidth: 1,
      borderColor: rgb(0, 0, 0),
      backgroundColor: rgb(1, 1, 1),
    });
    field.setFontSize(11);
    if (height <= 40) page.drawText(name.slice(0, 9), { x: Math.max(20, x - 55), y: y + 6, size: 9 });
  }
  form.createCheckBox('urgent').addToPage(page, { x: 60, y: 160, width: 14, height: 14 });
  form.createButton('logo').addToPage('logo', page, { x: 500, y: 800, width: 50, height: 20 });
  return pdf.save();
}

/** A form with one field on a page that is turned, the field turned back so that it can be read. */
export async function turnedForm(): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const page = pdf.addPage([595.28, 841.89]);
  page.setRotation(degrees(90));
  const field = pdf.getForm().createTextField('subject');
  field.addToPage(page, { x: 120, y: 100, width: 400, height: 20, rotate: degrees(90) });
  return pdf.save();
}

/** A form with a script that runs when it is opened. */
export async function scriptedForm(): Promise<Uint8Array> {
  const pdf = await PDFDocument.load(await clinicForm());
  const action = pdf.context.obj({ S: 'JavaScript', JS: PDFString.of('app.alert(1)') });
  pdf.catalog.set(PDFName.of('OpenAction'), action);
  return pdf.save();
}

/** A form whose fields exist as XFA only. */
export async function xfaForm(): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.addPage();
  pdf.catalog.set(PDFName.of('AcroForm'), pdf.context.obj({ XFA: PDFString.of('<xdp/>'), Fields: [] }));
  return pdf.save();
}
