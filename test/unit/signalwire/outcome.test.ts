import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inTheDark } from '../../../carrier-adapters/http/index.ts';
import { endOf, neverFetched, refused, unwanted } from '../../../carrier-adapters/signalwire/outcome.ts';

const fax = (status: string, change: object = {}) => ({ sid: 'x', status, ...change });

describe('what SignalWire says of a fax', () => {
  for (const [status, cause, inFlight] of [
    ['delivered', 'ok', false],
    ['no-answer', 'no_answer', false],
    ['busy', 'busy', false],
    ['canceled', 'canceled', false],
    ['failed', 'uncertain', true],
  ] as const) {
    test(`${status} is ${cause}`, () => {
      const result = endOf(fax(status), 3);
      assert.deepEqual([result?.cause, result?.pageInFlight], [cause, inFlight]);
      assert.equal(result?.pagesConfirmed, cause === 'ok' ? 3 : 0);
    });
  }

  for (const status of [
    'queued',
    'processing',
    'sending',
    'receiving',
    'received',
    'a-state-of-next-year',
    '',
    'constructor',
  ]) {
    test(`${status || 'nothing'} is no end of a fax that was sent`, () => {
      assert.equal(endOf(fax(status), 3), undefined);
    });
  }

  test('a delivered fax of which nobody knows the pages is in doubt', () => {
    assert.deepEqual(endOf(fax('delivered', { num_pages: 4 }))?.pagesConfirmed, 4);
    for (const pages of [null, 0]) assert.equal(endOf(fax('delivered', { num_pages: pages }))?.cause, 'uncertain');
  });

  test('a code is kept as it came, unless it is no code', () => {
    assert.match(endOf(fax('failed', { error_code: '30001' }))?.detail ?? '', /30001/);
    assert.match(endOf(fax('failed', { error_code: '+1 555 010' }))?.detail ?? '', /unreadable/);
    assert.match(endOf(fax('failed'))?.detail ?? '', /without a code/);
  });

  test('the seconds of the line are told where the carrier tells them', () => {
    assert.equal(endOf(fax('busy', { duration: 7 }))?.lineSeconds, 7);
    assert.equal(endOf(fax('busy'))?.lineSeconds, undefined);
  });

  test('what was never fetched is not on paper, and what nobody wants is not sent again', () => {
    const lost = { ...inTheDark('uncertain', 'SignalWire: failed'), lineSeconds: 3 };
    assert.partialDeepStrictEqual(neverFetched(lost), {
      cause: 'carrier_unavailable',
      pageInFlight: false,
      lineSeconds: 3,
    });
    assert.equal(neverFetched(inTheDark('line_lost', 'cut')).cause, 'line_lost');
    assert.equal(unwanted(lost).cause, 'canceled');
  });

  test('a refusal speaks of the moment or of the project', () => {
    for (const status of [408, 429]) assert.equal(refused('it', status, []).cause, 'carrier_unavailable');
    for (const status of [400, 401, 403, 404, 422]) assert.equal(refused('it', status, ['1']).cause, 'carrier_refused');
  });
});
