import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Capabilities, parseCapabilities } from '../../../../../carrier-adapters/sip-t38/t30/frames/dis.ts';
import { planFor, samePlan, termsOf } from '../../../../../carrier-adapters/sip-t38/t30/negotiation/plan.ts';
import type { PageGeometry } from '../../../../../carrier-adapters/sip-t38/t30/page-terms.ts';

const SMALLEST = parseCapabilities(Uint8Array.of(0, 0x40, 0));
const MODEM = { modulation: 'V.17', rate: 14_400 } as const;

const far = (can: Partial<Capabilities>): Capabilities => ({ ...SMALLEST, ...can });
const EVERYTHING = far({
  fine: true,
  superfine: true,
  dpi300: true,
  dpi400: true,
  twoDimensional: true,
  t6: true,
  ecm: true,
  width: 2432,
  length: 'unlimited',
});

const FINE: PageGeometry = { width: 1728, rows: 2_287, xDpi: 204, yDpi: 196 };
const STANDARD: PageGeometry = { width: 1728, rows: 1_143, xDpi: 204, yDpi: 98 };
const SUPERFINE: PageGeometry = { width: 1728, rows: 4_573, xDpi: 204, yDpi: 391 };
const DPI300: PageGeometry = { width: 2592, rows: 3_507, xDpi: 300, yDpi: 300 };
const DPI400: PageGeometry = { width: 3456, rows: 4_676, xDpi: 400, yDpi: 400 };
const R16: PageGeometry = { width: 3456, rows: 4_573, xDpi: 408, yDpi: 391 };

const size = (page: PageGeometry, can: Capabilities) => {
  const { xDpi, yDpi, width } = termsOf(planFor(page, can, true), MODEM);
  return `${xDpi}×${yDpi} ${width}`;
};

describe('resolution', () => {
  test('a page goes as it is where the far station can take it', () => {
    assert.equal(size(STANDARD, EVERYTHING), '204×98 1728');
    assert.equal(size(FINE, EVERYTHING), '204×196 1728');
    assert.equal(size(SUPERFINE, EVERYTHING), '204×391 1728');
    assert.equal(size(DPI300, EVERYTHING), '300×300 2592');
    assert.equal(size(DPI400, EVERYTHING), '400×400 3456');
    assert.equal(size(R16, EVERYTHING), '408×391 3456');
  });

  test('else it goes down to the finest one that the far station has', () => {
    assert.equal(size(FINE, far({})), '204×98 1728');
    assert.equal(size(SUPERFINE, far({ fine: true })), '204×196 1728');
    assert.equal(size(R16, far({ fine: true, superfine: true })), '204×391 1728');
    assert.equal(size(R16, far({ fine: true, dpi300: true })), '300×300 2592');
  });

  test('a page in inches stays in inches', () => {
    assert.equal(size(DPI300, far({ fine: true })), '200×200 1728');
    assert.equal(size(DPI400, far({})), '200×100 1728');
    assert.equal(size({ width: 1728, rows: 2_200, xDpi: 200, yDpi: 200 }, EVERYTHING), '200×200 1728');
  });

  test('no page becomes finer than it is', () => {
    assert.equal(size(STANDARD, far({ fine: true, superfine: true, dpi400: true })), '204×98 1728');
    assert.equal(size(FINE, far({ superfine: true, dpi300: true, dpi400: true })), '204×98 1728');
    assert.equal(size(DPI300, far({ dpi400: true, superfine: true, fine: true })), '200×200 1728');
  });

  test('a page that is coarser than all goes in the coarsest one', () => {
    assert.equal(size({ width: 864, rows: 1_100, xDpi: 102, yDpi: 98 }, EVERYTHING), '204×98 1728');
  });
});

describe('width and length', () => {
  test('a page goes in its own width where the far paper has it, else in that of the paper', () => {
    const b4: PageGeometry = { width: 2048, rows: 2_800, xDpi: 204, yDpi: 196 };
    const a3: PageGeometry = { width: 2432, rows: 3_234, xDpi: 204, yDpi: 196 };
    assert.equal(termsOf(planFor(b4, EVERYTHING, true), MODEM).width, 2048);
    assert.equal(termsOf(planFor(a3, EVERYTHING, true), MODEM).width, 2432);
    assert.equal(termsOf(planFor(a3, far({ fine: true, width: 2048 }), true), MODEM).width, 2048);
    assert.equal(termsOf(planFor(b4, far({ fine: true }), true), MODEM).width, 1728);
    assert.equal(termsOf(planFor({ ...DPI300, width: 3648 }, EVERYTHING, true), MODEM).width, 3648);
  });

  test('a page that is wider than all paper goes in the widest', () => {
    assert.equal(termsOf(planFor({ ...FINE, width: 4_000 }, EVERYTHING, true), MODEM).width, 2432);
  });

  test('the shortest paper that takes the page is commanded', () => {
    assert.equal(planFor(FINE, EVERYTHING, true).length, 'A4');
    assert.equal(planFor({ ...FINE, rows: 2_745 }, EVERYTHING, true).length, 'unlimited');
    assert.equal(planFor({ ...FINE, rows: 2_745 }, far({ fine: true, length: 'B4' }), true).length, 'B4');
    assert.equal(planFor({ ...FINE, rows: 20_000 }, EVERYTHING, true).length, 'unlimited');
  });

  test('a page that is too long for all of it is told how many rows there are', () => {
    const long = { ...FINE, rows: 5_000 };
    assert.equal(termsOf(planFor(long, far({ fine: true }), true), MODEM).maxRows, 2_310);
    assert.equal(termsOf(planFor(long, far({ fine: true, length: 'B4' }), true), MODEM).maxRows, 2_825);
    assert.equal(termsOf(planFor(long, far({}), true), MODEM).maxRows, 1_155);
    assert.equal(termsOf(planFor(long, EVERYTHING, true), MODEM).maxRows, null);
  });

  test('a page of A3 that is made narrower is made shorter with it', () => {
    const a3: PageGeometry = { width: 2432, rows: 3_234, xDpi: 204, yDpi: 196 };
    assert.equal(planFor(a3, far({ fine: true }), true).length, 'A4');
  });

  test('every page of A4 fits A4: the rows of 297 mm at each resolution are within its terms', () => {
    for (const page of [STANDARD, FINE, SUPERFINE, DPI300, DPI400, R16]) {
      const { maxRows } = termsOf(planFor(page, EVERYTHING, true), MODEM);
      assert.ok(maxRows !== null && page.rows <= maxRows, `${page.xDpi}: ${page.rows} and ${maxRows}`);
    }
  });
});

describe('compression, error correction and scan line time', () => {
  const compression = (can: Partial<Capabilities>, ecm: boolean) => planFor(FINE, far(can), ecm).compression;

  test('MMR with error correction only, then MR, then MH', () => {
    assert.equal(compression({ ecm: true, t6: true, twoDimensional: true }, true), 'MMR');
    assert.equal(compression({ ecm: true, t6: true, twoDimensional: true }, false), 'MR');
    assert.equal(compression({ ecm: true, twoDimensional: true }, true), 'MR');
    assert.equal(compression({ ecm: false, t6: true, twoDimensional: false }, true), 'MH');
    assert.equal(compression({}, true), 'MH');
  });

  test('error correction takes both stations', () => {
    assert.equal(planFor(FINE, far({ ecm: true }), true).ecm, true);
    assert.equal(planFor(FINE, far({ ecm: true }), false).ecm, false);
    assert.equal(planFor(FINE, far({ ecm: false }), true).ecm, false);
  });

  test('frames of 64 octets where the far station prefers them', () => {
    assert.equal(planFor(FINE, far({ ecm: true, prefers64: true }), true).frameSize, 64);
    assert.equal(planFor(FINE, far({ ecm: true }), true).frameSize, 256);
  });

  test('the scan line time of the resolution that is used; none with error correction', () => {
    const scanTimes = { standard: 40, fine: 20, superfine: 10 } as const;
    assert.equal(planFor(STANDARD, far({ scanTimes }), false).scanTime, 40);
    assert.equal(planFor(FINE, far({ scanTimes, fine: true }), false).scanTime, 20);
    assert.equal(planFor(SUPERFINE, far({ scanTimes, fine: true, superfine: true }), false).scanTime, 10);
    assert.equal(planFor(STANDARD, far({ scanTimes, ecm: true }), true).scanTime, 0);
  });

  test('pages of different terms cannot follow one DCS; the rate does not matter to that', () => {
    const plan = planFor(FINE, EVERYTHING, true);
    assert.equal(samePlan(plan, planFor({ ...FINE, rows: 1_000 }, EVERYTHING, true)), true);
    for (const other of [STANDARD, SUPERFINE, { ...FINE, width: 2048 }, { ...FINE, rows: 4_000 }])
      assert.equal(samePlan(plan, planFor(other, EVERYTHING, true)), false);
  });
});
