import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PAPERS } from '../../../../gateway/imaging/documents/document.ts';
import { openText } from '../../../../gateway/imaging/text/text-document.ts';

const TARGET = { xDpi: 204, yDpi: 98, paper: PAPERS.a4, maxPages: 3 };

/** Warnings and ink of the pages that `text` becomes; `ink` counts dark pixels. */
async function pagesOf(text: string): Promise<{ warnings: string[]; ink: number }[]> {
  const document = await openText(new TextEncoder().encode(text), TARGET);
  const pages = [];
  for (const [index, { width, rows }] of document.sizes.entries()) {
    const [across, down] = [Math.round(width), Math.round(rows)];
    const frame = { width: across, rows: down, left: 0, top: 0, drawWidth: across, drawRows: down };
    const picture = await document.draw(index, frame);
    assert.ok(picture.kind === 'grey');
    pages.push({ warnings: picture.warnings, ink: picture.grey.data.filter((level) => level < 128).length });
  }
  document.close();
  return pages;
}

describe('scripts that plain text is set in', () => {
  for (const [script, text] of [
    ['Latin', 'Zażółć gęślą jaźń, Ærøskøbing, İstanbul, Việt Nam'],
    ['Greek', 'Ωμέγα και άλφα'],
    ['Cyrillic', 'Привет, Їжак, Ђорђе'],
    ['Armenian', 'Բարեւ ձեզ'],
    ['Georgian', 'გამარჯობა'],
    ['signs', '€ № § → ≤ ½ “quoted” – ─ ☎'],
  ] as const) {
    test(`${script}: ink, and no warning`, async () => {
      const [page] = await pagesOf(text);
      assert.deepEqual(page?.warnings, []);
      assert.ok((page?.ink ?? 0) > 100);
    });
  }

  for (const [script, text, code] of [
    ['Chinese', '漢字', 'U+6F22'],
    ['Japanese', 'ひらがな', 'U+3072'],
    ['Korean', '한국어', 'U+D55C'],
    ['Hebrew', 'שלום', 'U+05E9'],
    ['Arabic, whose letters the font has but plain text does not shape', 'سلام', 'U+0633'],
    ['Thai', 'สวัสดี', 'U+0E2A'],
    ['Lao', 'ສະບາຍດີ', 'U+0EAA'],
    ['Hindi', 'नमस्ते', 'U+0928'],
  ] as const) {
    test(`${script}: refused, with the place`, async () => {
      await assert.rejects(pagesOf(`first line\n${text}`), (error) => {
        assert.ok(error instanceof Error);
        assert.ok(error.message.includes(`(${code} in line 2)`), error.message);
        return true;
      });
    });
  }

  test('a sign that the font lacks is spelled out, and its page alone has a warning', async () => {
    const [first, second] = await pagesOf('plain\fthumb \u{1F44D}\u{1F3FD} up');
    const [spelled] = await pagesOf('thumb [U+1F44D][U+1F3FD] up');
    assert.deepEqual(first?.warnings, []);
    assert.deepEqual(second?.warnings, ['characters that the font lacks']);
    assert.equal(second?.ink, spelled?.ink);
  });

  test('what prints nothing is left out without a warning', async () => {
    const [joined] = await pagesOf('\uFEFFco\u00ADoperate\u200B');
    assert.deepEqual(joined?.warnings, []);
  });
});
