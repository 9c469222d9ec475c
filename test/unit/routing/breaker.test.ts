import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phaseAt } from '../../../gateway/fax/breaker.ts';
import { CAUSES, type Cause } from '../../../gateway/fax/cause.ts';
import type { Breaker, CarrierEvidence } from '../../../gateway/ports/carrier-health.ts';
import {
  BREAKER_SETTINGS,
  type BreakerSettings,
  closedAgain,
  nextBreaker,
  VERDICTS,
} from '../../../gateway/routing/breaker.ts';

const NOW = 1_000_000_000;
const { rest: REST, longestRest: LONGEST, relapse: RELAPSE, unwell: UNWELL } = BREAKER_SETTINGS;

const breaker = (change: Partial<Breaker> = {}): Breaker => ({
  carrier: 'alpha',
  phase: 'closed',
  since: 0,
  until: null,
  rest: 0,
  reason: '',
  version: 1,
  ...change,
});

const evidence = (change: Partial<CarrierEvidence> = {}): CarrierEvidence => ({
  carrier: 'alpha',
  breaker: breaker(),
  good: 0,
  faults: 0,
  inRow: 0,
  accounts: 1,
  failing: 1,
  lastGoodAt: null,
  lastFault: null,
  ...change,
});

const onTrial = (change: Partial<CarrierEvidence> = {}, rest = REST) =>
  evidence({ breaker: breaker({ phase: 'open', since: NOW - rest - 1, until: NOW - 1, rest }), ...change });

const decide = (
  seen: CarrierEvidence,
  complaint: Parameters<typeof nextBreaker>[1] = null,
  settings: Partial<BreakerSettings> = {},
) => nextBreaker(seen, complaint, { ...BREAKER_SETTINGS, ...settings }, NOW);

describe('the phase of a breaker', () => {
  test('an open breaker is on trial from the end of its rest on, to the millisecond', () => {
    assert.equal(phaseAt({ phase: 'open', until: NOW }, NOW - 1), 'open');
    assert.equal(phaseAt({ phase: 'open', until: NOW }, NOW), 'trial');
    assert.equal(phaseAt({ phase: 'closed', until: null }, NOW), 'closed');
  });
});

describe('a closed breaker', () => {
  const refused = { cause: 'carrier_unavailable', detail: 'SIP 503' } as const;
  const cases: readonly [string, Partial<CarrierEvidence>, boolean][] = [
    ['stays closed without calls', {}, false],
    ['stays closed over four faxes in a row that the carrier failed', { faults: 4, inRow: 4 }, false],
    ['opens over the fifth', { faults: 5, inRow: 5 }, true],
    ['stays closed when one fax failed five times', { faults: 5, inRow: 1 }, false],
    ['stays closed over nine faults of nineteen calls', { good: 10, faults: 9, inRow: 1 }, false],
    ['opens when half of twenty calls failed, not in a row', { good: 10, faults: 10, inRow: 1 }, true],
    ['stays closed when one of several accounts is refused', { faults: 50, inRow: 50, accounts: 2 }, false],
    ['opens when two of them are', { faults: 5, inRow: 5, accounts: 9, failing: 2 }, true],
    ['stays closed when less than half of many failed', { good: 501, faults: 499, inRow: 1 }, false],
  ];
  for (const [title, seen, opens] of cases) {
    test(title, () => {
      const next = decide(evidence({ ...seen, lastFault: refused }));
      assert.equal(next?.phase, opens ? 'open' : undefined);
      if (!opens) return;
      assert.equal(next?.until, NOW + REST);
      assert.match(next?.reason ?? '', /: carrier_unavailable, SIP 503$/);
    });
  }

  test('never opens where breakers are switched off, and one that is open is closed', () => {
    assert.equal(decide(evidence({ faults: 50, inRow: 50 }), null, { faults: 0 }), undefined);
    assert.equal(decide(onTrial({ faults: 1, inRow: 1 }), null, { faults: 0 })?.phase, 'closed');
  });

  test('opens for a carrier that has long said that it does not work', () => {
    const said = { lasting: UNWELL, detail: 'no trunk is registered' };
    assert.equal(decide(evidence(), { ...said, lasting: UNWELL - 1 }), undefined);
    const next = decide(evidence(), said);
    assert.equal(next?.phase, 'open');
    assert.match(next?.reason ?? '', /no trunk is registered/);
  });

  test('believes a call that went through more than what the carrier says', () => {
    const said = { lasting: UNWELL, detail: 'no trunk is registered' };
    assert.equal(decide(evidence({ good: 1, lastGoodAt: NOW - UNWELL }), said), undefined);
    assert.equal(decide(evidence({ good: 1, lastGoodAt: NOW - UNWELL - 1 }), said)?.phase, 'open');
  });

  test('that opens again soon rests twice as long as before, and later as the first time', () => {
    const again = (since: number) =>
      decide(evidence({ faults: 5, inRow: 5, breaker: breaker({ since, rest: 4 * REST }) }))?.rest;
    assert.equal(again(NOW - RELAPSE + 1), 8 * REST);
    assert.equal(again(NOW - RELAPSE), REST);
  });

  test('that somebody closed by hand has forgotten its rest', () => {
    const { rest } = closedAgain('the trunk was replaced');
    assert.equal(decide(evidence({ faults: 5, inRow: 5, breaker: breaker({ since: NOW - 1, rest }) }))?.rest, REST);
  });
});

describe('an open breaker', () => {
  test('rests until its time, whatever calls that began before have come to', () => {
    const open = breaker({ phase: 'open', since: NOW - 1, until: NOW + 1, rest: REST });
    assert.equal(decide(evidence({ breaker: open, good: 3, faults: 9, inRow: 9 })), undefined);
  });

  test('waits on trial for the verdict of a call', () => {
    assert.equal(decide(onTrial()), undefined);
  });

  test('closes when the trial call went through, and remembers its rest', () => {
    const next = decide(onTrial({ good: 1 }, 4 * REST));
    assert.deepEqual(next, { phase: 'closed', until: null, rest: 4 * REST, reason: 'the trial call went through' });
  });

  test('closes when the last of several trial calls went through', () => {
    assert.equal(decide(onTrial({ good: 1, faults: 1, inRow: 0 }))?.phase, 'closed');
  });

  test('rests twice as long after each trial that failed, and never longer than the longest rest', () => {
    const rests: number[] = [];
    for (let rest = REST; rests.length < 9; ) {
      const next = decide(onTrial({ faults: 1, inRow: 1 }, rest));
      assert.ok(next?.phase === 'open' && next.until === NOW + next.rest);
      rest = next.rest;
      rests.push(rest / 1_000);
    }
    assert.deepEqual(rests, [60, 120, 240, 480, 960, 1_800, 1_800, 1_800, 1_800]);
    assert.equal(LONGEST, 1_800_000);
  });
});

describe('verdicts', () => {
  test('no cause speaks both for and against a carrier', () => {
    assert.deepEqual(
      VERDICTS.good.filter((cause) => VERDICTS.fault.includes(cause)),
      [],
    );
  });

  test('who was reached speaks for the carrier, whatever became of the fax', () => {
    for (const cause of ['ok', 'busy', 'no_answer', 'no_fax', 'hung_up', 'page_rejected', 'number_invalid'] as const) {
      assert.ok(VERDICTS.good.includes(cause), cause);
    }
  });

  test('what the gateway or its user did says nothing of a carrier', () => {
    for (const cause of Object.keys(CAUSES) as Cause[]) {
      if (CAUSES[cause].side !== 'gateway' && cause !== 'canceled') continue;
      assert.ok(!VERDICTS.good.includes(cause) && !VERDICTS.fault.includes(cause), cause);
    }
  });

  test('a carrier’s own words are quoted in part', () => {
    const next = decide(
      evidence({ faults: 5, inRow: 5, lastFault: { cause: 'carrier_refused', detail: 'x'.repeat(500) } }),
    );
    assert.ok((next?.reason.length ?? 0) < 260);
  });
});
