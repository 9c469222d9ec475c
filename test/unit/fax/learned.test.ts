import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LineReport } from '../../../gateway/fax/call-result.ts';
import type { Cause } from '../../../gateway/fax/cause.ts';
import {
  currentFacts,
  describeFacts,
  firstLine,
  type LearnedFacts,
  learn,
  quietAt,
  type TeachingCall,
  teaches,
} from '../../../gateway/fax/learned.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** 2026-01-05T09:30:00Z. */
const NOW = Date.UTC(2026, 0, 5, 9, 30);
const FIRST = { t38: true, maxRate: 33_600, ecm: true };

const LINE: LineReport = {
  rate: 14_400,
  modulation: 'V.17',
  compression: 'MMR',
  ecm: true,
  t38: true,
  retrains: 0,
  badRows: 0,
};

function call(
  cause: Cause,
  settings: Partial<TeachingCall['settings']> = {},
  line: LineReport | null = null,
  startedAt = NOW,
): TeachingCall {
  const result = { cause, pagesConfirmed: cause === 'ok' ? 1 : 0, line };
  return { settings: { ...FIRST, ...settings }, result, startedAt };
}

/** What is known after the calls, each a minute after the other. */
function after(calls: readonly TeachingCall[], facts: LearnedFacts = {}): LearnedFacts | null {
  let known: LearnedFacts | null = facts;
  for (const [index, one] of calls.entries()) known = learn(known ?? {}, one, NOW + index * 60_000);
  return known;
}

describe('what a call teaches', () => {
  const cases: readonly [string, TeachingCall, ReturnType<typeof teaches>][] = [
    ['a busy line: its hours', call('busy'), 'anything'],
    ['nobody answering: its hours', call('no_answer'), 'anything'],
    ['a delivery with the first settings: only what contradicts it', call('ok', {}, LINE), 'known'],
    ['a delivery at a low rate: the rate', call('ok', { maxRate: 9_600 }), 'anything'],
    ['a failure on the line: only what it refutes', call('training_failed'), 'known'],
    ['a fault of the carrier: nothing', call('carrier_unavailable'), 'nothing'],
    ['a number that does not exist: nothing', call('number_invalid'), 'nothing'],
    ['a call that was canceled: nothing', call('canceled'), 'nothing'],
  ];
  for (const [title, one, expected] of cases) test(title, () => assert.equal(teaches(one), expected));

  test('a call that teaches nothing changes nothing', () => {
    const known = { slow: { rate: 9_600, since: NOW, confirmedAt: NOW } };
    assert.deepEqual(learn(known, call('carrier_unavailable', { maxRate: 9_600 }), NOW), known);
    assert.equal(learn({}, call('ok', {}, LINE), NOW), null);
  });
});

describe('lessons', () => {
  const lesson = { since: NOW, confirmedAt: NOW };

  test('what got a fax through after the first settings had failed is where the next one begins', () => {
    for (const [settings, known] of [
      [{ t38: false }, { audio: lesson }],
      [{ maxRate: 9_600 }, { slow: { ...lesson, rate: 9_600 } }],
      [{ ecm: false }, { noEcm: lesson }],
      [
        { t38: false, maxRate: 9_600, ecm: false },
        { audio: lesson, slow: { ...lesson, rate: 9_600 }, noEcm: lesson },
      ],
    ] as const) {
      assert.deepEqual(learn({}, call('ok', settings), NOW), known);
      assert.deepEqual(firstLine(known, NOW), { ...FIRST, ...settings });
    }
  });

  test('a line that had to train down is begun at the rate that worked', () => {
    const known = learn({}, call('ok', {}, { ...LINE, rate: 7_200, retrains: 2 }), NOW);
    assert.equal(firstLine(known, NOW).maxRate, 7_200);
    assert.equal(learn({}, call('ok', {}, { ...LINE, rate: 12_000, retrains: 1 }), NOW), null);
  });

  test('a carrier that took T.38 or error correction all the same teaches nothing of them', () => {
    assert.equal(learn({}, call('ok', { t38: false, ecm: false }, LINE), NOW), null);
  });

  test('another delivery confirms a lesson and keeps when it was learned', () => {
    const later = NOW + DAY;
    const known = learn({ noEcm: lesson }, call('ok', { ecm: false }), later);
    assert.deepEqual(known, { noEcm: { since: NOW, confirmedAt: later } });
  });

  test('one failure of a lesson that was heeded unlearns it, and no other', () => {
    const known = { audio: lesson, slow: { ...lesson, rate: 9_600 }, noEcm: lesson };
    assert.deepEqual(learn(known, call('line_lost', { t38: false }), NOW), { slow: known.slow, noEcm: lesson });
    assert.deepEqual(learn(known, call('training_failed', { maxRate: 7_200 }), NOW), { audio: lesson, noEcm: lesson });
    assert.deepEqual(learn(known, call('page_rejected', { ecm: false }), NOW), { audio: lesson, slow: known.slow });
  });

  test('a failure of the first settings refutes no lesson', () => {
    const known = { audio: lesson, slow: { ...lesson, rate: 9_600 }, noEcm: lesson };
    assert.deepEqual(learn(known, call('training_failed'), NOW), known);
  });

  test('a delivery without it makes a lesson needless', () => {
    assert.equal(
      learn({ audio: lesson, slow: { ...lesson, rate: 9_600 }, noEcm: lesson }, call('ok', {}, LINE), NOW),
      null,
    );
  });

  test('a lesson is forgotten after 30 days without confirmation', () => {
    const known = { audio: lesson };
    assert.deepEqual(currentFacts(known, NOW + 30 * DAY - 1), known);
    assert.deepEqual(currentFacts(known, NOW + 30 * DAY), {});
    assert.deepEqual(firstLine(known, NOW + 30 * DAY), FIRST);
  });

  test('a lesson that every call confirms is put to the test after 90 days', () => {
    let known: LearnedFacts | null = {};
    let first = FIRST;
    let days = 0;
    do {
      known = learn(known ?? {}, call('ok', { maxRate: 9_600 }), NOW + days * DAY);
      days += 10;
      first = firstLine(known, NOW + days * DAY);
    } while (first.maxRate === 9_600);
    assert.equal(days, 90);
  });
});

describe('hours', () => {
  const at = (hour: number, minute = 0) => Date.UTC(2026, 0, 5, hour, minute);
  const missed = (times: number, hour = 9) => Array.from({ length: times }, () => call('busy', {}, null, at(hour)));
  const answered = (times: number, hour = 9) => Array.from({ length: times }, () => call('ok', {}, LINE, at(hour)));

  test('an hour is avoided after three missed calls, not after two', () => {
    assert.equal(quietAt(after(missed(2)), at(9, 40), at(23), NOW), at(9, 40));
    assert.equal(quietAt(after(missed(3)), at(9, 40), at(23), NOW), at(10));
  });

  test('an hour in which more than a third of the calls are answered is not avoided', () => {
    const known = after([...missed(4), ...answered(2)]);
    assert.equal(quietAt(known, at(9, 40), at(23), NOW), at(10));
    assert.equal(quietAt(after(answered(1), known ?? {}), at(9, 40), at(23), NOW), at(9, 40));
  });

  test('several bad hours in a row are all avoided, over midnight too', () => {
    const known = after([...missed(3, 22), ...missed(3, 23), ...missed(3, 0)]);
    assert.equal(quietAt(known, at(22, 10), at(22, 10) + DAY, NOW), at(24 + 1));
  });

  test('a call is not put off beyond the latest time, nor when every hour is bad', () => {
    assert.equal(quietAt(after(missed(3)), at(9, 40), at(10), NOW), at(10));
    assert.equal(quietAt(after(missed(3)), at(9, 40), at(10) - 1, NOW), at(9, 40));
    const all = after(Array.from({ length: 24 }, (_, hour) => missed(3, hour)).flat());
    assert.equal(quietAt(all, at(9, 40), at(9) + 2 * DAY, NOW), at(9, 40));
  });

  test('answered calls alone are not remembered', () => {
    assert.equal(after(answered(5)), null);
  });

  test('old calls weigh less than new ones: a habit may change', () => {
    const known = after([...missed(16), ...answered(9)]);
    assert.equal(quietAt(known, at(9, 40), at(23), NOW), at(9, 40));
  });

  test('an hour is forgotten 30 days after its last missed call', () => {
    const known = after(missed(3)) ?? {};
    const last = NOW + 2 * 60_000;
    assert.equal(quietAt(known, at(9, 40) + 29 * DAY, last + 40 * DAY, last + 30 * DAY - 1), at(10) + 29 * DAY);
    assert.equal(quietAt(known, at(9, 40) + 30 * DAY, last + 40 * DAY, last + 30 * DAY), at(9, 40) + 30 * DAY);
  });

  test('a carrier’s fault tells nothing of the hour', () => {
    const known = after(missed(3)) ?? {};
    assert.deepEqual(learn(known, call('carrier_refused', {}, null, at(9)), NOW), known);
  });
});

describe('facts in words', () => {
  test('a sentence for each, none for what is not known', () => {
    const lesson = { since: NOW, confirmedAt: NOW + DAY };
    const hours = { 9: { missed: 3, reached: 0, at: NOW }, 10: { missed: 1, reached: 0, at: NOW } };
    assert.deepEqual(describeFacts({ audio: lesson, slow: { ...lesson, rate: 7_200 }, noEcm: lesson, hours }, NOW), [
      'calls get through without T.38 (since 2026-01-05, last 2026-01-06)',
      'calls get through at 7200 bit/s (since 2026-01-05, last 2026-01-06)',
      'calls get through without error correction (since 2026-01-05, last 2026-01-06)',
      'busy or not answered in the hours from 09:00 UTC',
    ]);
    assert.deepEqual(describeFacts({}, NOW + HOUR), []);
  });
});
