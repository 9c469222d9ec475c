import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bends } from '../client/small-gateway.ts';
import { actsOf, administer, json } from './administrator.ts';

const AT = '2026-01-15T12:00:00.000Z';
const UNTIL = '2026-01-16T08:00:00.000Z';
const ACCOUNT = { id: 'acc_1', name: 'acme', title: '', disabled: false, paused: false, cidrs: [] };
const HOME = { place: 'DE', state: 'home', waiting: 0, until: null, decided: null };
const WAITING = { place: 'FR', state: 'waiting', waiting: 3, until: UNTIL, decided: null };
const DENIED = { place: '+870', state: 'denied', waiting: 0, until: null, decided: { at: AT, by: 'usr_1' } };

/** Answers like a gateway with one account. */
const answer: Bends['answer'] = ({ head }) => {
  if (head.m !== 'GET' && head.p !== '/v1/session') {
    return json({ ...WAITING, state: 'approved', waiting: 0 });
  }
  if (head.p === '/v1/admin/destinations/look?number=%2B33142345678&account=acc_1') {
    return json({ number: '+33142345678', place: 'FR', class: null, line: 'landline', refusal: null, held: true });
  }
  if (head.p === '/v1/admin/destinations/look?number=%2B881612345678') {
    const refusal = { reason: 'satellite', sentence: 'no satellites' };
    return json({ number: '+881612345678', place: '+881', class: 'satellite', line: 'mobile', refusal, held: null });
  }
  if (head.p === '/v1/admin/destinations') {
    return json({ items: [{ account: 'acc_1', place: 'FR', faxes: 3, since: AT, until: UNTIL }] });
  }
  if (head.p === '/v1/admin/accounts/acc_1/destinations') return json({ items: [HOME, WAITING, DENIED] });
  return json({ items: [ACCOUNT] });
};

async function run(...argv: string[]) {
  const done = await administer(answer, argv);
  return { ...done, acts: actsOf(done.requests) };
}

describe('sealfax destination', () => {
  test('list shows what held faxes of all accounts wait for, by the names of accounts', async () => {
    const { status, out } = await run('destination', 'list');
    assert.equal(status, 0);
    assert.match(out, /^account +country +held +since +until/);
    assert.match(out, /^acme +FR +3 /m);
  });

  test('list of an account shows each country with its state', async () => {
    const { status, out } = await run('destination', 'list', 'acme');
    assert.equal(status, 0);
    for (const row of [/^DE +home +0 /m, /^FR +waiting +3 /m, /^\+870 +denied +0 .*usr_1/m]) assert.match(out, row);
  });

  test('list prints JSON for programs', async () => {
    const { out } = await run('destination', 'list', 'acme', '--json');
    assert.deepEqual(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [HOME, WAITING, DENIED],
    );
  });

  test('approve, deny and reset say to the gateway what they mean', async () => {
    const approved = await run('destination', 'approve', 'acme', 'FR');
    assert.deepEqual([approved.status, approved.out], [0, 'FR  approved\n']);
    const denied = await run('destination', 'deny', 'acme', '+870');
    const reset = await run('destination', 'reset', 'acme', 'FR');
    assert.deepEqual(
      [...approved.acts, ...denied.acts, ...reset.acts],
      [
        'PUT /v1/admin/accounts/acc_1/destinations/FR {"decision":"approved"}',
        'PUT /v1/admin/accounts/acc_1/destinations/%2B870 {"decision":"denied"}',
        'DELETE /v1/admin/accounts/acc_1/destinations/FR',
      ],
    );
  });

  test('check tells what would be said to a fax', async () => {
    const { status, out } = await run('destination', 'check', '+33142345678', 'acme');
    assert.equal(status, 0);
    assert.match(out, /country +FR/);
    assert.match(out, /a fax is +taken, and held until its country is approved/);
    const refused = await run('destination', 'check', '+881612345678');
    assert.match(refused.out, /a fax is +refused: no satellites \(satellite\)/);
  });

  test('a country is needed', async () => {
    assert.equal((await run('destination', 'approve', 'acme')).status, 2);
  });

  test('lists of a policy are written with commas, nothing for none', async () => {
    const change = async (...policy: string[]) =>
      (await run('account', 'change', 'acme', ...policy.flatMap((one) => ['--policy', one]))).acts;
    assert.deepEqual(await change('destinations=DE, +4312', 'neverDial=mobile', 'abroadPerDay=50'), [
      'PATCH /v1/admin/accounts/acc_1 {"policy":{"destinations":["DE","+4312"],"neverDial":["mobile"],"abroadPerDay":50}}',
    ]);
    assert.deepEqual(await change('destinations=null', 'neverDial='), [
      'PATCH /v1/admin/accounts/acc_1 {"policy":{"destinations":null,"neverDial":[]}}',
    ]);
  });
});
