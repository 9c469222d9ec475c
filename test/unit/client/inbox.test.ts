import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connect } from '../../../api/client/index.ts';
import type { Bends } from './small-gateway.ts';
import { jsonBody, problem, startSmallGateway } from './small-gateway.ts';

/** A gateway that offers one fax for each lease. */
const offering: Bends['answer'] = ({ head }) => {
  if (head.p.startsWith('/v1/events')) return { status: 200, body: jsonBody({ items: [], next: 0 }) };
  return { status: 200, body: jsonBody({ id: 'fax_1', sealedKey: null }) };
};

describe('the inbox', () => {
  test('outlives a gateway that refuses for a while', async () => {
    let refusals = 0;
    const gateway = await startSmallGateway({
      answer: offering,
      intercept: (request, response) => {
        if (refusals++ > 0) return false;
        request.resume();
        // Longer than the client waits by itself, so that the failure reaches the inbox.
        response.writeHead(503, { 'retry-after': '3600' }).end();
        return true;
      },
    });
    const client = connect(gateway.connection, 'sfk_test');
    for await (const one of client.inbox) {
      assert.equal(one.fax.id, 'fax_1');
      break;
    }
    assert.ok(refusals > 1);
    await client.close();
    await gateway.close();
  });

  test('ends without a complaint when its reader gives up, in the middle of a request too', async () => {
    const giveUp = new AbortController();
    const gateway = await startSmallGateway({
      answer: (request) => {
        if (request.head.p === '/v1/inbound/next') giveUp.abort();
        return request.head.p.startsWith('/v1/events') ? offering(request) : { status: 204 };
      },
    });
    const client = connect(gateway.connection, 'sfk_test');
    for await (const one of client.inbox.watch({ signal: giveUp.signal })) assert.fail(`offered ${one.fax.id}`);
    await client.close();
    await gateway.close();
  });

  test('passes a refusal of the gateway on', async () => {
    const gateway = await startSmallGateway({ answer: () => problem(403, 'realm_forbidden') });
    const client = connect(gateway.connection, 'sfk_test');
    const next = client.inbox[Symbol.asyncIterator]().next();
    await assert.rejects(next, { name: 'ApiProblem', code: 'realm_forbidden' });
    await client.close();
    await gateway.close();
  });
});
