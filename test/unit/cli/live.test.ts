import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Live, LiveCall } from '../../../api/client/index.ts';
import { runCli } from '../../../ops/cli/index.ts';
import { jsonBody, startSmallGateway } from '../client/small-gateway.ts';
import { rememberingIo } from './console.ts';

const AT = '2026-11-22T10:00:00.000Z';
const call: LiveCall = {
  ...{ id: 'call_1', fax: 'fax_1', account: 'acc_1', direction: 'outbound', carrier: 'trunk', state: 'sending' },
  ...{ from: null, to: '+4930\u001b[31m1', remoteId: null, pages: 3, firstPage: 1, pageStarted: 2, pagesConfirmed: 1 },
  ...{ attempt: 1, startedAt: AT, answeredAt: AT, cancelAsked: true, line: null },
};

async function run(argv: readonly string[], answers: readonly Live[]) {
  const left = [...answers];
  const asked: string[] = [];
  const gateway = await startSmallGateway({
    answer: ({ head }) => {
      if (!head.p.startsWith('/v1/admin/')) return { status: 204 };
      asked.push(head.p);
      const next = left.shift();
      return next === undefined ? { status: 404, body: jsonBody({}) } : { status: 200, body: jsonBody(next) };
    },
  });
  const { io, shown } = rememberingIo();
  const environment = { SEALFAX_ADMIN_CONNECTION: gateway.connection, SEALFAX_ADMIN_SECRET: 'owner' };
  try {
    return { status: await runCli([...argv], environment, io), ...shown, asked };
  } finally {
    await gateway.close();
  }
}

describe('sealfax live', () => {
  test('shows calls in progress page by page, and what waits, without control characters of others', async () => {
    const done = await run(
      ['live'],
      [{ at: AT, tag: 'a', calls: [call], liveCalls: 1, faxes: { queued: 4, sending: 1 } }],
    );
    assert.equal(done.status, 0, done.err);
    assert.match(done.out, /^2026-11-22T10:00:00\.000Z {2}1 in a call, of all: 4 queued, 1 sending$/m);
    assert.match(done.out, /^fax_1 +sending, is being ended +1 of 3 +– +\S+ +trunk +–$/m);
    assert.ok(!done.out.includes('\u001b'));
    assert.deepEqual(done.asked, ['/v1/admin/calls/live']);
  });

  test('tells it again whenever it has changed, and of one account alone', async () => {
    const quiet: Live = { at: AT, tag: 'b', calls: [], liveCalls: 0, faxes: {} };
    const done = await run(
      ['live', '--follow', '--account', 'acc_1', '--json'],
      [{ ...quiet, tag: 'a', calls: [call], liveCalls: 1 }, quiet],
    );
    assert.notEqual(done.status, 0, 'it ends with the first refusal');
    const lines = done.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Live);
    assert.deepEqual(
      lines.map(({ tag }) => tag),
      ['a', 'b'],
    );
    assert.equal(done.asked[1], '/v1/admin/calls/live?account=acc_1&seen=a&wait=25');
  });
});
