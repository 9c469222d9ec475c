import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectAdmin, type FaxProgress } from '../../../api/client/index.ts';
import { jsonBody, problem, startSmallGateway } from './small-gateway.ts';

const FAX = 'fax_00000000000000000000000001';
const AT = '2026-11-22T10:00:00.000Z';

/** What a gateway answers one after the other; a number breaks the connection off instead. */
async function told(answers: readonly (readonly [tag: string, fax: object] | 'broken' | 'refused')[]) {
  const left = [...answers];
  const asked: string[] = [];
  const gateway = await startSmallGateway({
    intercept: (_request, response) => {
      if (left[0] !== 'broken' || asked.length === 0) return false;
      left.shift();
      response.destroy();
      return true;
    },
    answer: ({ head }) => {
      if (!head.p.startsWith('/v1/admin/')) return { status: 204 };
      asked.push(head.p);
      const next = left.shift();
      if (next === undefined || typeof next === 'string') return problem(404, 'fax_not_found');
      const [tag, fax] = next;
      return { status: 200, body: jsonBody({ at: AT, tag, fax, calls: [] }) };
    },
  });
  const admin = connectAdmin(gateway.connection.replace('clinic:app', 'admin:owner'), 'owner');
  const found: string[] = [];
  const follow = async (end: (progress: FaxProgress) => void = () => undefined, signal?: AbortSignal) => {
    for await (const progress of admin.faxes.watch(FAX, signal)) {
      found.push(`${progress.tag}:${progress.fax.state}`);
      end(progress);
    }
  };
  const close = async () => {
    await admin.close();
    await gateway.close();
  };
  return { follow, found, asked, close };
}

const queries = (asked: readonly string[]) => asked.map((path) => path.replace(/^.*progress/, ''));
const live = { state: 'sending', imageExists: true };

describe('watching a fax', () => {
  test('asks with the tag of what was seen, and ends with the fax when its pages are gone', async () => {
    const one = await told([
      ['a', live],
      ['b', { state: 'delivered', imageExists: true }],
      ['c', { state: 'delivered', imageExists: false }],
    ]);
    await one.follow();
    assert.deepEqual(one.found, ['a:sending', 'b:delivered', 'c:delivered']);
    assert.deepEqual(queries(one.asked), ['?wait=25', '?seen=a&wait=25', '?seen=b&wait=25']);
    await one.close();
  });

  test('tells nothing twice: an answer without a change is asked for again', async () => {
    const one = await told([
      ['a', live],
      ['a', live],
      ['b', { state: 'failed', imageExists: false }],
    ]);
    await one.follow();
    assert.deepEqual(one.found, ['a:sending', 'b:failed']);
    await one.close();
  });

  test('goes on after an interruption with how it stands then', async () => {
    const one = await told([['a', live], 'broken', ['d', { state: 'delivered', imageExists: false }]]);
    await one.follow();
    assert.deepEqual(one.found, ['a:sending', 'd:delivered']);
    await one.close();
  });

  test('throws what the gateway refuses', async () => {
    const one = await told([['a', live], 'refused']);
    await assert.rejects(one.follow(), { code: 'fax_not_found' });
    await one.close();
  });

  test('ends quietly when nobody wants to know any more', async () => {
    const gone = new AbortController();
    const one = await told([['a', live]]);
    await one.follow(() => gone.abort(), gone.signal);
    assert.deepEqual([one.found, one.asked.length], [['a:sending'], 1]);
    await one.close();
  });
});
