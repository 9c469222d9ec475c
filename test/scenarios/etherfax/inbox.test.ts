import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAX_RESULTS } from '../../../carrier-adapters/etherfax/wire.ts';
import { RecordingReception } from '../../conformance/carrier-adapter.ts';
import { LINE_PAPER } from '../../conformance/line-paper.ts';
import type { EtherfaxOptions, InboxFax } from '../../emulators/etherfax/emulator.ts';
import { type EtherfaxBench, inboxFax, startBench } from './bench.ts';

const OURS = '+15551230000';
const MINUTE = 60_000;

interface Post extends EtherfaxBench {
  readonly reception: RecordingReception;
}

async function post(
  use: (post: Post) => Promise<void>,
  faxes: readonly InboxFax[] = [inboxFax('job-1')],
  settings: Record<string, unknown> = {},
  options: Partial<EtherfaxOptions> = {},
): Promise<void> {
  const made = await startBench(options, settings);
  const reception = new RecordingReception([OURS]);
  reception.purge = async (reference) => made.adapter.purge?.(reference);
  made.emulator.inbox.push(...faxes);
  try {
    await use({ ...made, reception });
  } finally {
    await made.stop();
  }
}

/** Starts the adapter and lets a little more than one look into the inbox pass. */
async function collect({ adapter, clock, reception }: Post, ms = 1_000): Promise<void> {
  await adapter.start(reception);
  await clock.pass(ms);
}

const downloads = ({ emulator }: Post) => emulator.server.requests.filter((line) => line === 'GET /inbox').length;

describe('etherFAX: faxes that come in', () => {
  test('the pages arrive unchanged, and only then is the fax marked as received', () =>
    post(async (made) => {
      const { reception, emulator } = made;
      reception.beforeEnd = async () => assert.deepEqual(emulator.received, []);
      await collect(made);
      assert.deepEqual(
        reception.pages.map((page) => Buffer.from(page)),
        [1, 2].map((number) => Buffer.from(LINE_PAPER.bytes(number))),
      );
      assert.deepEqual(reception.log, [
        'offer etherfax',
        'answered',
        'begin 1728',
        'end',
        'begin 1728',
        'end',
        'ended ok',
      ]);
      assert.deepEqual([reception.results[0]?.pagesConfirmed, reception.results[0]?.line?.rate], [2, 14_400]);
      assert.deepEqual(emulator.received, ['job-1']);
    }));

  test('all that waits is taken in one look, the oldest first, and later ones at the next', () =>
    post(
      async (made) => {
        await collect(made);
        assert.deepEqual(made.emulator.received, ['job-1', 'job-2']);
        made.emulator.inbox.push(inboxFax('job-3'));
        await made.clock.pass(29_000);
        assert.equal(made.emulator.received.length, 3);
      },
      [inboxFax('job-1'), inboxFax('job-2')],
    ));

  test('a fax that the reception does not take is not fetched, and comes again when its lock is over', () =>
    post(async (made) => {
      made.reception.refuse = 'receiver_not_ready';
      await collect(made, MINUTE);
      // getnext three times and no more: no get, no received.
      assert.deepEqual([made.reception.log, made.emulator.received, downloads(made)], [[], [], 4]);
      made.reception.refuse = undefined;
      await made.clock.pass(5 * MINUTE);
      assert.deepEqual(made.emulator.received, ['job-1']);
    }));

  test('a fax for nobody waits at the carrier and holds up no other', () =>
    post(
      async (made) => {
        await collect(made);
        assert.deepEqual(made.emulator.received, ['job-3']);
        assert.ok(made.log.some(({ text }) => text === 'an inbound fax for no number waits at the carrier'));
      },
      [inboxFax('job-1', { called: '5550009999' }), inboxFax('job-2', { called: 'front desk' }), inboxFax('job-3')],
    ));

  test('a carrier that locks nothing is not asked in a circle', () =>
    post(
      async (made) => {
        made.reception.refuse = 'receiver_not_ready';
        await collect(made, MINUTE);
        // Three looks, and in each of them the same fax twice.
        assert.equal(downloads(made), 6);
      },
      [inboxFax('job-1')],
      {},
      { lock: 0 },
    ));

  test('a page that could not be kept leaves the fax unread, and it is taken whole later', () =>
    post(async (made) => {
      made.reception.failEndPage = true;
      await collect(made);
      assert.deepEqual([made.emulator.received, made.reception.results[0]?.pagesConfirmed], [[], 0]);
      made.reception.failEndPage = false;
      await made.clock.pass(6 * MINUTE);
      assert.deepEqual([made.emulator.received, made.reception.pages.length], [['job-1'], 2]);
    }));

  test('a lost acknowledgement does not bring the fax twice', () =>
    post(async (made) => {
      const { emulator, reception } = made;
      reception.beforeEnd = async () => {
        // After the last page comes the acknowledgement.
        const fault = { type: 'cut_before' } as const;
        if (reception.pages.length === 1) emulator.server.faults.push({ matching: /inbox/, fault });
      };
      await collect(made);
      assert.deepEqual([reception.results[0]?.cause, emulator.received], ['ok', []]);
      await made.clock.pass(6 * MINUTE);
      assert.deepEqual(emulator.received, ['job-1']);
      assert.equal(made.reception.log.filter((line) => line.startsWith('offer')).length, 1);
    }));

  test('a file that is no fax stays at the carrier, is told once and holds up no other', () =>
    post(
      async (made) => {
        await collect(made, 12 * MINUTE);
        assert.deepEqual(made.emulator.received, ['job-2']);
        assert.deepEqual(
          made.reception.results.map(({ cause }) => cause),
          ['document_rejected', 'ok'],
        );
      },
      [inboxFax('job-1', { image: new TextEncoder().encode('%PDF-1.7 not a fax') }), inboxFax('job-2')],
    ));

  test('a file that is longer than maxFile is not taken', () =>
    post(
      async (made) => {
        await collect(made);
        assert.deepEqual([made.emulator.received, made.reception.results[0]?.cause], [[], 'document_rejected']);
      },
      [inboxFax('job-1', { image: new Uint8Array(200_000) })],
      { maxFile: 65_536 },
    ));

  test('a download that breaks is made again', () =>
    post(async (made) => {
      // The first request is getnext, the second the download.
      made.reception.offer = async (call) => {
        const fault = { type: 'cut_before' } as const;
        if (made.reception.results.length === 0) made.emulator.server.faults.push({ matching: /inbox/, fault });
        return RecordingReception.prototype.offer.call(made.reception, call);
      };
      await collect(made);
      assert.deepEqual([made.emulator.received, made.reception.results[0]?.cause], [[], 'line_lost']);
      await made.clock.pass(6 * MINUTE);
      assert.deepEqual(made.emulator.received, ['job-1']);
    }));

  test('an inbox that cannot be read is looked into again', () =>
    post(async (made) => {
      for (const fault of [{ type: 'status', status: 500 }, { type: 'garbage' }, { type: 'cut_after' }] as const) {
        made.emulator.server.faults.push({ matching: /inbox/, fault });
      }
      await collect(made);
      assert.deepEqual(made.emulator.received, []);
      await made.clock.pass(7 * MINUTE);
      assert.deepEqual([made.emulator.received, made.reception.results.length], [['job-1'], 1]);
    }));

  test('what the sender broke off is received with the pages that there are', () =>
    post(
      async (made) => {
        await collect(made);
        assert.deepEqual(made.emulator.received, ['job-1']);
        const [result] = made.reception.results;
        assert.deepEqual([result?.cause, result?.pagesConfirmed, result?.pageInFlight], ['line_lost', 2, false]);
        assert.match(result?.detail ?? '', /announced with 3 pages/);
      },
      [inboxFax('job-1', { result: FAX_RESULTS.UnexpectedDisconnect, pages: 3 })],
    ));

  test('after drain nothing is taken any more', () =>
    post(async (made) => {
      await made.adapter.start(made.reception);
      await made.adapter.drain();
      await made.clock.pass(10 * MINUTE);
      assert.deepEqual([made.reception.log, made.emulator.server.requests], [[], []]);
    }));

  test('an account that only sends is never asked for its inbox', () =>
    post(
      async (made) => {
        assert.equal(made.adapter.capabilities.inbound, 'none');
        await collect(made, 10 * MINUTE);
        assert.deepEqual(made.emulator.server.requests, []);
      },
      [inboxFax('job-1')],
      { inbound: false },
    ));

  test('two gateways on one inbox take each fax once', () =>
    post(
      async (made) => {
        const second = new RecordingReception([OURS]);
        second.purge = made.reception.purge;
        await made.adapter.start(made.reception);
        await made.again().start(second);
        await made.clock.pass(MINUTE);
        assert.deepEqual([...made.emulator.received].sort(), ['job-1', 'job-2', 'job-3', 'job-4']);
        assert.equal(made.reception.results.length + second.results.length, 4);
      },
      ['job-1', 'job-2', 'job-3', 'job-4'].map((jobId) => inboxFax(jobId)),
    ));

  test('no number, name or key is in the log', () =>
    post(
      async (made) => {
        made.emulator.server.faults.push({ matching: /inbox/, fault: { type: 'status', status: 500 } });
        await collect(made, 7 * MINUTE);
        assert.ok(made.log.length > 1);
        assert.doesNotMatch(JSON.stringify(made.log), /555123|493012|front|STATION|key/);
      },
      [
        inboxFax('job-1', { called: 'front desk 5551230000', remoteId: 'STATION' }),
        inboxFax('job-2', { image: new Uint8Array(9), remoteId: 'STATION' }),
      ],
    ));
});
