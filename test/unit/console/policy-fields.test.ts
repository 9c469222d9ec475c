import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Policy } from '../../../api/client/index.ts';
import {
  changeOf,
  entriesOf,
  POLICY_GROUPS,
  type PolicyDraft,
  stepsOf,
  wrongOf,
} from '../../../api/console/policy-fields.ts';
import { PolicyChange } from '../../../api/schemas/admin.ts';
import { DEFAULT_POLICY } from '../../../gateway/fax/policy.ts';

const FIELDS = POLICY_GROUPS.flatMap(({ fields }) => fields);
const POLICY: Policy = { ...DEFAULT_POLICY, carrierTags: [], destinations: null, neverDial: [] };
const takes = (name: string, value: unknown) => PolicyChange.safeParse({ [name]: value }).success;

describe('the form of a policy', () => {
  test('has every field of the policy, each once', () => {
    const names = FIELDS.map(({ name }) => name);
    assert.deepEqual(names.toSorted(), Object.keys(PolicyChange.shape).toSorted());
  });

  test('offers what the gateway takes: every choice, both ends of every range, nothing beyond them', () => {
    for (const field of FIELDS) {
      const { name, input } = field;
      if (input.kind === 'choice') {
        for (const [value] of input.options) assert.ok(takes(name, value), `${name}: ${value}`);
        assert.ok(
          input.options.some(([value]) => value === POLICY[name]),
          name,
        );
      }
      if (input.kind === 'several')
        assert.ok(
          takes(
            name,
            input.options.map(([value]) => value),
          ),
          name,
        );
      if (input.kind === 'list') assert.ok(takes(name, entriesOf(input.example)), name);
      if (input.kind === 'text') {
        assert.ok(takes(name, 'x'.repeat(input.longest)), name);
        assert.ok(!takes(name, 'x'.repeat(input.longest + 1)), name);
        assert.ok(wrongOf(field, 'x'.repeat(input.longest + 1)) !== undefined, name);
      }
      if (input.kind !== 'number') continue;
      for (const value of [input.min - 1, input.min, input.max, input.max + 1, input.min + 0.5])
        assert.equal(wrongOf(field, value) === undefined, takes(name, value), `${name}: ${value}`);
    }
  });

  test('knows which fields may be empty', () => {
    for (const field of FIELDS) {
      const mayBe = 'none' in field.input && field.input.none !== undefined;
      const parsed = PolicyChange.safeParse({ [field.name]: null });
      assert.equal(mayBe, parsed.success && parsed.data[field.name] === null, field.name);
      if (field.input.kind === 'number') assert.equal(wrongOf(field, null) === undefined, mayBe, field.name);
    }
  });

  test('sends what was changed, and nothing that was typed back', () => {
    assert.deepEqual(changeOf(POLICY, {}), {});
    assert.deepEqual(changeOf(POLICY, { retries: 3, carrierTags: [], destinations: null, header: true }), {});
    const draft = { retries: 5, destinations: ['DE'], budgetDay: 2_500_000, header: false, sealedInboundKey: null };
    assert.deepEqual(changeOf(POLICY, draft), {
      ...{ retries: 5, destinations: ['DE'], budgetDay: 2_500_000, header: false },
    });
  });

  test('says in words what saving would change', () => {
    const draft: PolicyDraft = {
      overBudget: 'hold',
      budgetMonth: 1_250_000,
      destinations: ['DE', '+4122'],
      header: false,
    };
    const steps = stepsOf(POLICY, draft);
    assert.deepEqual(
      steps.map(({ field, from, to }) => [field.name, from, to]),
      [
        ['header', 'yes', 'no'],
        ['budgetMonth', 'no limit', '1.25'],
        ['overBudget', 'is refused', 'waits for the next day or month'],
        ['destinations', 'all that the gateway calls', 'DE, +4122'],
      ],
    );
  });
});
