import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LineReport } from '../../../gateway/fax/call-result.ts';
import { CAUSES, type Cause } from '../../../gateway/fax/cause.ts';
import type { Cdr } from '../../../gateway/fax/cdr.ts';
import { REVIEW } from '../../../gateway/fax/destination.ts';
import type { Fax } from '../../../gateway/fax/fax.ts';
import { newId } from '../../../gateway/fax/ids.ts';
import { createLadder } from '../../../gateway/fax/ladder.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { DEFAULT_POLICY, FIRST_LINE_SETTINGS } from '../../../gateway/fax/policy.ts';
import { explainFax } from '../../../gateway/fax/why.ts';

const T0 = Date.UTC(2026, 0, 1, 8);
const id = (prefix: string) => `${prefix}_${'0'.repeat(26)}`;
const { imageLife, uncertain, uncertainHold, inboundHold } = DEFAULT_POLICY;

const FAX: Fax = {
  ...{ id: newId('fax', id), account: newId('acc', id), user: null, direction: 'outbound', batch: null },
  ...{ state: 'failed', from: null, to: parseE164('+49302222222'), remoteId: '+49 30 2222222', subaddress: null },
  ...{ pages: 3, pagesConfirmed: 0, attempts: 2, retries: 1, retryInterval: 60, priority: 5, notBefore: null },
  ...{ deadline: null, nextCallAt: null, cause: 'busy', detail: null, tags: {}, documents: 1 },
  options: {
    ...{ resolution: 'fine', halftone: 'auto', contrast: 0, paper: 'a4', header: null, senderName: '', csid: '' },
    ...{ timeZone: 'UTC', cover: null },
  },
  policy: { imageLife, uncertain, uncertainHold, inboundHold },
  line: FIRST_LINE_SETTINGS,
  ...{ createdAt: T0, updatedAt: T0, finishedAt: T0, imageExists: false, leasedUntil: null, acknowledgedAt: null },
  ...{ held: null, heldUntil: null, sealedKey: null },
};

const CDR: Cdr = {
  ...{ id: newId('cdr', id), account: FAX.account, user: null, fax: FAX.id, batch: null, call: newId('call', id) },
  ...{ direction: 'outbound', from: null, to: FAX.to, country: null, remoteId: FAX.remoteId },
  ...{ subaddress: null, carrier: 'trunk' },
  ...{ reference: 'r', attempt: 1, startedAt: T0, answeredAt: null, endedAt: T0 + 9_000, duration: 0, pages: 3 },
  ...{ pagesSent: 0, result: 'failed', cause: 'busy', detail: 'SIP 486: Busy Here', billable: false, cost: null },
  ...{ currency: null, chargedSeconds: null, line: null, route: null, faxState: 'queued', tags: {}, receipt: null },
  ...{ epochReceipt: null, purge: null, purgeReceipt: null },
};

const heard = (layer: 'sip' | 't30', signal: string) => ({ direction: 'heard', layer, signal }) as const;
const sent = (layer: 'sip' | 't30', signal: string) => ({ direction: 'sent', layer, signal }) as const;

function ladderOf(...steps: (ReturnType<typeof heard> | ReturnType<typeof sent>)[]) {
  const recorder = createLadder();
  for (const [index, step] of steps.entries()) recorder.add(T0 + index * 1_000, step);
  return recorder.ladder();
}

describe('why a fax failed', () => {
  test('is told from its cause and its calls, with what to do once the gateway has given up', () => {
    const ladder = ladderOf(sent('sip', 'INVITE'), heard('sip', '180 Ringing'), heard('sip', '486 Busy Here'));
    const { summary, action, calls } = explainFax(FAX, [
      { cdr: CDR, ladder },
      { cdr: CDR, ladder: null },
    ]);
    assert.equal(summary, 'Failed after 2 calls: the line was in use.');
    assert.match(action, /^Send it again at another time/);
    assert.deepEqual(calls[0]?.met, [
      'It was not answered, although it rang; the last answer was 486 Busy Here.',
      'The end: the line was in use (SIP 486: Busy Here). The last that was heard was 486 Busy Here, 2.0 s in.',
    ]);
    assert.deepEqual(calls[1]?.met, ['It was not answered.', 'The end: the line was in use (SIP 486: Busy Here).']);
  });

  test('names the causes of the calls where the fax ended by another one', () => {
    const calls = [CDR, CDR, { ...CDR, cause: 'no_answer' as const }].map((cdr) => ({ cdr, ladder: null }));
    const { summary } = explainFax({ ...FAX, cause: 'deadline_passed' }, calls);
    assert.equal(
      summary,
      'Failed after 3 calls: its deadline passed; the calls: the line was in use (2 calls), nobody answered.',
    );
  });

  test('needs no call: the record of an end without one is no call', () => {
    const cdr: Cdr = { ...CDR, call: null, carrier: null, cause: 'document_rejected', detail: 'encrypted' };
    const { summary, calls } = explainFax({ ...FAX, cause: 'document_rejected', detail: 'encrypted' }, [
      { cdr, ladder: null },
    ]);
    assert.equal(summary, 'Failed without a call: the document cannot be rendered (encrypted).');
    const busy = { ...FAX, detail: 'T.30: the line was in use' };
    assert.equal(explainFax(busy, []).summary, 'Failed without a call: the line was in use.', 'nothing is said twice');
    assert.deepEqual(calls, []);
  });

  test('reads from the ladder what the machines said to each other', () => {
    const ladder = ladderOf(
      ...[sent('sip', 'INVITE'), heard('sip', '200 OK'), heard('t30', 'CSI'), heard('t30', 'DIS'), sent('t30', 'DCS')],
      ...[sent('t30', 'TCF'), heard('t30', 'FTT'), sent('t30', 'TCF'), heard('t30', 'FTT'), sent('t30', 'TCF')],
      ...[heard('t30', 'CFR'), sent('t30', 'partial page'), heard('t30', 'PPR'), heard('t30', 'MCF')],
      ...[heard('t30', 'RTN'), heard('t30', 'DCN')],
    );
    const line: LineReport = {
      ...{ rate: 9_600, modulation: 'V.29', compression: 'MMR', ecm: true, t38: false, retrains: 2, badRows: 1 },
    };
    const cdr: Cdr = {
      ...{ ...CDR, answeredAt: T0 + 8_200, cause: 'hung_up', detail: '', line, pagesSent: 1, result: 'partial' },
      route: {
        ...{ rule: 'germany', place: 2, of: 2, trial: false },
        leftOut: [{ carrier: 'telnyx', why: 'paused' }],
      },
    };
    const { calls } = explainFax({ ...FAX, state: 'partial', cause: 'hung_up', pagesConfirmed: 1 }, [{ cdr, ladder }]);
    assert.deepEqual(calls[0]?.met, [
      'It went over trunk by the rule germany; before it, telnyx is paused.',
      'It was answered after 8.2 s.',
      'A fax machine answered (DIS).',
      'It refused the test signal twice (FTT) of 3.',
      'It was ready for pages (CFR).',
      'It asked for parts of a page again once (PPR).',
      'It refused a page once (RTN).',
      'It confirmed once (MCF).',
      'The line: V.29 at 9600 bit/s with error correction, no T.38, 2 retrains and 1 bad row.',
      'The end: the far side ended the call in the middle. 1 of 3 pages got through. The last that was heard was DCN, 15.0 s in.',
    ]);
  });

  test('of a fax that goes on is what it waits for', () => {
    const told = (change: Partial<Fax>) => explainFax({ ...FAX, cause: null, ...change }, []).summary;
    assert.equal(
      told({ state: 'queued', nextCallAt: T0 }),
      'It has not failed: it waits for another call, not before 2026-01-01 08:00 UTC.',
    );
    assert.equal(told({ state: 'queued', attempts: 0 }), 'It has not failed: it waits for its first call.');
    assert.match(
      told({ state: 'held', held: 'CU', heldUntil: T0 }),
      /call CU, at the latest at 2026-01-01 08:00 UTC\.$/,
    );
    const looked = explainFax({ ...FAX, state: 'held', held: REVIEW, heldUntil: T0 }, []);
    assert.match(looked.summary, /until its pages have been looked at, at the latest at 2026-01-01 08:00 UTC\.$/);
    assert.equal(looked.action, 'Look at its pages and release it, or cancel it.');
    assert.match(told({ state: 'rendering' }), /pages are being made/);
    const { summary, action } = explainFax({ ...FAX, state: 'queued' }, [{ cdr: CDR, ladder: null }]);
    assert.equal(summary, 'It has not failed: it waits for another call. So far: the line was in use.');
    assert.match(action, /goes on by itself/);
  });

  test('has a sentence for every cause, and none promises a call that will not come', () => {
    for (const cause of Object.keys(CAUSES) as Cause[]) {
      const { summary, action, calls } = explainFax({ ...FAX, cause }, [{ cdr: { ...CDR, cause }, ladder: null }]);
      assert.match(summary, /^Failed after 1 call: .+\.$/, cause);
      assert.match(calls[0]?.met.at(-1) ?? '', /^The end: /, cause);
      assert.doesNotMatch(action, /the gateway (calls|sends|tries|goes)/, cause);
    }
  });

  test('holds no number', () => {
    const told = JSON.stringify(explainFax(FAX, [{ cdr: CDR, ladder: null }]).calls.map(({ met }) => met));
    assert.doesNotMatch(told, /2222222/);
  });
});
