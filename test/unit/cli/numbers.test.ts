import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bends } from '../client/small-gateway.ts';
import { actsOf, administer, json } from './administrator.ts';

const AT = '2026-01-15T12:00:00.000Z';
const ACCOUNTS = ['clinic', 'ward'].map((name, index) => ({ id: `acc_${index + 1}`, name, title: '', cidrs: [] }));
const OWN = { number: '+49301000000', subaddress: null, label: 'front', createdAt: AT };
const SUB = { number: '+49302000000', subaddress: '42', label: 'ward\u001b[2J', createdAt: AT };
const HELD = {
  ...{ number: '+49301000000', account: 'acc_1', label: 'front', createdAt: AT, subaddressOnly: true },
  subaddresses: [{ subaddress: '42', account: 'acc_2', label: 'ward 4', createdAt: AT }],
};

/** Answers like a gateway with two accounts. */
const answer: Bends['answer'] = ({ head }) => {
  if (head.m !== 'GET' && head.p !== '/v1/session') {
    if (head.p.startsWith('/v1/admin/carriers')) {
      return json({ added: [OWN], kept: [{ number: '+49302000000', label: '', account: 'acc_2' }] });
    }
    if (head.m === 'DELETE') return { status: 204, headers: {}, body: [] };
    return head.m === 'PATCH' ? json(HELD) : json(head.m === 'PUT' ? SUB : OWN, 201);
  }
  if (head.p === '/v1/admin/numbers?limit=500') return json({ items: [HELD], next: '+49301000000' });
  if (head.p.startsWith('/v1/admin/numbers?')) return json({ items: [], next: null });
  if (head.p === '/v1/admin/carriers/telnyx/numbers') {
    return json({
      items: [
        { number: '+49301000000', label: 'Berlin', account: null },
        { ...SUB, account: 'acc_2' },
      ],
    });
  }
  if (head.p.endsWith('/numbers')) return json({ items: [OWN, SUB] });
  return json({ items: ACCOUNTS });
};

async function run(...argv: string[]) {
  const done = await administer(answer, argv);
  return { ...done, acts: actsOf(done.requests) };
}

describe('sealfax number', () => {
  test('list shows numbers and subaddresses of an account, and nothing that drives a terminal', async () => {
    const { status, out } = await run('number', 'list', 'clinic');
    assert.equal(status, 0);
    assert.match(out, /^number +subaddress +label/);
    assert.match(out, /^\+49301000000 +front$/m);
    assert.match(out, /^\+49302000000 +42 +ward/m);
    assert.ok(!out.includes('\u001b'));
  });

  test('list --all shows who receives what, page by page', async () => {
    const { status, out } = await run('number', 'list', '--all');
    assert.equal(status, 0);
    assert.match(out, /^\+49301000000 +refused without +clinic +front$/m);
    assert.match(out, /^ +42 +ward +ward 4$/m);
  });

  test('add and remove act on a number, or on a subaddress of one', async () => {
    const added = await run('number', 'add', 'clinic', '+49 30 1000000', '--label', 'front');
    assert.deepEqual(
      [added.status, added.acts],
      [0, ['POST /v1/admin/accounts/acc_1/numbers {"number":"+49 30 1000000","label":"front"}']],
    );
    const shared = await run('number', 'add', 'ward', '+49302000000', '--subaddress', '42');
    assert.deepEqual(
      [shared.out, shared.acts],
      ['+49302000000  42\n', ['PUT /v1/admin/numbers/%2B49302000000/subaddresses/42 {"account":"acc_2"}']],
    );
    const removed = await run('number', 'remove', 'ward', '+49302000000', '--subaddress', '42');
    assert.deepEqual(
      [removed.out, removed.acts],
      ['+49302000000  42 removed\n', ['DELETE /v1/admin/numbers/%2B49302000000/subaddresses/42']],
    );
  });

  test('remove takes no subaddress that is not the account’s', async () => {
    const { status, acts } = await run('number', 'remove', 'ward', '+49302000000', '--subaddress', '43');
    assert.notEqual(status, 0);
    assert.deepEqual(acts, []);
  });

  test('subaddresses says whether the number itself receives', async () => {
    const { out, acts } = await run('number', 'subaddresses', '+49301000000', 'only');
    assert.deepEqual(
      [out, acts],
      ['+49301000000  refused without\n', ['PATCH /v1/admin/numbers/%2B49301000000 {"subaddressOnly":true}']],
    );
    assert.equal((await run('number', 'subaddresses', '+49301000000', 'perhaps')).acts.length, 0);
  });

  test('import shows what is there and changes nothing, unless it is told for whom', async () => {
    const shown = await run('number', 'import', 'telnyx');
    assert.deepEqual([shown.status, shown.acts], [0, []]);
    assert.match(shown.out, /^\+49301000000 +nobody +Berlin$/m);
    assert.match(shown.out, /^\+49302000000 +ward /m);
    const done = await run('number', 'import', 'telnyx', '--account', 'clinic', '--number', '+49301000000');
    assert.deepEqual(done.acts, [
      'POST /v1/admin/carriers/telnyx/numbers {"account":"acc_1","numbers":["+49301000000"]}',
    ]);
    assert.match(done.out, /^\+49301000000 {2}clinic\n1 added, 1 stay as they are\n$/);
  });
});
