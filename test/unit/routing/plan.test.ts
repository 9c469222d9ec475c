import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { routesSchema } from '../../../gateway/routing/config.ts';
import { planRoute, unknownCarriers } from '../../../gateway/routing/plan.ts';

const ROUTES = [
  { prefix: '+49', carriers: ['a'] },
  { prefix: '+4930', carriers: ['b', 'a'] },
  { prefix: '+', carriers: ['c'] },
];

describe('planRoute', () => {
  for (const [to, carriers] of [
    ['+49301234567', ['b', 'a']],
    ['+49401234567', ['a']],
    ['+15550100001', ['c']],
  ] as const) {
    test(`${to} goes out over ${carriers.join(', then ')}`, () => {
      assert.deepEqual(planRoute(ROUTES, parseE164(to), ['x']), carriers);
      assert.deepEqual(planRoute(ROUTES.toReversed(), parseE164(to), ['x']), carriers);
    });
  }

  test('without a route that fits, every carrier in order', () => {
    assert.deepEqual(planRoute([{ prefix: '+49', carriers: ['a'] }], parseE164('+15550100001'), ['x', 'y']), [
      'x',
      'y',
    ]);
  });
});

describe('routes as a setting', () => {
  for (const [what, routes] of [
    ['no list', {}],
    ['a prefix without +', [{ prefix: '49', carriers: ['a'] }]],
    ['a prefix with letters', [{ prefix: '+49x', carriers: ['a'] }]],
    ['no carrier', [{ prefix: '+49', carriers: [] }]],
    [
      'one prefix twice',
      [
        { prefix: '+49', carriers: ['a'] },
        { prefix: '+49', carriers: ['b'] },
      ],
    ],
    ['an unknown field', [{ prefix: '+49', carriers: ['a'], cost: 1 }]],
  ] as const) {
    test(`${what} is refused`, () => assert.equal(routesSchema.safeParse(routes).success, false));
  }

  test('carriers that do not exist are named', () => {
    assert.deepEqual(unknownCarriers(routesSchema.parse(ROUTES), ['a', 'c']), ['b']);
  });
});
