import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Bends, problem } from '../client/small-gateway.ts';
import { actsOf, administer, json } from './administrator.ts';

const AT = '2026-01-15T12:00:00.000Z';
const NOTICES = { addresses: ['anna@example.org'], topics: ['audit'], sends: false };
const MAIL = {
  ...{ id: 'mail_1', kind: 'login_network', to: 'anna@example.org', account: null, state: 'given_up', attempts: 2 },
  ...{ nextAt: null, lastError: 'SMTP 550\u001b[2J', createdAt: AT, endedAt: AT },
};
const SCHEDULE = {
  ...{ every: 'weekly', hour: 6, weekday: 5, day: 1, timeZone: 'Europe/Berlin', administrators: ['usr_2'] },
  ...{ account: false, addresses: 1, nextAt: AT, changedBy: 'usr_1', changedAt: AT, sends: true },
};

/** Answers like a gateway with two administrators. */
const answer: Bends['answer'] = ({ head, body }) => {
  if (head.m !== 'GET' && head.p !== '/v1/session') {
    if (head.m === 'DELETE') return { status: 204, headers: {}, body: [] };
    if (head.m === 'POST') return { status: 202, headers: {}, body: [] };
    return json(head.p.endsWith('/schedule') ? SCHEDULE : { ...NOTICES, ...JSON.parse(Buffer.from(body).toString()) });
  }
  if (head.p.endsWith('/notices')) return json(NOTICES);
  if (head.p.startsWith('/v1/admin/mail?')) return json({ items: [MAIL], sends: false });
  if (head.p.endsWith('/schedule')) return problem(404, 'report_schedule_not_found');
  return json({ items: ['owner', 'anna'].map((name, index) => ({ id: `usr_${index + 1}`, name })) });
};

async function run(...argv: string[]) {
  const done = await administer(answer, argv);
  return { ...done, acts: actsOf(done.requests) };
}

describe('sealfax mail', () => {
  test('shows the outbox, says that there is no server, and drives no terminal', async () => {
    const { status, out } = await run('mail', '--state', 'given_up');
    assert.equal(status, 0);
    assert.match(out, /^This gateway has no server for mails/);
    assert.match(out, /login network +anna@example\.org +given up +2 +SMTP 550/);
    assert.ok(!out.includes('\u001b'));
    assert.equal((await run('mail', '--state', 'lost')).status, 2);
  });

  test('notices shows where they go', async () => {
    const { status, out, acts } = await run('mail', 'notices');
    assert.deepEqual([status, acts], [0, []]);
    assert.match(out, /^to anna@example\.org\nalso of audit\n/);
  });

  const changes: [argv: string[], act: string][] = [
    [['--to', 'b@example.org'], 'PUT /v1/admin/me/notices {"addresses":["b@example.org"],"topics":["audit"]}'],
    [
      ['--topic', 'carriers', '--topic', 'backups'],
      'PUT /v1/admin/me/notices {"addresses":["anna@example.org"],"topics":["backups","carriers"]}',
    ],
    [['--none', '--user', 'anna'], 'PUT /v1/admin/users/usr_2/notices {"addresses":[],"topics":[]}'],
    [
      ['--account', 'clinic', '--to', 'b@example.org', '--topic', 'budgets'],
      'PUT /v1/admin/accounts/clinic/notices {"addresses":["b@example.org"],"topics":["budgets"]}',
    ],
  ];
  for (const [argv, act] of changes) {
    test(`notices ${argv.join(' ')} changes them`, async () => {
      const { status, acts } = await run('mail', 'notices', ...argv);
      assert.deepEqual([status, acts], [0, [act]]);
    });
  }

  test('notices refuses what it cannot mean', async () => {
    assert.equal((await run('mail', 'notices', '--account', 'a', '--user', 'b')).status, 2);
    assert.equal((await run('mail', 'notices', '--none', '--to', 'a@example.org')).status, 2);
    assert.equal((await run('mail', 'notices', '--topic', 'gossip')).status, 2);
    const unknown = await run('mail', 'notices', '--user', 'nobody');
    assert.deepEqual([unknown.status === 0, unknown.acts], [false, []]);
  });

  test('try sends a message', async () => {
    const { status, acts } = await run('mail', 'try', 'a@example.org');
    assert.deepEqual([status, acts], [0, ['POST /v1/admin/mail/trial {"to":"a@example.org"}']]);
  });
});

describe('sealfax report mail', () => {
  test('says when a report is not mailed', async () => {
    const { status, out } = await run('report', 'mail', 'failures', '--admin');
    assert.deepEqual([status, out], [0, 'failures is not mailed\n']);
  });

  test('mails one by a schedule, to administrators by name', async () => {
    const argv = ['--every', 'weekly', '--hour', '6', '--weekday', '5', '--time-zone', 'Europe/Berlin', '--to', 'anna'];
    const { status, acts, out } = await run('report', 'mail', 'failures', '--admin', ...argv);
    assert.equal(status, 0);
    assert.deepEqual(acts, [
      'PUT /v1/admin/reports/failures/schedule {"every":"weekly","hour":6,"weekday":5,"timeZone":"Europe/Berlin","administrators":["usr_2"]}',
    ]);
    assert.match(out, /^failures is mailed weekly \(Europe\/Berlin\) to 1 address, next on 2026-01-15/);
  });

  test('mails it no more', async () => {
    const { status, acts } = await run('report', 'mail', 'failures', '--admin', '--never');
    assert.deepEqual([status, acts], [0, ['DELETE /v1/admin/reports/failures/schedule']]);
  });

  test('refuses an hour and a day that are none', async () => {
    assert.equal((await run('report', 'mail', 'x', '--admin', '--every', 'daily', '--hour', '24')).status, 2);
    assert.equal((await run('report', 'mail', 'x', '--admin', '--every', 'monthly', '--day', '29')).status, 2);
    assert.equal((await run('report', 'mail', 'x', '--admin', '--every', 'hourly')).status, 2);
  });
});
