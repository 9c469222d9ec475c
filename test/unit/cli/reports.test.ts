import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CdrSummary, FaxExplanation } from '../../../api/client/index.ts';
import { runCli } from '../../../ops/cli/index.ts';
import { jsonBody, type Opened, startSmallGateway } from '../client/small-gateway.ts';
import { rememberingIo } from './console.ts';

const AT = '2026-01-15T12:00:00.000Z';

const REPORT: CdrSummary = {
  ...{ from: '2026-01-01', to: '2026-02-01', timeZone: 'Europe/Berlin', currency: 'EUR', source: 'cdrs' },
  items: [
    {
      ...{ start: '2026-01-15T13:00:00.000Z', account: null, user: null, direction: null, number: '+49301234567' },
      ...{ country: '', carrier: null, result: null, cause: null, cdrs: 4, calls: 4, delivered: 3, successRate: 0.75 },
      ...{ pages: 9, billableCalls: 3, billableSeconds: 200, cost: 45_000, unpricedCalls: 0 },
      ...{ connect: { p50: 4_000, p95: 11_500 }, open: null },
    },
  ],
};

const WHY: FaxExplanation = {
  ...{ fax: 'fax_1', direction: 'outbound', state: 'failed', cause: 'busy' },
  ...{ summary: 'Failed after 1 call: the line was in use.', action: 'Send it again at another time.' },
  calls: [
    {
      ...{ call: 'call_1', carrier: 'trunk', startedAt: AT, endedAt: AT, result: 'failed', cause: 'busy', detail: '' },
      met: ['It was not answered; the last answer was 486 \u001b[31mBusy.', 'The end: the line was in use.'],
    },
  ],
};

/** Runs a command line against a gateway that answers `values` by their paths; `bodies` are what it was sent. */
async function run(argv: readonly string[], values: Readonly<Record<string, unknown>>) {
  const requests: string[] = [];
  const bodies: unknown[] = [];
  const answer = ({ head, body }: Opened) => {
    const [path = ''] = head.p.split('?');
    if (path !== '/v1/session') {
      requests.push(`${head.m} ${head.p}`);
      if (body.length > 0) bodies.push(JSON.parse(Buffer.from(body).toString()));
    }
    return { status: 200, body: jsonBody(values[path] ?? {}) };
  };
  const gateway = await startSmallGateway({ answer });
  const { io, shown } = rememberingIo();
  const environment = {
    ...{ SEALFAX_CONNECTION: gateway.connection, SEALFAX_SECRET: 'secret' },
    ...{ SEALFAX_ADMIN_CONNECTION: gateway.connection, SEALFAX_ADMIN_SECRET: 'owner' },
  };
  try {
    return { status: await runCli(argv, environment, io), requests, bodies, ...shown };
  } finally {
    await gateway.close();
  }
}

describe('sealfax cdr summary', () => {
  test('asks for spans, dimensions and filters, and shows times of day in the zone of the report', async () => {
    const words = [
      '--period',
      'last_month',
      '--group',
      'hour',
      '--by',
      'country,number',
      '--percentiles',
      '--top',
      '5',
    ];
    const done = await run(['cdr', 'summary', ...words, '--cause', 'busy'], { '/v1/cdrs/summary': REPORT });
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(done.requests, [
      'GET /v1/cdrs/summary?period=last_month&group=hour&cause=busy&top=5&percentiles=true&by=number%2Ccountry',
    ]);
    assert.match(done.out, /^from +number +country +records +calls +delivered +% +pages /);
    assert.match(done.out, /2026-01-15 14:00 +\+49301234567 +– +4 +4 +3 +75\.0 +9 .* 0\.045 +0 +4\.0 s +11\.5 s +– +–/);
    assert.match(done.out, /what their retention has taken is not in it/);
  });

  test('refuses what it does not know before it asks', async () => {
    for (const words of [
      ['--by', 'colour'],
      ['--group', 'decade'],
      ['--period', 'someday'],
      ['--top', '0'],
    ]) {
      const done = await run(['cdr', 'summary', ...words], {});
      assert.deepEqual([done.status === 0, done.requests], [false, []], words.join(' '));
    }
  });
});

describe('sealfax report', () => {
  test('saves a question as it is asked, for an account or for administrators', async () => {
    const saved = { name: 'daily', title: '', query: {}, changedBy: 'usr_1', changedAt: AT };
    const words = ['--title', 'Each day', '--period', 'yesterday', '--by', 'cause'];
    const done = await run(['report', 'save', 'daily', ...words], { '/v1/reports/daily': saved });
    assert.deepEqual(done.requests, ['PUT /v1/reports/daily'], done.err);
    assert.deepEqual(done.bodies, [{ title: 'Each day', query: { period: 'yesterday', by: ['cause'] } }]);
    const admin = await run(['report', 'save', 'daily', '--account', 'acme', '--admin'], {
      '/v1/admin/accounts/acme': { id: 'acc_1' },
      '/v1/admin/reports/daily': saved,
    });
    assert.deepEqual(admin.bodies, [{ query: { by: [], account: 'acc_1' } }]);
    assert.notEqual((await run(['report', 'save', 'daily', '--account', 'acme'], {})).status, 0);
  });

  test('runs one with its own columns, and lists them without what would steer a terminal', async () => {
    const saved = { name: 'daily', title: 'a\u001b[2Jb', query: { by: ['number'] }, changedBy: 'usr_1', changedAt: AT };
    const done = await run(['report', 'run', 'daily'], { '/v1/reports/daily': saved, '/v1/reports/daily/run': REPORT });
    assert.deepEqual(done.requests, ['GET /v1/reports/daily', 'GET /v1/reports/daily/run']);
    assert.match(done.out, /^from +number +records/);
    const listed = await run(['report', 'list', '--admin'], { '/v1/admin/reports': { items: [saved] } });
    assert.match(listed.out, /daily .*a.\[2Jb/);
    assert.ok(!listed.out.includes('\u001b'));
    const removed = await run(['report', 'remove', 'daily'], {});
    assert.deepEqual(removed.requests, ['DELETE /v1/reports/daily']);
  });
});

describe('sealfax cdr as a stream', () => {
  test('is CSV or JSON Lines, of the account or of all of them', async () => {
    const requested = async (...words: string[]) => (await run(['cdr', ...words], {})).requests;
    assert.deepEqual(await requested('--jsonl', '--result', 'failed'), ['GET /v1/cdrs.jsonl?result=failed']);
    assert.deepEqual(await requested('--csv', '--all'), ['GET /v1/admin/cdrs.csv']);
    for (const words of [['--csv', '--jsonl'], ['--all'], ['--csv', '--all', '--account', 'acme']]) {
      assert.deepEqual(await requested(...words), [], words.join(' '));
    }
  });
});

describe('sealfax why', () => {
  test('tells the answer, what to do, and each call, without what would steer a terminal', async () => {
    const done = await run(['why', 'fax_1'], { '/v1/faxes/fax_1/why': WHY });
    assert.equal(done.status, 0, done.err);
    assert.match(
      done.out,
      /^Failed after 1 call: the line was in use\.\nWhat to do: Send it again at another time\.\n/,
    );
    assert.match(done.out, /Call 1, 2026-.*\n {2}It was not answered; .*486/);
    assert.ok(!done.out.includes('\u001b'));
    const admin = await run(['why', 'fax_1', '--admin', '--json'], { '/v1/admin/faxes/fax_1/why': WHY });
    assert.deepEqual(admin.requests, ['GET /v1/admin/faxes/fax_1/why']);
    assert.deepEqual(JSON.parse(admin.out), WHY);
  });
});
