import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PDFDocument } from 'pdf-lib';
import { type CoverForm, openCoverForm } from '../../../../gateway/imaging/cover/cover-form.ts';
import type { CoverText } from '../../../../gateway/imaging/cover/cover-text.ts';
import type { Bitmap } from '../../../../gateway/imaging/raster/bitmap.ts';
import { faxPages } from '../../../../ops/bench/pages.ts';
import { encryptedPdf } from '../../../scenarios/rendering/samples.ts';
import { CLINIC_FIELDS, clinicForm, type SampleField, scriptedForm, turnedForm, xfaForm } from './forms.ts';

const FACTS = { pages: 3, date: '2026-03-14', paper: { width: 210, height: 297 } };

const TEXT: CoverText = {
  template: 'letter',
  to: 'Dr Αλέξανδρος Hartwell',
  toCompany: 'Harbour Clinic',
  toNumber: '+12125550100',
  from: 'Ms Lindqvist',
  fromCompany: 'Nordkai Klinik für Orthopädie',
  subject: 'Befund вторник',
  note: 'As discussed.\nA second line.',
  confidentiality: 'For the person named above only.',
};

const refusal = (code: string) => ({ name: 'DocumentError', code });

/** A rectangle in points from the lower left corner. */
interface Area {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** Changed pixels between two pages of one size; null for none. */
function changes(before: Bitmap, after: Bitmap): Area | null {
  assert.deepEqual([before.width, before.rows], [after.width, after.rows]);
  let found: Area | null = null;
  for (let row = 0; row < after.rows; row++) {
    for (let byte = 0; byte < after.stride; byte++) {
      const at = row * after.stride + byte;
      if (before.data[at] === after.data[at]) continue;
      // A4 is 1687 pixels wide and stands in the middle of the 1728.
      const x = ((byte * 8 - 20.5) / 204) * 72;
      const y = 841.89 - (row / 196) * 72;
      const { left, right, bottom, top }: Area = found ?? { left: x, right: x, bottom: y, top: y };
      found = {
        left: Math.min(left, x),
        right: Math.max(right, x + 2.9),
        bottom: Math.min(bottom, y),
        top: Math.max(top, y),
      };
    }
  }
  return found;
}

async function drawn(form: CoverForm, text: CoverText): Promise<Bitmap> {
  const [page] = await faxPages(await form.fill(text, FACTS));
  assert.ok(page !== undefined);
  return page;
}

describe('a PDF form as cover', () => {
  test('is known by the names of its text fields, however an editor spells them', async () => {
    const form = await openCoverForm(await clinicForm());
    const names = ['to', 'from', 'company', 'pages', 'subject', 'note', 'date', 'confidentiality'];
    assert.deepEqual(form.fields, names);
    assert.deepEqual((await openCoverForm(await turnedForm())).fields, ['subject']);
  });

  test('is refused with its cause when it cannot be one', async () => {
    const none = await clinicForm([['surname', 100, 100, 200, 20]]);
    const long = await PDFDocument.load(await clinicForm());
    for (let page = 0; page < 3; page++) long.addPage();
    const cases: readonly [Uint8Array, string][] = [
      [none, 'form_fields'],
      [await scriptedForm(), 'form_script'],
      [await xfaForm(), 'form_xfa'],
      [encryptedPdf(), 'encrypted'],
      [await long.save(), 'too_many_pages'],
      [new TextEncoder().encode('%PDF-1.7\nnothing here'), 'damaged'],
      [new Uint8Array(0), 'damaged'],
    ];
    for (const [bytes, code] of cases) await assert.rejects(openCoverForm(bytes), refusal(code));
  });

  test('never does anything but open or be refused, wherever it is cut', async () => {
    const whole = await clinicForm();
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 60)) {
      await openCoverForm(whole.slice(0, length)).then(
        (form) => form.fill(TEXT, FACTS),
        (error: unknown) => assert.match(String(error), /^DocumentError: /),
      );
    }
  });

  test('fields that a form hides, or shows nowhere, are none of its fields', async () => {
    const pdf = await PDFDocument.load(await clinicForm());
    const [widget] = pdf.getForm().getTextField('To').acroField.getWidgets();
    widget?.setFlags(2);
    const [lost] = pdf.getForm().getTextField('note').acroField.getWidgets();
    lost?.setRectangle({ x: 10, y: 10, width: 0, height: 0 });
    const { fields } = await openCoverForm(await pdf.save());
    assert.ok(!fields.includes('to') && !fields.includes('note') && fields.includes('from'));
  });
});

describe('a filled form', async () => {
  const bytes = await clinicForm();
  const form = await openCoverForm(bytes);
  const [blank] = await faxPages(bytes);
  assert.ok(blank !== undefined);
  const field = (name: string): SampleField => {
    const found = CLINIC_FIELDS.find(([known]) => known === name);
    assert.ok(found !== undefined);
    return found;
  };
  const inside = (name: string, found: Area | null) => {
    const [, x, y, width, height] = field(name);
    assert.ok(found !== null, `${name} is empty`);
    // A byte of eight pixels is 2.8 points wide: that much is uncertain to both sides.
    assert.ok(found.left >= x - 3 && found.right <= x + width + 3, `${name} leaves its field sideways`);
    assert.ok(found.bottom >= y - 1 && found.top <= y + height + 1, `${name} leaves its field`);
  };

  test('shows each text in its own field and changes nothing else', async () => {
    const empty = await drawn(form, { template: 'letter' });
    const only: readonly [string, Partial<CoverText>][] = [
      ['To', { to: 'Dr Hartwell' }],
      ['cover.From', { from: 'Ms Lindqvist' }],
      ['form1[0].company[0]', { fromCompany: 'Nordkai Klinik' }],
      ['subject', { subject: 'Befund вторник' }],
      ['note', { note: 'As discussed.' }],
      ['CONFIDENTIALITY', { confidentiality: 'For you only.' }],
    ];
    for (const [name, text] of only) {
      inside(name, changes(empty, await drawn(form, { template: 'letter', ...text })));
    }
    const pages = await form.fill({ template: 'letter' }, { ...FACTS, pages: 104 });
    const [other] = await faxPages(pages);
    assert.ok(other !== undefined);
    inside('pages', changes(empty, other));
  });

  test('names the number where it is told no name', async () => {
    const empty = await drawn(form, { template: 'letter' });
    inside('To', changes(empty, await drawn(form, { template: 'letter', toNumber: '+12125550100' })));
  });

  test('sets long texts smaller or in several lines, and keeps them inside their fields', async () => {
    const empty = await drawn(form, { template: 'letter' });
    const subject = 'A subject that needs more than one line or smaller letters '.repeat(3).trim();
    inside('subject', changes(empty, await drawn(form, { template: 'letter', subject })));
    const note = 'A long sentence that goes on. '.repeat(130);
    inside('note', changes(empty, await drawn(form, { template: 'letter', note })));
    const to = 'W'.repeat(60);
    inside('To', changes(empty, await drawn(form, { template: 'letter', to })));
  });

  test('is refused rather than cut when a text does not fit', async () => {
    for (const text of [{ subject: 'W'.repeat(200) }, { note: `${'\n'.repeat(200)}x` }, { to: 'w '.repeat(300) }]) {
      await assert.rejects(form.fill({ template: 'letter', ...text }, FACTS), refusal('cover_overflow'));
    }
  });

  test('has page content in the place of its fields, so that small letters are warned of', async () => {
    const pdf = await PDFDocument.load(await form.fill(TEXT, FACTS));
    for (const name of ['To', 'note', 'subject']) {
      const [widget] = pdf.getForm().getTextField(name).acroField.getWidgets();
      assert.equal(widget?.hasFlag(2), true, `${name} is hidden`);
    }
  });

  test('can be read upright on a page that is turned', async () => {
    const turned = await openCoverForm(await turnedForm());
    const [page] = await faxPages(await turned.fill(TEXT, FACTS));
    const [plain] = await faxPages(await turned.fill({ template: 'letter' }, FACTS));
    assert.ok(page !== undefined && plain !== undefined);
    const black = { rows: new Set<number>(), columns: new Set<number>() };
    page.data.forEach((byte, at) => {
      if (byte === plain.data[at]) return;
      black.rows.add(Math.floor(at / page.stride));
      black.columns.add(at % page.stride);
    });
    assert.ok(black.columns.size * 8 > 5 * black.rows.size, 'a line of text is wider than it is high');
  });
});
