import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { csvCell } from '../../../api/views/cdr-view.ts';

describe('a cell of a CSV report', () => {
  test('is never a formula', () => {
    assert.equal(csvCell('=1+1'), `"'=1+1"`);
    assert.equal(csvCell('+cmd|x'), `"'+cmd|x"`);
    assert.equal(csvCell('-2+3'), `"'-2+3"`);
    assert.equal(csvCell('@SUM(A1)'), `"'@SUM(A1)"`);
    assert.equal(csvCell('\tx'), `"'\tx"`);
    assert.equal(csvCell('\r=x'), `"'\r=x"`);
  });

  test('keeps international numbers, counts and switches as they are', () => {
    assert.equal(csvCell('+49301234567'), '+49301234567');
    assert.equal(csvCell(-5), '-5');
    assert.equal(csvCell(true), 'true');
    assert.equal(csvCell(null), '');
    assert.equal(csvCell(undefined), '');
  });

  test('is quoted where RFC 4180 §2 says so', () => {
    assert.equal(csvCell('a,b'), '"a,b"');
    assert.equal(csvCell('a "b"'), '"a ""b"""');
    assert.equal(csvCell('a\nb'), '"a\nb"');
  });
});
