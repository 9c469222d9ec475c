import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CallJournal } from '../../../carrier-adapters/sip-t38/journal.ts';
import type { CallResult } from '../../../gateway/fax/call-result.ts';
import { createLadder } from '../../../gateway/fax/ladder.ts';

function result(pages: number): CallResult {
  const ladder = createLadder();
  ladder.add(0, { direction: 'sent', layer: 'sip', signal: 'INVITE' });
  return {
    cause: 'ok',
    detail: 'T.30: ok',
    pagesConfirmed: pages,
    pageInFlight: false,
    remoteId: null,
    line: null,
    ladder: ladder.ladder(),
  };
}

describe('the journal of calls', () => {
  test('a call is live, then ended with its whole result', () => {
    const journal = new CallJournal();
    journal.begun('one');
    assert.deepEqual(journal.find('one'), { found: 'live' });
    journal.ended('one', result(3));
    assert.deepEqual(journal.find('one'), { found: 'ended', result: result(3) });
    assert.deepEqual(journal.find('two'), { found: 'unknown' });
  });

  test('ladders of the last hundred calls are kept, and no others', () => {
    const journal = new CallJournal();
    for (let call = 0; call < 250; call++) journal.ended(`call-${call}`, result(call));
    const kept = Array.from({ length: 250 }, (_, call) => {
      const found = journal.find(`call-${call}`);
      assert.ok(found.found === 'ended');
      assert.equal(found.result.pagesConfirmed, call);
      return found.result.ladder !== undefined;
    });
    assert.equal(kept.indexOf(true), 150);
    assert.ok(kept.slice(150).every(Boolean));
  });

  test('the oldest of ten thousand calls is forgotten for the next one', () => {
    const journal = new CallJournal();
    for (let call = 0; call <= 10_000; call++) journal.ended(`call-${call}`, result(call));
    assert.deepEqual(journal.find('call-0'), { found: 'unknown' });
    assert.equal(journal.find('call-1').found, 'ended');
    assert.equal(journal.find('call-10000').found, 'ended');
  });
});
