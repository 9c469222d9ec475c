import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../../../api/context.ts';
import { MOST_WAITS, waiting } from '../../../api/plugins/long-waits.ts';

const by = (id: string) => ({ principal: { user: { id } } }) as unknown as FastifyRequest;

describe('requests that wait for something to happen', () => {
  let context: ApiContext;
  beforeEach(() => {
    context = { gateway: {} } as ApiContext;
  });

  /** As many waits as a user may have, and what ends them. */
  const full = () => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waits = Array.from({ length: MOST_WAITS }, () => waiting(context, by('one'), () => promise));
    return { waits, resolve, reject };
  };

  test('are few at once for each user; another one has its own', async () => {
    const { waits, resolve } = full();
    let asked = false;
    const more = waiting(context, by('one'), async () => {
      asked = true;
    });
    await assert.rejects(more, { code: 'busy' });
    assert.equal(asked, false);
    assert.equal(await waiting(context, by('other'), async () => 'here'), 'here');
    resolve('news');
    assert.deepEqual(new Set(await Promise.all(waits)), new Set(['news']));
    assert.equal(await waiting(context, by('one'), async () => 'again'), 'again');
  });

  test('give their place back when they fail, too', async () => {
    const { waits, reject } = full();
    reject(new Error('the session has ended'));
    for (const one of await Promise.allSettled(waits)) assert.equal(one.status, 'rejected');
    const { waits: next, resolve } = full();
    resolve('news');
    assert.equal((await Promise.all(next)).length, MOST_WAITS);
  });

  test('of another process are not counted', async () => {
    const { waits, resolve } = full();
    context = { gateway: {} } as ApiContext;
    assert.equal(await waiting(context, by('one'), async () => 'here'), 'here');
    resolve('news');
    await Promise.all(waits);
  });
});
