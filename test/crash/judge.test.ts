// Every kind of fault that the judge is to find, made on purpose.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Evidence, isSound, judge, type Outcome } from './judge.ts';
import type { SeenCall } from './line-log.ts';
import { markedPage } from './marked-page.ts';
import { createRandom } from './random.ts';

const TO = '+15550100000';
const random = createRandom(1);
const paper = (page: number, to = TO) => ({ to, t6: markedPage({ fax: 0, page }, 4, random).t6, confirmed: true });
const call = (sheets: SeenCall['sheets'], cutInsidePage = false): SeenCall => ({ to: TO, sheets, cutInsidePage });
const cutOff = { ...paper(2), confirmed: false };

function evidence(outcome: Partial<Outcome>, calls: readonly SeenCall[], rest: Partial<Evidence> = {}): Evidence {
  const delivered = { fax: 0, to: TO, pages: 2, state: 'delivered', wiped: true };
  return { outcomes: [{ ...delivered, ...outcome }], calls, own: new Set(), received: [], orphans: [], ...rest };
}

const both = [call([paper(1), paper(2)])];

describe('the judge', () => {
  test('finds nothing in a fax that is on paper once', () => {
    assert.ok(isSound(judge(evidence({}, both))));
    assert.ok(isSound(judge(evidence({}, [call([paper(1)]), call([paper(2)])]))));
  });

  test('counts a page that was cut off behind its first block as printed', () => {
    const verdict = judge(evidence({}, [call([paper(1), cutOff], true), call([paper(2)])]));
    assert.deepEqual(verdict.twice, ['fax 0 page 2']);
  });

  test('takes an uncertain fax only for a call that was cut inside a page', () => {
    const state = 'uncertain';
    assert.ok(isSound(judge(evidence({ state }, [call([paper(1), cutOff], true)]))));
    const verdict = judge(evidence({ state }, [call([paper(1)])]));
    assert.deepEqual(verdict.needlesslyUncertain, ['fax 0']);
    assert.ok(!isSound(verdict));
  });

  test('finds a fax that is delivered without all its pages', () => {
    const verdict = judge(evidence({}, [call([paper(1)])]));
    assert.deepEqual(verdict.falselyDelivered, ['fax 0 page 2']);
    assert.deepEqual(judge(evidence({}, [call([paper(1), cutOff])])).falselyDelivered, ['fax 0 page 2']);
  });

  test('finds faxes that are missing, unfinished, failed or not wiped', () => {
    for (const lost of [{ state: 'missing' }, { state: 'sending' }, { state: 'failed' }, { wiped: false }]) {
      assert.equal(judge(evidence(lost, both)).lost.length, 1, JSON.stringify(lost));
    }
  });

  test('finds paper that nobody can read, or at the wrong number', () => {
    const blank = { to: TO, t6: new Uint8Array(40), confirmed: true };
    assert.equal(judge(evidence({}, [...both, call([blank])])).strange.length, 1);
    assert.equal(judge(evidence({}, [call([paper(1), paper(2, '+15550100001')])])).strange.length, 1);
  });

  test('of numbers of the gateway itself counts what was received, not what passed the line', () => {
    const own = new Set([TO]);
    const t6 = both.flatMap(({ sheets }) => sheets.map((sheet) => sheet.t6));
    assert.ok(isSound(judge(evidence({}, both, { own, received: [{ to: TO, pages: t6 }] }))));
    assert.equal(judge(evidence({}, both, { own })).falselyDelivered.length, 2);
    const doubled = [{ to: TO, pages: [...t6, ...t6] }];
    assert.equal(judge(evidence({}, both, { own, received: doubled })).twice.length, 2);
  });

  test('does not overlook what is left behind', () => {
    assert.ok(!isSound(judge(evidence({}, both, { orphans: ['blob page-1.sfv'] }))));
  });
});
