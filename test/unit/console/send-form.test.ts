import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  EMPTY_FORM,
  type FaxForm,
  MOST_OCTETS,
  missing,
  moved,
  numberOf,
  requestOf,
} from '../../../api/console/send-form.ts';

const LETTER = new File(['a letter'], 'letter.pdf');
const FORM: FaxForm = { ...EMPTY_FORM, account: 'acc_1', to: '+49 30 123', documents: [LETTER] };

describe('the form of a fax to send', () => {
  test('says what is still missing, one thing after the other', () => {
    assert.match(missing(EMPTY_FORM), /account/);
    assert.match(missing({ ...EMPTY_FORM, account: 'acc_1' }), /number/);
    assert.match(missing({ ...FORM, documents: [] }), /document, or a cover/);
    assert.equal(missing({ ...FORM, documents: [], cover: 'letter' }), '');
    assert.equal(missing(FORM), '');
    const large = { name: 'large.tif', size: MOST_OCTETS } as File;
    assert.match(missing({ ...FORM, documents: [large, LETTER] }), /64 MiB/);
  });

  test('takes numbers as people write them', () => {
    for (const typed of ['+49 (30) 12-34', '0049 30/12.34', '+49301234']) assert.equal(numberOf(typed), '+49301234');
    assert.equal(numberOf('030 1234'), '0301234', 'whose country only the gateway could guess');
  });

  test('moves documents, and nothing beyond either end', () => {
    const order = ['a', 'b', 'c'];
    assert.deepEqual(moved(order, 2, -1), ['a', 'c', 'b']);
    assert.deepEqual(moved(order, 0, 1), ['b', 'a', 'c']);
    assert.equal(moved(order, 0, -1), order);
    assert.equal(moved(order, 2, 1), order);
    assert.equal(moved(order, 7, 1), order);
  });

  test('asks for nothing that was left empty', () => {
    const { documents, ...asked } = requestOf(FORM, true);
    assert.deepEqual(documents, [LETTER]);
    const usual = { resolution: 'fine', halftone: 'auto', contrast: 0, paper: 'a4' };
    assert.deepEqual(asked, { to: '+4930123', ...usual, review: true });
    assert.equal('review' in requestOf(FORM, false), false);
  });

  test('asks for everything that was filled in', () => {
    const coverText = { ...EMPTY_FORM.coverText, subject: 'Results' };
    const given = { from: '+49301', header: false, senderName: ' Dr A ', cover: 'letter', coverText };
    assert.partialDeepStrictEqual(requestOf({ ...FORM, ...given, scheduledAt: '2026-12-01T08:30' }, false), {
      ...{ from: '+49301', header: 'none', senderName: 'Dr A', cover: { template: 'letter', subject: 'Results' } },
      scheduledAt: new Date('2026-12-01T08:30').toISOString(),
    });
  });
});
