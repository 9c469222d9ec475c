import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { endOf, failed, MEANING_OF_REASON, refused } from '../../../carrier-adapters/telnyx/outcome.ts';
import { inDoubt } from '../../../gateway/fax/call-result.ts';

const FACTS = '../shared/CARRIERS.md';

function facts(): string | undefined {
  try {
    return readFileSync(FACTS, 'utf8');
  } catch {
    return undefined;
  }
}

describe('what Telnyx says of a fax that failed', () => {
  test('every reason that it documents has a cause', (context) => {
    const text = facts();
    if (text === undefined) return context.skip('the facts on carriers are not here');
    const [, list = ''] = /Failure reasons \([^)]*\): ([a-z_,\s]+);/.exec(text) ?? [];
    const reasons = list.split(',').map((reason) => reason.trim());
    assert.ok(reasons.length > 30);
    assert.deepEqual(
      reasons.filter((reason) => !Object.hasOwn(MEANING_OF_REASON, reason)),
      [],
    );
    assert.deepEqual(
      Object.keys(MEANING_OF_REASON).filter((reason) => !reasons.includes(reason)),
      [],
    );
  });

  for (const reason of ['new_in_2031', 'constructor', '+15551234567 said no', null, undefined, '']) {
    test(`${reason} is not known: nobody may say that nothing is on paper`, () => {
      const result = failed(reason);
      assert.equal(result.cause, 'uncertain');
      assert.ok(inDoubt(result));
      assert.doesNotMatch(result.detail, /\+1555/);
    });
  }

  test('a call that ended before its pages leaves no doubt', () => {
    for (const reason of ['user_busy', 'receiver_no_answer', 'account_disabled']) assert.ok(!inDoubt(failed(reason)));
  });
});

describe('a request that Telnyx refuses', () => {
  for (const [status, cause] of [
    [401, 'carrier_refused'],
    [403, 'carrier_refused'],
    [422, 'carrier_refused'],
    [408, 'carrier_unavailable'],
    [429, 'carrier_unavailable'],
  ] as const) {
    test(`with ${status} ends the call as ${cause}`, () => {
      const result = refused('the order', status, ['10015', 'a b']);
      assert.equal(result.cause, cause);
      assert.equal(result.detail, `Telnyx: the order was answered ${status} (10015, unreadable)`);
    });
  }
});

describe('the time that Telnyx counted', () => {
  const fax = { id: 'f', status: 'delivered' } as const;
  test('is told with the end of a fax, delivered or not', () => {
    assert.equal(endOf({ ...fax, call_duration_secs: 41 }, 1)?.lineSeconds, 41);
    assert.equal(endOf({ ...fax, status: 'failed', call_duration_secs: 7 }, 1)?.lineSeconds, 7);
  });
  test('is left out where the record has none', () => {
    const end = endOf({ ...fax, call_duration_secs: null }, 1);
    assert.equal(end !== undefined && 'lineSeconds' in end, false);
  });
});
