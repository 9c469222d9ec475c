import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallReception, CallStep, CarrierAdapter, OutgoingPage } from '../../gateway/ports/carrier-adapter.ts';
import { type CarrierBench, drive, NOTHING, named, Orders, RecordingReception } from './carrier-adapter.ts';

/** An adapter that hands whole faxes to its carrier's API, on a bench with the carrier's emulator. */
export interface PushBench {
  readonly adapter: CarrierAdapter;
  /** The carrier fetches the pages itself: whether they can be read, it sees, and not the adapter. */
  readonly pulls?: true;
  /** Numbers that the emulator knows; one that it cannot play is absent and its tests are skipped. */
  readonly numbers: {
    readonly answers: string;
    readonly busy?: string;
    readonly noAnswer?: string;
    readonly voice?: string;
    /** The line breaks when page 1 of 3 is confirmed, and the carrier counts pages. */
    readonly breaksAfterPage1?: string;
  };
  /** Octets of images at the carrier, in whatever form. */
  received(): number;
  /** Faxes that the carrier has taken. */
  orders(): number;
  /** The next order for a fax is carried out, and its answer never arrives. */
  loseAnswer(): void;
  /** The adapter of a process that knows nothing but its settings. */
  restarted(): CarrierAdapter;
  /** A fax for +15551230000 comes to the carrier, as T.6 pages of `paper`; time passes until the adapter has had its chance. */
  arrive?(pages: readonly Uint8Array[]): Promise<void>;
  /** Inbound faxes that the carrier still holds for us. */
  waiting?(): number;
  readonly paper: NonNullable<CarrierBench['paper']>;
  /** Settles `work`, letting the bench's time pass. */
  run<T>(work: Promise<T>): Promise<T>;
  /** Calls `act` once the carrier has a fax and its end is waited for. */
  whileFollowed(act: () => void): void;
  stop(): Promise<void>;
}

const OWN = '+15551230000';

/** The carrier's id of the call, which is named once and in printable characters. */
function takenAs(steps: readonly CallStep[]): string {
  const ids = steps.flatMap((step) => (step.type === 'taken' ? [step.carrierId] : []));
  assert.equal(ids.length, 1);
  assert.match(ids[0] ?? '', /^[\x21-\x7e]{1,200}$/);
  return ids[0] ?? '';
}

/** The contract of `CarrierAdapter` where `mediaDelivery` is `push` or `pull`: all pages leave with the start of the first. */
export function pushCarrierConformance(name: string, make: (reception: CallReception) => Promise<PushBench>): void {
  async function bench<T>(
    use: (bench: PushBench, orders: Orders, reception: RecordingReception) => Promise<T>,
  ): Promise<T> {
    const reception = new RecordingReception([OWN]);
    const made = await make(reception);
    reception.purge = async (reference) => made.adapter.purge?.(reference);
    try {
      assert.equal(made.adapter.capabilities.mediaDelivery, made.pulls === true ? 'pull' : 'push');
      return await use(made, new Orders(made), reception);
    } finally {
      await made.stop();
    }
  }

  describe(`${name}: placed faxes`, () => {
    test('each page is started directly before it is confirmed, and all are when the carrier has delivered', () =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const { steps, result } = await run(drive(adapter, orders.outgoing(numbers.answers)));
        assert.deepEqual(named(steps), [
          'answered',
          'page_started 1',
          'taken',
          'page_confirmed 1',
          'page_started 2',
          'page_confirmed 2',
          'page_started 3',
          'page_confirmed 3',
        ]);
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], ['ok', 3, false]);
      }));

    test('page numbers are those of the fax, and only the given pages are sent', () =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const opened: number[] = [];
        const call = orders.outgoing(numbers.answers, { pages: orders.pages(2, opened, 4) });
        const { steps, result } = await run(drive(adapter, call));
        assert.deepEqual(named(steps).slice(1), [
          'page_started 4',
          'taken',
          'page_confirmed 4',
          'page_started 5',
          'page_confirmed 5',
        ]);
        assert.deepEqual([result.pagesConfirmed, opened], [2, [4, 5]]);
      }));

    test('no page is opened and no octet leaves before gate 2 and the start of the first page', () =>
      bench(async ({ adapter, numbers, run, received }, orders) => {
        const opened: number[] = [];
        await run(
          drive(adapter, orders.outgoing(numbers.answers, { pages: orders.pages(3, opened) }), (step) => {
            const first = step.type === 'answered' || (step.type === 'page_started' && step.page === 1);
            if (first) assert.deepEqual([opened.length, received()], [0, 0]);
          }),
        );
        assert.ok(received() > 0);
      }));

    for (const last of ['answered', 'page_started'] as const) {
      test(`a call that is given up at ${last} sends nothing`, () =>
        bench(async ({ adapter, numbers, run, received, orders: taken }, orders) => {
          const running = adapter.place(orders.outgoing(numbers.answers));
          for (let next = await run(running.next()); next.done !== true; next = await run(running.next())) {
            if (next.value.type === last) break;
          }
          await run(running.return({ ...NOTHING }));
          assert.deepEqual([received(), taken()], [0, 0]);
        }));
    }

    for (const [number, cause] of [
      ['busy', 'busy'],
      ['noAnswer', 'no_answer'],
      ['voice', 'no_fax'],
    ] as const) {
      test(`a number that is ${number} ends the call as ${cause}, with no page confirmed or in doubt`, (context) =>
        bench(async ({ adapter, numbers, run }, orders) => {
          const to = numbers[number];
          if (to === undefined) return context.skip('the bench has no such number');
          const { steps, result } = await run(drive(adapter, orders.outgoing(to)));
          assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], [cause, 0, false]);
          assert.deepEqual(named(steps).slice(0, 3), ['answered', 'page_started 1', 'taken']);
        }));
    }

    test('a line that breaks after page 1 leaves page 1 confirmed and page 2 started and in flight', (context) =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const to = numbers.breaksAfterPage1;
        if (to === undefined) return context.skip('the bench has no such number');
        const { steps, result } = await run(drive(adapter, orders.outgoing(to)));
        assert.deepEqual([result.pagesConfirmed, result.pageInFlight], [1, true]);
        assert.deepEqual(named(steps).slice(2), ['taken', 'page_confirmed 1', 'page_started 2']);
      }));

    test('a page that cannot be read ends the call as image_lost, and nothing was ordered', (context) =>
      bench(async ({ adapter, numbers, run, orders: taken, pulls }, orders) => {
        if (pulls === true) return context.skip('the carrier reads the pages, and not the adapter');
        const broken: OutgoingPage = {
          ...(orders.pages(1)[0] as OutgoingPage),
          open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('does not open')) }) }),
        };
        const pages = [...orders.pages(1), broken];
        const { result } = await run(drive(adapter, orders.outgoing(numbers.answers, { pages })));
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], ['image_lost', 0, false]);
        assert.equal(taken(), 0);
      }));

    test('an order whose answer is lost is never given twice: it is found again, or uncertain', () =>
      bench(async ({ adapter, numbers, run, loseAnswer, orders: taken }, orders) => {
        loseAnswer();
        const { result } = await run(drive(adapter, orders.outgoing(numbers.answers)));
        assert.equal(taken(), 1);
        assert.ok(['ok', 'uncertain'].includes(result.cause), result.cause);
        assert.equal(result.pageInFlight, result.cause === 'uncertain');
      }));
  });

  describe(`${name}: faxes that the gateway ends`, () => {
    for (const [reason, cause] of [
      ['canceled', 'canceled'],
      ['fenced', 'gateway_stopped'],
    ] as const) {
      for (const at of ['answered', 'page_started'] as const) {
        test(`${reason} at ${at}: nothing is sent`, () =>
          bench(async ({ adapter, numbers, run, received, orders: taken }, orders) => {
            const abort = new AbortController();
            const call = orders.outgoing(numbers.answers, { signal: abort.signal });
            const { result } = await run(
              drive(adapter, call, (step) => {
                if (step.type === at) abort.abort(reason);
              }),
            );
            assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], [cause, 0, false]);
            assert.deepEqual([received(), taken()], [0, 0]);
          }));
      }
    }

    test('a signal that was aborted before the call places none', () =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const signal = AbortSignal.abort('canceled');
        const { steps, result } = await run(drive(adapter, orders.outgoing(numbers.answers, { signal })));
        assert.deepEqual([steps, result.cause], [[], 'canceled']);
      }));

    test('a fenced call is left to the carrier: it is in doubt here, and goes on there', () =>
      bench(async ({ adapter, numbers, run, whileFollowed, orders: taken }, orders) => {
        const abort = new AbortController();
        whileFollowed(() => abort.abort('fenced'));
        const { result } = await run(drive(adapter, orders.outgoing(numbers.answers, { signal: abort.signal })));
        assert.deepEqual([result.cause, result.pageInFlight, taken()], ['gateway_stopped', true, 1]);
      }));

    test('a cancel while the carrier sends ends as the carrier says', () =>
      bench(async ({ adapter, numbers, run, whileFollowed, orders: taken }, orders) => {
        const abort = new AbortController();
        whileFollowed(() => abort.abort('canceled'));
        const { result } = await run(drive(adapter, orders.outgoing(numbers.answers, { signal: abort.signal })));
        const causes = adapter.capabilities.cancellable ? ['canceled', 'ok'] : ['ok'];
        assert.ok(causes.includes(result.cause), result.cause);
        assert.equal(taken(), 1);
      }));

    test('stop ends the following of a fax with a result that leaves it in doubt', () =>
      bench(async ({ adapter, numbers, run, whileFollowed }, orders) => {
        whileFollowed(() => void adapter.stop());
        const { result } = await run(drive(adapter, orders.outgoing(numbers.answers)));
        assert.deepEqual([result.cause, result.pageInFlight], ['line_lost', true]);
      }));
  });

  describe(`${name}: look-up by reference`, () => {
    test('an ended fax is found with the result that the caller had; after a restart it is that, or unknown', () =>
      bench(async ({ adapter, numbers, run, restarted }, orders) => {
        const call = orders.outgoing(numbers.answers);
        const { result } = await run(drive(adapter, call));
        const found = await run(adapter.lookup(call.reference));
        assert.ok(found.found === 'ended');
        assert.deepEqual({ ...found.result, detail: '' }, { ...result, detail: '' });
        const later = await run(restarted().lookup(call.reference));
        if (later.found === 'ended') assert.deepEqual({ ...later.result, detail: '' }, { ...result, detail: '' });
        else assert.equal(later.found, 'unknown');
      }));

    test('by the id that the step taken named, a process that knows nothing else finds the same end', () =>
      bench(async ({ adapter, numbers, run, restarted }, orders) => {
        const call = orders.outgoing(numbers.answers);
        const { steps, result } = await run(drive(adapter, call));
        const later = await run(restarted().lookup(call.reference, takenAs(steps)));
        assert.ok(later.found === 'ended', later.found);
        assert.deepEqual({ ...later.result, detail: '' }, { ...result, detail: '' });
      }));

    test('an id that the carrier does not know says nothing of what was sent', () =>
      bench(async ({ run, restarted }) => {
        const { found } = await run(restarted().lookup('nobody-used-this', '0a0a0a0a-0000-4000-8000-0a0a0a0a0a0a'));
        assert.equal(found, 'unknown');
      }));

    test('a fax that the carrier is sending is live', () =>
      bench(async ({ adapter, numbers, run, whileFollowed }, orders) => {
        const abort = new AbortController();
        whileFollowed(() => abort.abort('fenced'));
        const call = orders.outgoing(numbers.answers, { signal: abort.signal });
        await run(drive(adapter, call));
        assert.equal((await run(adapter.lookup(call.reference))).found, 'live');
      }));

    test('a reference that nobody used is never found as live or ended', () =>
      bench(async ({ adapter, run }) => {
        const { found } = await run(adapter.lookup('nobody-used-this'));
        assert.ok(found === 'never_placed' || found === 'unknown');
      }));
  });

  describe(`${name}: faxes that come in`, () => {
    test('pages arrive unchanged and in order, and the carrier lets go of them only when they are durable', (context) =>
      bench(async ({ adapter, arrive, waiting }, orders, reception) => {
        if (arrive === undefined || waiting === undefined) return context.skip('the carrier takes no calls');
        reception.beforeEnd = async () => assert.equal(waiting(), 1);
        const pages = [1, 2, 3].map((page) => orders.content(page));
        await arrive(pages);
        assert.deepEqual(
          reception.pages.map((page) => Buffer.from(page)),
          pages.map((page) => Buffer.from(page)),
        );
        assert.deepEqual([reception.log[0], reception.log.at(-1)], [`offer ${adapter.name}`, 'ended ok']);
        assert.deepEqual([reception.results.length, waiting()], [1, 0]);
      }));

    test('a fax that is here already, whoever took it, is not taken again', (context) =>
      bench(async ({ arrive, waiting }, orders, reception) => {
        if (arrive === undefined || waiting === undefined) return context.skip('the carrier takes no calls');
        // The purge never comes through, and the same fax is offered for as long as the carrier has it.
        reception.purge = async () => {};
        await arrive([orders.content(1)]);
        await arrive([orders.content(2)]);
        assert.deepEqual([reception.results.length, [...reception.copies.values()]], [2, ['purge', 'purge']]);
      }));

    test('a fax that the reception refuses stays with the carrier', (context) =>
      bench(async ({ arrive, waiting }, orders, reception) => {
        if (arrive === undefined || waiting === undefined) return context.skip('the carrier takes no calls');
        reception.refuse = 'receiver_not_ready';
        await arrive([orders.content(1)]);
        assert.deepEqual([reception.log, waiting()], [[], 1]);
      }));

    test('a fax whose page could not be kept stays with the carrier', (context) =>
      bench(async ({ arrive, waiting }, orders, reception) => {
        if (arrive === undefined || waiting === undefined) return context.skip('the carrier takes no calls');
        reception.failEndPage = true;
        await arrive([orders.content(1)]);
        assert.deepEqual([reception.results[0]?.pagesConfirmed, waiting()], [0, 1]);
      }));

    test('after drain no fax comes in', (context) =>
      bench(async ({ adapter, arrive, waiting, run }, orders, reception) => {
        if (arrive === undefined || waiting === undefined) return context.skip('the carrier takes no calls');
        await run(adapter.drain());
        await arrive([orders.content(1)]);
        assert.deepEqual([reception.log, waiting()], [[], 1]);
      }));
  });

  describe(`${name}: what the carrier keeps`, () => {
    test('a purge says what became of it, and never throws', (context) =>
      bench(async ({ adapter, numbers, run }, orders) => {
        if (adapter.purge === undefined) return context.skip('the carrier keeps nothing');
        const call = orders.outgoing(numbers.answers);
        await run(drive(adapter, call));
        const { outcome, detail } = await run(adapter.purge(call.reference));
        assert.ok(['purged', 'kept', 'none'].includes(outcome));
        assert.doesNotMatch(detail, /[0-9]{5}/);
        await run(adapter.purge('nobody-used-this'));
      }));

    test('a purge by the carrier’s id answers the same after a restart, and once more', (context) =>
      bench(async ({ adapter, numbers, run, restarted }, orders) => {
        if (adapter.purge === undefined) return context.skip('the carrier keeps nothing');
        const call = orders.outgoing(numbers.answers);
        const { steps } = await run(drive(adapter, call));
        const later = restarted();
        const first = await run(later.purge?.(call.reference, takenAs(steps)) ?? Promise.reject());
        const second = await run(later.purge?.(call.reference, takenAs(steps)) ?? Promise.reject());
        assert.equal(second.outcome, first.outcome === 'purged' ? 'none' : first.outcome);
      }));

    test('health is told in words', () =>
      bench(async ({ adapter, run }) => {
        const { ok, detail } = await run(adapter.health());
        assert.ok(ok && detail.length > 0);
      }));
  });
}
