import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fax, SendControl, SendRequest } from '../../../api/client/index.ts';
import { type DeliverControl, deliver } from '../../../api/client/repeat.ts';

const END = '2026-01-15T12:00:00.000Z';
const BUSY: Partial<Fax> = { state: 'failed', cause: 'busy', retryable: true };
const DELIVERED: Partial<Fax> = { state: 'delivered', cause: 'ok' };
const REQUEST: SendRequest = {
  to: '+49301234567',
  documents: ['a letter'].map((text) => new TextEncoder().encode(text)),
};

/** Faxes under `imageLife: call` that end one after the other as `ends` says; the last one again and again. */
async function run(ends: readonly Partial<Fax>[], control: DeliverControl = {}, request: SendRequest = REQUEST) {
  const sent: { request: SendRequest; control: SendControl }[] = [];
  const made = (id: string): Fax => {
    const facts = { id, retries: 3, retryInterval: 0, retryable: false, imageLife: 'call', deadline: null };
    return { ...facts, finishedAt: END, updatedAt: END, ...ends[Math.min(Number(id), ends.length - 1)] } as Fax;
  };
  const faxes = {
    async send(one: SendRequest, how: SendControl = {}) {
      sent.push({ request: one, control: how });
      return made(String(sent.length - 1));
    },
    wait: async (id: string) => made(id),
  };
  const last = await deliver(faxes, request, control);
  return { last, sent, keys: sent.map((one) => one.control.idempotencyKey) };
}

describe('under imageLife: call', () => {
  test('the documents are uploaded again after a call that failed, each time under a key of its own', async () => {
    const told: string[] = [];
    const { last, sent, keys } = await run([BUSY, BUSY, DELIVERED], {
      idempotencyKey: 'order-7',
      onFax: ({ id }) => told.push(id),
    });
    assert.equal(last.state, 'delivered');
    assert.deepEqual(keys, ['order-7', 'order-7-2', 'order-7-3']);
    assert.deepEqual(told, ['0', '1', '2']);
    for (const { request } of sent) assert.deepEqual(request, REQUEST);
  });

  test('a key is made when none is given', async () => {
    const { keys } = await run([BUSY, DELIVERED]);
    assert.match(keys[0] ?? '', /^key_/);
    assert.equal(keys[1], `${keys[0]}-2`);
    await assert.rejects(run([BUSY], { idempotencyKey: 'k'.repeat(251) }), { name: 'ClientError', code: 'usage' });
  });

  test('it is done as often as the fax has retries, or as asked', async () => {
    assert.equal((await run([BUSY])).sent.length, 4);
    assert.equal((await run([{ ...BUSY, retries: 0 }])).sent.length, 1);
    assert.equal((await run([BUSY], { uploads: 1 })).sent.length, 2);
    assert.equal((await run([BUSY], { uploads: 0 })).last.state, 'failed');
  });

  const final: readonly (readonly [string, Partial<Fax>])[] = [
    ['was delivered', DELIVERED],
    ['failed for good', { ...BUSY, cause: 'number_invalid', retryable: false }],
    ['was canceled', { state: 'canceled', cause: 'canceled' }],
    ['is uncertain', { state: 'uncertain', cause: 'line_lost', retryable: true }],
    ['is under imageLife: fax, where the gateway has called again', { ...BUSY, imageLife: 'fax' }],
    ['arrived in part', { ...BUSY, state: 'partial', cause: 'hung_up' }],
  ];
  for (const [how, end] of final) {
    test(`a fax that ${how} is not sent again`, async () => {
      const { sent, last } = await run([end, DELIVERED]);
      assert.equal(sent.length, 1);
      assert.equal(last.state, end.state);
    });
  }

  test('a fax that arrived in part is sent whole again when asked', async () => {
    const { last, keys } = await run([{ ...BUSY, state: 'partial' }, DELIVERED], { partial: 'again' });
    assert.equal(last.state, 'delivered');
    assert.equal(keys.length, 2);
  });

  test('the time of the first call is not asked for again', async () => {
    const { sent } = await run([BUSY, DELIVERED], {}, { ...REQUEST, scheduledAt: END, priority: 3 });
    assert.deepEqual(
      sent.map(({ request }) => [request.scheduledAt, request.priority]),
      [
        [END, 3],
        [undefined, 3],
      ],
    );
  });

  test('nothing is uploaded at or after the deadline', async () => {
    const deadline = '2026-01-15T12:01:00.000Z';
    const soon = { ...BUSY, deadline, retryInterval: 60 };
    assert.equal((await run([soon, DELIVERED])).sent.length, 1);
    assert.equal((await run([{ ...soon, retryInterval: 0 }, DELIVERED])).sent.length, 2);
  });

  test('the interval is waited for, unless it is given up', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    const accepted: string[] = [];
    const onFax = ({ id }: Fax) => accepted.push(id);
    const going = run([{ ...BUSY, retryInterval: 90 }, DELIVERED], { onFax });
    await settled();
    t.mock.timers.tick(89_999);
    await settled();
    assert.deepEqual(accepted, ['0']);
    t.mock.timers.tick(1);
    assert.equal((await going).last.state, 'delivered');

    const giveUp = new AbortController();
    const stopped = run([BUSY, DELIVERED], { interval: 90, signal: giveUp.signal });
    await settled();
    giveUp.abort();
    const { last, sent } = await stopped;
    assert.deepEqual([last.state, sent.length], ['failed', 1]);
  });
});
