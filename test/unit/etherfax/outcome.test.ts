import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { causeOfHttp, ended, refused } from '../../../carrier-adapters/etherfax/outcome.ts';
import { FAX_RESULTS, type FaxResult, type JobStatus } from '../../../carrier-adapters/etherfax/wire.ts';
import { CAUSES } from '../../../gateway/fax/cause.ts';

const status = (change: Partial<JobStatus>): JobStatus => ({
  result: { known: 'Error' },
  jobId: 'job',
  pagesDelivered: null,
  connectTime: null,
  connectSpeed: null,
  remoteId: null,
  ...change,
});

/** Written from the meaning of the names, not from the table in the code: before a connection, and during one. */
const EXPECTED: Readonly<Record<Exclude<FaxResult, 'InProgress'>, readonly [string, string]>> = {
  Success: ['ok', 'ok'],
  Error: ['carrier_unavailable', 'line_lost'],
  LineBusy: ['busy', 'busy'],
  LineDead: ['carrier_unavailable', 'line_lost'],
  LineFailure: ['carrier_unavailable', 'line_lost'],
  NoDialTone: ['carrier_unavailable', 'carrier_unavailable'],
  NoAnswer: ['no_answer', 'no_answer'],
  InvalidOrMissingNumber: ['number_invalid', 'number_invalid'],
  InvalidOrMissingFile: ['document_rejected', 'document_rejected'],
  InvalidChannel: ['carrier_refused', 'carrier_refused'],
  UnexpectedDisconnect: ['rejected', 'line_lost'],
  NoChannelsAvailable: ['carrier_unavailable', 'carrier_unavailable'],
  ChannelUnavailable: ['carrier_unavailable', 'carrier_unavailable'],
  NothingToCancel: ['uncertain', 'uncertain'],
  DeviceTimeout: ['carrier_unavailable', 'line_lost'],
  DeviceBusy: ['carrier_unavailable', 'carrier_unavailable'],
  NotFaxMachine: ['no_fax', 'no_fax'],
  IncompatibleFaxMachine: ['negotiation_failed', 'negotiation_failed'],
  FileError: ['document_rejected', 'document_rejected'],
  FileNotFound: ['document_rejected', 'document_rejected'],
  FileUnsupported: ['document_rejected', 'document_rejected'],
  CallCollision: ['carrier_unavailable', 'carrier_unavailable'],
  Cancelled: ['carrier_unavailable', 'line_lost'],
  CallBlocked: ['number_refused', 'number_refused'],
  DestinationBlackListed: ['number_refused', 'number_refused'],
  Unauthorized: ['carrier_refused', 'carrier_refused'],
  InvalidParameter: ['carrier_refused', 'carrier_refused'],
  NotImplemented: ['carrier_refused', 'carrier_refused'],
  ItemNotFound: ['uncertain', 'uncertain'],
};

describe('what the results of etherFAX mean', () => {
  test('the seconds that etherFAX counted are told, and left out where it tells none', () => {
    const known = { known: 'Success' } as const;
    assert.equal(ended(status({ result: known, connectTime: 42 }), 1).lineSeconds, 42);
    assert.equal('lineSeconds' in ended(status({ result: known }), 1), false);
  });
  for (const [name, [before, during]] of Object.entries(EXPECTED)) {
    const known = name as FaxResult;
    test(`${name} (${FAX_RESULTS[known]}) is ${before} before a connection and ${during} in it`, () => {
      const early = ended(status({ result: { known }, connectTime: 0 }), 3);
      assert.equal(early.cause, before);
      const late = ended(
        status({ result: { known }, connectTime: 20, pagesDelivered: known === 'Success' ? 3 : 1 }),
        3,
      );
      assert.deepEqual([late.cause, late.pagesConfirmed], [during, known === 'Success' ? 3 : 1]);
      assert.match(late.detail, new RegExp(`^etherFAX: ${name}`));
      assert.ok(early.cause in CAUSES && late.cause in CAUSES);
    });
  }

  test('a call of which nobody says whether it was up is taken for one that was', () => {
    const result = ended(status({ result: { known: 'LineFailure' } }), 1);
    assert.deepEqual([result.cause, result.pageInFlight], ['line_lost', true]);
  });

  test('all pages delivered and a line that broke after them leave nothing in flight', () => {
    const result = ended(status({ result: { known: 'UnexpectedDisconnect' }, pagesDelivered: 3, connectTime: 60 }), 3);
    assert.deepEqual([result.pagesConfirmed, result.pageInFlight], [3, false]);
  });

  test('more pages delivered than were sent count as what was sent', () => {
    assert.equal(ended(status({ result: { known: 'LineBusy' }, pagesDelivered: 9 }), 3).pagesConfirmed, 3);
  });

  test('an unknown result at the end is uncertain; at once it was not taken, and another carrier may', () => {
    const unknown = status({ result: { raw: '4711' } });
    assert.deepEqual([ended(unknown, 1).cause, ended(unknown, 1).pageInFlight], ['uncertain', true]);
    assert.deepEqual([refused(unknown).cause, refused(unknown).pageInFlight], ['carrier_unavailable', false]);
    assert.match(ended(unknown, 1).detail, /not known here: 4711$/);
  });

  test('Success without a job contradicts itself', () => {
    const result = refused(status({ result: { known: 'Success' } }));
    assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
  });

  test('an HTTP status that may stand behind a fax that was taken is uncertain', () => {
    for (const code of [200, 202, 500, 502, 504, 599]) assert.equal(causeOfHttp(code), 'uncertain');
    for (const code of [408, 429, 503]) assert.equal(causeOfHttp(code), 'carrier_unavailable');
    for (const code of [301, 400, 401, 403, 404, 413, 415]) assert.equal(causeOfHttp(code), 'carrier_refused');
  });
});
