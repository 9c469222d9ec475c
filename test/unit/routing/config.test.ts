import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { carrierPolicySchema, routesSchema } from '../../../gateway/routing/config.ts';
import { unknownCarriers } from '../../../gateway/routing/plan.ts';

const night = [{ from: '22:00', to: '06:00', zone: 'UTC' }];

describe('routes as a setting', () => {
  for (const [what, routes] of [
    ['no list', {}],
    ['a prefix without +', [{ prefix: '49', carriers: ['a'] }]],
    ['a prefix with letters', [{ prefix: '+49x', carriers: ['a'] }]],
    ['an empty list of prefixes', [{ prefixes: [], carriers: ['a'] }]],
    ['a prefix and prefixes', [{ prefix: '+49', prefixes: ['+43'], carriers: ['a'] }]],
    ['no carrier', [{ prefix: '+49', carriers: [] }]],
    ['a carrier twice', [{ prefix: '+49', carriers: ['a', 'a'] }]],
    ['an unknown order', [{ prefix: '+49', order: 'fastest' }]],
    ['a tag with spaces', [{ prefix: '+49', tags: ['signed agreement'] }]],
    ['an account that is no name', [{ accounts: ['Acme GmbH'] }]],
    ['an unknown day', [{ windows: [{ days: ['mo'], zone: 'UTC' }] }]],
    ['a time that is none', [{ windows: [{ from: '25:00', zone: 'UTC' }] }]],
    ['a window that begins at 24:00', [{ windows: [{ from: '24:00', zone: 'UTC' }] }]],
    ['a window of no time', [{ windows: [{ from: '08:00', to: '08:00', zone: 'UTC' }] }]],
    ['an unknown time zone', [{ windows: [{ from: '08:00', zone: 'Europe/Atlantis' }] }]],
    ['a window without a zone', [{ windows: [{ from: '08:00' }] }]],
    ['an unknown field', [{ prefix: '+49', carriers: ['a'], cost: 1 }]],
    [
      'one name twice',
      [
        { name: 'x', prefix: '+49' },
        { name: 'x', prefix: '+43' },
      ],
    ],
    ['one prefix twice', [{ prefix: '+49' }, { name: 'again', prefix: '+49' }]],
    [
      'one prefix of one account twice',
      [
        { prefix: '+49', accounts: ['a', 'b'] },
        { prefix: '+49', accounts: ['b'] },
      ],
    ],
    ['a window after the rule that always holds', [{ prefix: '+49' }, { prefix: '+49', windows: night }]],
  ] as const) {
    test(`${what} is refused`, () => assert.equal(routesSchema.safeParse(routes).success, false));
  }

  for (const [what, routes] of [
    ['a window before the rule that always holds', [{ prefix: '+49', windows: night }, { prefix: '+49' }]],
    ['one prefix of two accounts, and of everybody', [{ accounts: ['a'] }, { accounts: ['b'] }, {}]],
  ] as const) {
    test(`${what} is taken`, () => assert.equal(routesSchema.safeParse(routes).success, true));
  }

  test('a route without a name is called by what it is for, and names no account', () => {
    const routes = routesSchema.parse([
      { prefix: '+49' },
      { prefixes: ['+43', '+41', '+352'] },
      { accounts: ['clinic', 'ward'], prefix: '+1', windows: night },
      {},
    ]);
    const names = routes.map(({ name }) => name);
    assert.deepEqual(names, ['+49', '+43 and 2 more', 'no. 3: +1 22:00–06:00', '+']);
  });

  test('carriers that do not exist are named', () => {
    const routes = routesSchema.parse([{ prefix: '+49', carriers: ['a', 'b'] }, { prefix: '+43' }]);
    assert.deepEqual(unknownCarriers(routes, ['a', 'c']), ['b']);
  });
});

describe('the policy of carriers as a setting', () => {
  test('without any a carrier has no tag and passes every number', () => {
    const { a } = carrierPolicySchema.parse({ a: {} });
    assert.deepEqual([a?.tags, a?.callerId], [[], 'pass']);
  });

  test('numbers are read as they are written', () => {
    const { a } = carrierPolicySchema.parse({
      a: { callerId: { only: ['+49 30 555-001'], instead: '0049 30 555 000' } },
    });
    assert.deepEqual(a?.callerId, { only: ['+4930555001'], instead: '+4930555000' });
  });

  for (const callerId of ['own', '030 555', { only: [] }, { only: ['+4930555001'], other: 1 }, 49]) {
    test(`the caller-ID rule ${JSON.stringify(callerId)} is refused`, () => {
      assert.equal(carrierPolicySchema.safeParse({ a: { callerId } }).success, false);
    });
  }
});
