import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseId } from '../../../gateway/fax/ids.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import type { CarrierCondition, Conditions } from '../../../gateway/ports/conditions.ts';
import type { PlanRequest } from '../../../gateway/ports/plan.ts';
import { routesSchema } from '../../../gateway/routing/config.ts';
import { type CarrierTerms, createPlanner, decisionOf, plainTerms } from '../../../gateway/routing/plan.ts';

/** A Wednesday, 10:30 in Berlin. */
const NOW = Date.UTC(2026, 10, 25, 9, 30);
const NUMBER = parseE164('+493012345678');
const OWN = parseE164('+4930555001');

const ID = parseId('acc', `acc_${'0'.repeat(26)}`);
assert.ok(ID);
const account = (name = 'acme', carrierTags: readonly string[] = []) => ({
  id: ID,
  name,
  carrierTags,
  pullMedia: false,
});

function request(change: Partial<PlanRequest> = {}): PlanRequest {
  return { account: account(), from: OWN, to: NUMBER, line: { avoid: [], refused: [] }, ...change };
}

function condition(name: string, change: Partial<CarrierCondition> = {}): CarrierCondition {
  const breaker = { state: 'closed', since: null, until: null, reason: '' } as const;
  return { name, paused: null, breaker, spentUntil: null, ...change };
}

const conditions = (...carriers: readonly CarrierCondition[]): Conditions => ({ now: NOW, carriers });
const paused = (name: string) => condition(name, { paused: { at: 1, by: 'local', reason: 'maintenance' } });
const broken = (name: string, state: 'open' | 'trial' = 'open') =>
  condition(name, { breaker: { state, since: 1, until: NOW + 1, reason: '5 calls failed' } });
const spent = (name: string, until = NOW + 1) => condition(name, { spentUntil: until });

/** Carriers a, b and c, and a rule over all of them. */
const ABC: readonly CarrierTerms[] = ['a', 'b', 'c'].map(plainTerms);
function planner(routes: unknown = [{ prefix: '+', carriers: ['a', 'b', 'c'] }], carriers = ABC) {
  return createPlanner({ routes: routesSchema.parse(routes), carriers });
}
const names = (carriers: readonly { readonly name: string }[]) => carriers.map(({ name }) => name).join(' ');

describe('the rule for a call', () => {
  const ROUTES = [
    { prefix: '+49', carriers: ['a'] },
    { prefix: '+4930', carriers: ['b', 'a'] },
    { prefix: '+', carriers: ['c'] },
  ];
  for (const [to, carriers] of [
    ['+49301234567', 'b a'],
    ['+49401234567', 'a'],
    ['+15550100001', 'c'],
  ] as const) {
    test(`of the longest prefix sends ${to} out over ${carriers}`, () => {
      const one = request({ to: parseE164(to) });
      assert.equal(names(planner(ROUTES).plan(one, conditions()).carriers), carriers);
      assert.equal(names(planner(ROUTES.toReversed()).plan(one, conditions()).carriers), carriers);
    });
  }

  test('is missing: every carrier in the order of the configuration', () => {
    const plan = planner([{ prefix: '+1', carriers: ['b'] }]).plan(request(), conditions());
    assert.deepEqual([plan.rule, names(plan.carriers)], [null, 'a b c']);
  });

  test('of its account comes before a longer prefix of everybody', () => {
    const routes = [
      { prefix: '+4930', carriers: ['a'] },
      { prefix: '+', accounts: ['clinic'], carriers: ['b'] },
      { prefix: '+49', accounts: ['clinic', 'ward'], carriers: ['c'] },
    ];
    const over = (name: string, to = NUMBER) =>
      names(planner(routes).plan(request({ account: account(name), to }), conditions()).carriers);
    assert.deepEqual([over('acme'), over('clinic'), over('ward')], ['a', 'c', 'c']);
    assert.equal(over('clinic', parseE164('+15550100001')), 'b');
  });

  test('names no carriers: all of them', () => {
    const plan = planner([{ prefix: '+49', tags: [] }]).plan(request(), conditions());
    assert.deepEqual([plan.rule, names(plan.carriers)], ['+49', 'a b c']);
  });

  test('holds within its windows, as if it were not there outside of them', () => {
    const windows = [{ days: ['mon', 'tue', 'wed'], from: '08:00', to: '18:00', zone: 'Europe/Berlin' }];
    const routes = [
      { name: 'day', prefix: '+49', carriers: ['b'], windows },
      { prefix: '+49', carriers: ['a'] },
    ];
    const { plan, windows: open } = planner(routes);
    const at = (now: number) => plan(request(), { now, carriers: [] }).rule;
    assert.deepEqual([at(NOW), at(NOW + 9 * 3_600_000), at(NOW + 24 * 3_600_000)], ['day', '+49', '+49']);
    assert.notEqual(open(NOW), open(NOW + 9 * 3_600_000), 'the line is planned anew when a window closes');
    assert.equal(open(NOW), open(NOW + 3_600_000));
  });

  test('is cheapest: by price, those without one last, equal ones as listed', () => {
    const priced = (name: string, price: number | null): CarrierTerms => ({ ...plainTerms(name), price: () => price });
    const carriers = [priced('a', null), priced('b', 200), priced('c', 100), priced('d', 100)];
    const routes = [{ prefix: '+', carriers: ['a', 'b', 'd', 'c'], order: 'cheapest' }];
    const plan = planner(routes, carriers).plan(request(), conditions());
    assert.deepEqual([names(plan.carriers), plan.order], ['d c b a', 'cheapest']);
    assert.deepEqual(plan.carriers[2]?.reasons, ['no. 3 of the rule +', 'by its price']);
  });
});

describe('a carrier is left out', () => {
  for (const [what, one, why] of [
    ['paused', paused('a'), 'paused'],
    ['broken', broken('a'), 'breaker_open'],
    ['out of budget', spent('a'), 'budget_spent'],
  ] as const) {
    test(`while it is ${what}, and waited for when there is no other`, () => {
      const plan = planner().plan(request(), conditions(one));
      assert.deepEqual([names(plan.carriers), plan.waitFor], ['b c', null]);
      assert.deepEqual(
        plan.leftOut.map(({ name, why: code }) => [name, code]),
        [['a', why]],
      );
      const alone = planner([{ prefix: '+', carriers: ['a'] }]).plan(request(), conditions(one));
      assert.deepEqual([alone.carriers, alone.waitFor], [[], 'a']);
    });
  }

  test('for a budget only until its period is over', () => {
    assert.equal(names(planner().plan(request(), conditions(spent('a', NOW))).carriers), 'a b c');
  });

  test('for want of a tag of the account or of the rule, and never waited for', () => {
    const carriers = [
      plainTerms('a'),
      { ...plainTerms('b'), tags: ['hipaa'] },
      { ...plainTerms('c'), tags: ['eu', 'hipaa'] },
    ];
    const over = (tags: string[], needed: string[] = []) =>
      planner([{ prefix: '+', tags: needed }], carriers).plan(request({ account: account('x', tags) }), conditions());
    assert.equal(names(over(['hipaa']).carriers), 'b c');
    assert.equal(names(over(['hipaa'], ['eu']).carriers), 'c');
    const none = over(['hipaa'], ['secret']);
    assert.deepEqual([none.carriers, none.waitFor, none.leftOut.length], [[], null, 3]);
    assert.equal(none.leftOut[0]?.sentence, 'has not the tag hipaa, secret');
  });

  test('where it may not show the number', () => {
    const other = parseE164('+4930555002');
    const fixed = parseE164('+4930555000');
    const carriers: CarrierTerms[] = [
      { ...plainTerms('a'), callerId: { only: [other] } },
      { ...plainTerms('b'), callerId: { only: [other], instead: fixed } },
      { ...plainTerms('c'), callerId: fixed },
    ];
    const shown = (from: typeof OWN | null) =>
      planner([], carriers)
        .plan(request({ from }), conditions())
        .carriers.map(({ name, shows }) => `${name} ${shows}`);
    assert.deepEqual(shown(OWN), [`b ${fixed}`, `c ${fixed}`]);
    assert.deepEqual(shown(other), [`a ${other}`, `b ${other}`, `c ${fixed}`]);
    assert.deepEqual(shown(null), ['a null', 'b null', `c ${fixed}`]);
  });

  test('where it fetches pages by a link, unless the account allows it', () => {
    const carriers = [{ ...plainTerms('a'), pulls: true }, plainTerms('b')];
    const over = (pullMedia: boolean) =>
      names(planner([], carriers).plan(request({ account: { ...account(), pullMedia } }), conditions()).carriers);
    assert.deepEqual([over(false), over(true)], ['b', 'a b']);
  });

  test('where it is set up for receiving only', () => {
    const plan = planner([], [{ ...plainTerms('a'), sends: false }, plainTerms('b')]).plan(request(), conditions());
    assert.equal(names(plan.carriers), 'b');
    assert.deepEqual(
      plan.leftOut.map(({ name, why }) => [name, why]),
      [['a', 'receives_only']],
    );
  });

  test('for good when it has refused the fax, and stands last when it has failed it', () => {
    const plan = planner().plan(request({ line: { avoid: ['a'], refused: ['b'] } }), conditions());
    assert.deepEqual([names(plan.carriers), names(plan.leftOut)], ['c a', 'a b']);
  });
});

describe('the decision of a plan', () => {
  test('names the rule, the place and why those before were left out', () => {
    const plan = planner().plan(request({ line: { avoid: ['b'], refused: [] } }), conditions(paused('a')));
    assert.deepEqual(decisionOf(plan, 'c'), {
      rule: '+',
      place: 3,
      of: 3,
      trial: false,
      leftOut: [
        { carrier: 'a', why: 'paused' },
        { carrier: 'b', why: 'failed_before' },
      ],
    });
  });

  test('of one that comes last because it has failed names all that could not come before it', () => {
    const plan = planner().plan(request({ line: { avoid: ['a'], refused: ['c'] } }), conditions(broken('b')));
    assert.deepEqual(
      decisionOf(plan, 'a').leftOut.map(({ carrier }) => carrier),
      ['b', 'c'],
    );
  });

  test('says that a call is a trial', () => {
    const plan = planner().plan(request(), conditions(broken('a', 'trial')));
    assert.deepEqual([decisionOf(plan, 'a').trial, decisionOf(plan, 'b').trial], [true, false]);
  });
});

describe('every plan, whatever the world is like', () => {
  /** A small generator of Lehmer's kind, so that a failure can be looked at again. */
  function random(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
  }
  const TAGS = ['hipaa', 'eu', 'fast'];
  const ALL = ['a', 'b', 'c', 'd', 'e'];

  test('keeps the rules', () => {
    for (let seed = 1; seed <= 500; seed++) checkPlan(seed, random(seed * 7_919));
  });

  function checkPlan(seed: number, draw: (below: number) => number): void {
    const some = <T>(items: readonly T[]) => items.filter(() => draw(3) === 0);
    const carriers = ALL.map((name): CarrierTerms => {
      const price = draw(4) === 0 ? null : draw(3);
      return { name, tags: some(TAGS), callerId: draw(5) === 0 ? { only: [NUMBER] } : 'pass', price: () => price };
    });
    const obstructed = ALL.flatMap((name) => {
      const kinds = [paused(name), broken(name), spent(name), broken(name, 'trial')];
      return draw(2) === 0 ? [] : (kinds[draw(4)] ?? []);
    });
    const routes = [{ prefix: '+49', tags: some(TAGS), order: draw(2) === 0 ? 'cheapest' : 'listed' }];
    const line = { avoid: some(ALL), refused: some(ALL) };
    const asked = account('x', some(TAGS));
    const plan = planner(routes, carriers).plan(request({ account: asked, line }), conditions(...obstructed));
    const required = [...asked.carrierTags, ...(routes[0]?.tags ?? [])];
    const closed = obstructed.filter(({ breaker }) => breaker.state !== 'trial').map(({ name }) => name);
    const because = (what: string) => `${what} (seed ${seed})`;
    for (const { name } of plan.carriers) {
      const terms = carriers.find((one) => one.name === name);
      assert.ok(
        required.every((tag) => terms?.tags.includes(tag)),
        because('a required tag is missing'),
      );
      assert.ok(!closed.includes(name), because('one that is paused, open or out of budget would be called'));
      assert.ok(!line.refused.includes(name), because('one that has refused would be called'));
      assert.equal(terms?.callerId, 'pass', because('a number would be shown that may not be'));
    }
    const fresh = plan.carriers.map(({ name }) => !line.avoid.includes(name));
    assert.ok(
      fresh.lastIndexOf(true) < (fresh.includes(false) ? fresh.indexOf(false) : fresh.length),
      because('order'),
    );
    const told = new Set([...plan.carriers, ...plan.leftOut].map(({ name }) => name));
    assert.deepEqual([...told].toSorted(), ALL, because('a carrier is passed over in silence'));
    assert.ok(plan.waitFor === null || plan.carriers.length === 0, because('it waits although it may be called'));
  }
});
