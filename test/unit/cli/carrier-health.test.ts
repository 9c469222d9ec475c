import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarrierHealth, CarrierHistory } from '../../../api/client/index.ts';
import { type Bends, problem } from '../client/small-gateway.ts';
import { administer, json } from './administrator.ts';

const AT = '2026-01-15T12:00:00.000Z';

const alpha: CarrierHealth = {
  name: 'alpha',
  pausedSince: null,
  breaker: {
    phase: 'open',
    since: AT,
    until: '2026-01-15T12:00:30.000Z',
    reason: '5 faxes in a row failed by its fault',
  },
  since: AT,
  figures: {
    calls: 8,
    delivered: 1,
    answered: 2,
    unfit: 1,
    overT38: 2,
    overAudio: 0,
    faults: 6,
    answerMedian: 4_200,
    answerP95: 11_000,
    lastDeliveredAt: AT,
    causes: { carrier_unavailable: 6, ok: 1, training_failed: 1 },
  },
  rates: { delivered: 0.125, answered: 0.25, faults: 0.75, unfit: 0.5 },
};
const idle: CarrierHealth = {
  name: 'beta',
  pausedSince: AT,
  breaker: { phase: 'closed', since: null, until: null, reason: '' },
  since: AT,
  figures: {
    ...{ calls: 0, delivered: 0, answered: 0, unfit: 0, overT38: 0, overAudio: 0, faults: 0 },
    ...{ answerMedian: null, answerP95: null, lastDeliveredAt: null, causes: {} },
  },
  rates: { delivered: null, answered: null, faults: null, unfit: null },
};
const history: CarrierHistory = {
  ...alpha,
  changes: [
    { at: AT, phase: 'open', until: AT, reason: 'bad \u001b[31mwords', by: 'gateway', figures: alpha.figures },
    { at: AT, phase: 'closed', until: null, reason: 'a new cable', by: 'usr_1', figures: null },
  ],
};

const run = (argv: string[], answer: Bends['answer']) => administer(answer, argv);

describe('carrier health', () => {
  test('shows each carrier in a line, with its pause beside its breaker', async () => {
    const done = await run(['carrier', 'health'], ({ head }) =>
      head.p === '/v1/admin/carriers/health' ? json({ items: [alpha, idle] }) : { status: 204 },
    );
    assert.equal(done.status, 0, done.err);
    const [head, first, second] = done.out.trimEnd().split('\n');
    assert.match(head ?? '', /^carrier +breaker +calls +delivered +answered +no mode +faults +answer +last delivery$/);
    assert.match(first ?? '', /^alpha +open +8 +12\.5 % +25\.0 % +50\.0 % +75\.0 % +4\.2 s, 95 % 11\.0 s +2026-01-15 /);
    assert.match(second ?? '', /^beta +closed, paused +0 +– +– +– +– +– +–$/);
  });

  test('shows one carrier with its history, and no control characters of others', async () => {
    const done = await run(['carrier', 'health', 'alpha'], ({ head }) =>
      head.p === '/v1/admin/carriers/alpha/health' ? json(history) : { status: 204 },
    );
    assert.equal(done.status, 0, done.err);
    assert.match(done.out, /^because +5 faxes in a row failed by its fault$/m);
    assert.match(done.out, /^calls +8 \(carrier_unavailable 6, ok 1, training_failed 1\)$/m);
    assert.match(done.out, /^breaker +open since 2026-01-15 /m);
    assert.match(done.out, /closed +usr_1 +a new cable/);
    assert.ok(!done.out.includes('\u001b'));
  });

  test('a carrier that there is not ends with the status of what is not found', async () => {
    const done = await run(['carrier', 'health', 'gamma'], ({ head }) =>
      head.p.includes('/v1/admin/') ? problem(404, 'carrier_unknown') : { status: 204 },
    );
    assert.notEqual(done.status, 0);
    assert.match(done.err, /carrier_unknown/);
  });

  test('is reset with a reason, and not without', async () => {
    const answer: Bends['answer'] = ({ head }) => (head.p.endsWith('/reset') ? json(history) : { status: 204 });
    const done = await run(['carrier', 'reset', 'alpha', '--reason', 'a new cable'], answer);
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(done.requests, ['POST /v1/admin/carriers/alpha/reset {"reason":"a new cable"}']);
    const bare = await run(['carrier', 'reset', 'alpha'], answer);
    assert.deepEqual([bare.status === 0, bare.requests], [false, []]);
  });
});

describe('what calls have taught', () => {
  const known = { number: '+49301234567', lessons: ['calls get through at 7200 bit/s'], expiresAt: AT };
  const nothing = { number: '+49301234567', lessons: [], expiresAt: null };

  test('is told in sentences', async () => {
    const done = await run(['destination', 'learned', '+49301234567'], ({ head }) =>
      head.m === 'GET' ? json(known) : { status: 204 },
    );
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(done.requests, ['GET /v1/admin/lessons/%2B49301234567']);
    assert.match(done.out, /^calls get through at 7200 bit\/s\nforgotten at 2026-01-15 /);
  });

  test('is forgotten where there is something', async () => {
    const answer =
      (value: unknown): Bends['answer'] =>
      ({ head }) =>
        head.m === 'GET' ? json(value) : { status: 204 };
    const done = await run(['destination', 'forget', '+49301234567'], answer(known));
    assert.deepEqual([done.status, done.out], [0, '1 forgotten\n']);
    assert.deepEqual(done.requests.at(-1), 'DELETE /v1/admin/lessons/%2B49301234567');
    const none = await run(['destination', 'forget', '+49301234567'], answer(nothing));
    assert.notEqual(none.status, 0);
    assert.ok(!none.requests.some((line) => line.startsWith('DELETE')));
  });
});
