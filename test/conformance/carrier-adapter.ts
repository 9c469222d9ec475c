import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import type {
  CallReception,
  CallStep,
  CarrierAdapter,
  CarrierCopy,
  IncomingCall,
  OutgoingCall,
  OutgoingPage,
} from '../../gateway/ports/carrier-adapter.ts';

/** One adapter on its bench: a network (or an emulator of the carrier) that behaves as the numbers say. */
export interface CarrierBench {
  readonly adapter: CarrierAdapter;
  /** Numbers on the far side; one that the carrier cannot emulate is absent and its tests are skipped. */
  readonly numbers: {
    readonly answers: string;
    readonly busy?: string;
    readonly noAnswer?: string;
    readonly voice?: string;
    readonly outOfService?: string;
    readonly refusesTraining?: string;
    readonly hangsUpInPage2?: string;
    readonly vanishesAfterPage2?: string;
    readonly retrainsPage1?: string;
    /** Rings through to the adapter's own reception. */
    readonly own?: string;
  };
  /** Image bytes that have left for the far side, in whatever form the carrier sends them. */
  received(): number;
  /** False: `received` counts what the line makes of pages, with its own frames and repetitions. */
  readonly countsPages?: boolean;
  /** Pages that the carrier can send; left out: any bytes will do. */
  readonly paper?: { readonly rows: number; bytes(page: number): Uint8Array };
  /** What the caller hears of a number whose reception is not ready; left out: just that. */
  readonly notReady?: CallResult['cause'];
  /** Settles `work`, letting the bench's time pass. */
  run<T>(work: Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

const PAGE_BYTES = 30_000;

let references = 0;

/** Calls to be placed over a bench, with pages that it can send. */
export class Orders {
  readonly #paper: CarrierBench['paper'];

  constructor({ paper }: Pick<CarrierBench, 'paper'>) {
    this.#paper = paper;
  }

  /** What page `number` is made of. */
  content(number: number): Uint8Array {
    return this.#paper === undefined ? new Uint8Array(PAGE_BYTES).fill(number) : this.#paper.bytes(number);
  }

  /** Pages whose chunks are zeroed as the contract says; `opened` counts how often each was asked for. */
  pages(count: number, opened: number[] = [], first = 1): OutgoingPage[] {
    return Array.from({ length: count }, (_, index) => this.#page(first + index, opened));
  }

  outgoing(to: string, change: Partial<OutgoingCall> = {}): OutgoingCall {
    return {
      reference: `call-${++references}`,
      from: null,
      to: parseE164(to),
      csid: '+15550001111',
      settings: FIRST_LINE_SETTINGS,
      pages: this.pages(3),
      signal: new AbortController().signal,
      ...change,
    };
  }

  #page(number: number, opened: number[]): OutgoingPage {
    const bytes = this.content(number);
    return {
      number,
      width: 1728,
      rows: this.#paper?.rows ?? 1000,
      xDpi: 204,
      yDpi: 196,
      bytes: bytes.length,
      async *open() {
        opened.push(number);
        for (let at = 0; at < bytes.length; at += 10_000) {
          const chunk = bytes.slice(at, at + 10_000);
          yield chunk;
          chunk.fill(0);
        }
      },
    };
  }
}

interface Log {
  readonly steps: CallStep[];
  readonly result: CallResult;
}

/** Drives a call to its end; `before` runs after each step and before the next one is asked for. */
export async function drive(
  adapter: CarrierAdapter,
  call: OutgoingCall,
  before: (step: CallStep) => void | Promise<void> = () => {},
): Promise<Log> {
  const steps: CallStep[] = [];
  const running = adapter.place(call);
  for (let next = await running.next(); ; next = await running.next()) {
    if (next.done === true) return { steps, result: next.value };
    steps.push(next.value);
    await before(next.value);
  }
}

/** Steps in words, without progress. */
export const named = (steps: readonly CallStep[]) =>
  steps
    .filter((step) => step.type !== 'progress')
    .map((step) => ('page' in step ? `${step.type} ${step.page}` : step.type));

/** A reception that keeps what it was told, for calls that ring through. */
export class RecordingReception implements CallReception {
  readonly log: string[] = [];
  readonly pages: Uint8Array[] = [];
  readonly results: CallResult[] = [];
  readonly own: ReadonlySet<string>;
  refuse: Extract<Awaited<ReturnType<CallReception['offer']>>, { refused: unknown }>['refused'] | undefined;
  /** Stands for a slow disk. */
  beforeEnd: () => Promise<void> = async () => {};
  failEndPage = false;
  /** Has the carrier erase a received fax, as the gateway does once its end is durable. */
  purge: (reference: string) => Promise<unknown> = async () => {};
  /** What became of the copies of stored faxes, by reference. */
  readonly copies = new Map<string, CarrierCopy>();
  #chunks: Uint8Array[] = [];

  constructor(own: readonly E164[] | readonly string[]) {
    this.own = new Set(own);
  }

  async offer(call: Parameters<CallReception['offer']>[0]): ReturnType<CallReception['offer']> {
    if (!this.own.has(call.to)) return { refused: 'out_of_service' };
    if (this.refuse !== undefined) return { refused: this.refuse };
    const copy = this.copies.get(call.reference);
    if (call.stored === true && copy !== undefined && copy !== 'take_again') {
      return { refused: 'rejected', known: copy === 'purge' ? 'received' : 'rejected' };
    }
    this.log.push(`offer ${call.carrier}`);
    return { accepted: this.#incoming(call) };
  }

  #incoming({ reference, stored }: Parameters<CallReception['offer']>[0]): IncomingCall {
    return {
      answered: async () => void this.log.push('answered'),
      beginPage: async (info) => {
        this.#chunks = [];
        this.log.push(`begin ${info.width}`);
      },
      write: async (chunk) => void this.#chunks.push(chunk.slice()),
      endPage: async () => {
        if (this.failEndPage) throw new Error('no room');
        await this.beforeEnd();
        this.pages.push(new Uint8Array(Buffer.concat(this.#chunks)));
        this.log.push('end');
      },
      dropPage: async () => void this.log.push('drop'),
      ended: async (result, wish) => {
        this.log.push(`ended ${result.cause}`);
        this.results.push(result);
        if (stored !== true) return;
        const copy = wish ?? (result.cause === 'ok' ? 'purge' : 'take_again');
        this.copies.set(reference, copy);
        if (copy === 'purge') await this.purge(reference);
      },
    };
  }
}

/** The contract of `CarrierAdapter`, for every implementation. `make` starts the adapter with `reception`. */
export function carrierAdapterConformance(
  name: string,
  make: (reception: CallReception) => Promise<CarrierBench>,
): void {
  const own = (numbers: CarrierBench['numbers']) => numbers.own;

  async function bench<T>(
    use: (bench: CarrierBench, orders: Orders, reception: RecordingReception) => Promise<T>,
    ownNumbers: readonly string[] = ['+15551230000'],
  ): Promise<T> {
    const reception = new RecordingReception(ownNumbers);
    const made = await make(reception);
    try {
      return await use(made, new Orders(made), reception);
    } finally {
      await made.stop();
    }
  }

  describe(`${name}: placed calls`, () => {
    test('the steps of a call come in order, each page started before it is confirmed', () =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const { steps, result } = await run(drive(adapter, orders.outgoing(numbers.answers)));
        assert.deepEqual(named(steps), [
          'ringing',
          'answered',
          'negotiated',
          'page_started 1',
          'page_confirmed 1',
          'page_started 2',
          'page_confirmed 2',
          'page_started 3',
          'page_confirmed 3',
        ]);
        assert.equal(result.cause, 'ok');
        assert.equal(result.pagesConfirmed, 3);
        assert.equal(result.pageInFlight, false);
      }));

    test('page numbers are those of the fax, and only the given pages are sent', () =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const { steps, result } = await run(
          drive(adapter, orders.outgoing(numbers.answers, { pages: orders.pages(2, [], 4) })),
        );
        assert.deepEqual(named(steps).slice(3), [
          'page_started 4',
          'page_confirmed 4',
          'page_started 5',
          'page_confirmed 5',
        ]);
        assert.equal(result.pagesConfirmed, 2);
      }));

    test('no image byte leaves before gate 2, nor of a page before a step after its page_started was asked for', () =>
      bench(async ({ adapter, numbers, run, received, countsPages = true }, orders) => {
        let started = 0;
        let before = 0;
        await run(
          drive(adapter, orders.outgoing(numbers.answers), (step) => {
            if (step.type === 'page_confirmed') before = received();
            if (step.type !== 'answered' && step.type !== 'page_started') return;
            assert.equal(received(), before);
            if (countsPages) assert.equal(before, started * PAGE_BYTES);
            if (step.type === 'page_started') started++;
          }),
        );
        assert.equal(started, 3);
        assert.ok(before > 0);
      }));

    test('a call that is given up after it was answered sends no image', () =>
      bench(async ({ adapter, numbers, run, received }, orders) => {
        const running = adapter.place(orders.outgoing(numbers.answers));
        for (let next = await run(running.next()); next.done !== true; next = await run(running.next())) {
          if (next.value.type === 'answered') break;
        }
        await run(running.return({ ...NOTHING }));
        assert.equal(received(), 0);
      }));

    for (const [number, cause] of [
      ['busy', 'busy'],
      ['noAnswer', 'no_answer'],
      ['voice', 'no_fax'],
      ['outOfService', 'out_of_service'],
      ['refusesTraining', 'training_failed'],
    ] as const) {
      test(`a number that is ${number} ends the call as ${cause} without opening a page`, (context) =>
        bench(async ({ adapter, numbers, run }, orders) => {
          const to = numbers[number];
          if (to === undefined) return context.skip('the bench has no such number');
          const opened: number[] = [];
          const { steps, result } = await run(drive(adapter, orders.outgoing(to, { pages: orders.pages(2, opened) })));
          assert.equal(result.cause, cause);
          assert.deepEqual([result.pagesConfirmed, result.pageInFlight], [0, false]);
          assert.deepEqual(opened, []);
          assert.equal(named(steps).includes('negotiated'), false);
        }));
    }

    test('a far machine that disconnects in page 2 leaves page 1 confirmed and page 2 in flight', (context) =>
      bench(async ({ adapter, numbers, run }, orders) => {
        if (numbers.hangsUpInPage2 === undefined) return context.skip('the bench has no such number');
        const { steps, result } = await run(drive(adapter, orders.outgoing(numbers.hangsUpInPage2)));
        assert.equal(result.cause, 'hung_up');
        assert.deepEqual([result.pagesConfirmed, result.pageInFlight], [1, true]);
        assert.equal(named(steps).at(-1), 'page_started 2');
      }));

    test('a line that dies between a whole page and its confirmation is uncertain', (context) =>
      bench(async ({ adapter, numbers, run }, orders) => {
        if (numbers.vanishesAfterPage2 === undefined) return context.skip('the bench has no such number');
        const { result } = await run(drive(adapter, orders.outgoing(numbers.vanishesAfterPage2)));
        assert.equal(result.cause, 'uncertain');
        assert.deepEqual([result.pagesConfirmed, result.pageInFlight], [1, true]);
      }));

    test('RTN is followed by a retrain and the same page again', (context) =>
      bench(async ({ adapter, numbers, run }, orders) => {
        if (numbers.retrainsPage1 === undefined) return context.skip('the bench has no such number');
        const opened: number[] = [];
        const { steps, result } = await run(
          drive(adapter, orders.outgoing(numbers.retrainsPage1, { pages: orders.pages(2, opened) })),
        );
        assert.equal(result.cause, 'ok');
        assert.deepEqual(opened, [1, 1, 2]);
        assert.deepEqual(named(steps).slice(3, 7), ['page_started 1', 'retrain 1', 'negotiated', 'page_confirmed 1']);
        assert.equal(result.line?.retrains, 1);
      }));

    test('a page that cannot be read ends the call as image_lost and does not throw', () =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const broken: OutgoingPage = {
          ...(orders.pages(1)[0] as OutgoingPage),
          open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('does not open')) }) }),
        };
        const { result } = await run(drive(adapter, orders.outgoing(numbers.answers, { pages: [broken] })));
        assert.equal(result.cause, 'image_lost');
        assert.equal(result.pagesConfirmed, 0);
      }));
  });

  describe(`${name}: calls that the gateway ends`, () => {
    for (const [reason, cause] of [
      ['canceled', 'canceled'],
      ['fenced', 'gateway_stopped'],
    ] as const) {
      for (const at of ['ringing', 'answered', 'negotiated', 'page_started', 'progress', 'page_confirmed'] as const) {
        test(`${reason} at ${at}: nothing more is sent and the result says what is known`, () =>
          bench(async ({ adapter, numbers, run, received }, orders) => {
            const abort = new AbortController();
            let before = 0;
            const call = orders.outgoing(numbers.answers, { signal: abort.signal });
            const { steps, result } = await run(
              drive(adapter, call, (step) => {
                if (step.type !== at || abort.signal.aborted) return;
                before = received();
                abort.abort(reason);
              }),
            );
            assert.equal(result.cause, cause);
            assert.equal(received(), before);
            assert.equal(
              result.pagesConfirmed,
              named(steps).filter((step) => step.startsWith('page_confirmed')).length,
            );
            assert.equal(result.pageInFlight, at === 'progress');
          }));
      }
    }

    test('a signal that was aborted before the call places none', () =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const { steps, result } = await run(
          drive(adapter, orders.outgoing(numbers.answers, { signal: AbortSignal.abort('canceled') })),
        );
        assert.deepEqual(steps, []);
        assert.equal(result.cause, 'canceled');
      }));

    test('stop cuts live calls, and they end with a result', () =>
      bench(async ({ adapter, numbers, run }, orders) => {
        const { result } = await run(
          drive(adapter, orders.outgoing(numbers.answers), async (step) => {
            if (step.type === 'page_started' && step.page === 2) await adapter.stop();
          }),
        );
        assert.equal(result.cause, 'line_lost');
        assert.equal(result.pagesConfirmed, 1);
      }));
  });

  describe(`${name}: look-up by reference`, () => {
    test('an ended call is found with the result that the caller had', (context) =>
      bench(async ({ adapter, numbers, run }, orders) => {
        if (!adapter.capabilities.lookupByRef) return context.skip('the carrier cannot look up');
        const call = orders.outgoing(numbers.answers);
        const { result } = await run(drive(adapter, call));
        const found = await run(settledLookup(adapter, call.reference));
        assert.equal(found.found, 'ended');
        assert.deepEqual(found.found === 'ended' && { ...found.result, detail: '' }, { ...result, detail: '' });
      }));

    test('a call in progress is live', (context) =>
      bench(async ({ adapter, numbers, run }, orders) => {
        if (!adapter.capabilities.lookupByRef) return context.skip('the carrier cannot look up');
        const call = orders.outgoing(numbers.answers);
        let seen: string | undefined;
        await run(
          drive(adapter, call, async (step) => {
            if (step.type === 'answered') seen = (await adapter.lookup(call.reference)).found;
          }),
        );
        assert.equal(seen, 'live');
      }));

    test('a reference that nobody used is never found as live or ended', () =>
      bench(async ({ adapter, run }) => {
        const { found } = await run(adapter.lookup('nobody-used-this'));
        assert.ok(found === 'never_placed' || found === 'unknown');
      }));
  });

  describe(`${name}: calls that come in`, () => {
    test('pages arrive unchanged and in order, and a page is confirmed only after endPage has resolved', (context) =>
      bench(async ({ adapter, numbers, run }, orders, reception) => {
        const to = own(numbers);
        if (to === undefined) return context.skip('the carrier takes no calls');
        let confirmed = 0;
        reception.beforeEnd = async () => {
          const before = confirmed;
          for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
          assert.equal(confirmed, before);
        };
        const placed = drive(adapter, orders.outgoing(to), (step) => {
          if (step.type !== 'page_confirmed') return;
          confirmed++;
          assert.equal(reception.pages.length, confirmed);
        });
        const { result } = await run(placed);
        assert.equal(result.cause, 'ok');
        assert.deepEqual(
          reception.pages,
          [1, 2, 3].map((page) => orders.content(page)),
        );
        await run(settled(() => reception.results.length === 1));
        assert.deepEqual(
          reception.log.filter((entry) => entry.startsWith('ended')),
          ['ended ok'],
        );
        assert.equal(reception.log[0], `offer ${adapter.name}`);
      }));

    test('a refused call is not answered, and the caller hears the cause', (context) =>
      bench(async ({ adapter, numbers, run, notReady = 'receiver_not_ready' }, orders, reception) => {
        const to = own(numbers);
        if (to === undefined) return context.skip('the carrier takes no calls');
        reception.refuse = 'receiver_not_ready';
        const { steps, result } = await run(drive(adapter, orders.outgoing(to)));
        assert.deepEqual(steps, []);
        assert.equal(result.cause, notReady);
        assert.deepEqual(reception.log, []);
      }));

    test('a page that the reception could not keep is not confirmed', (context) =>
      bench(async ({ adapter, numbers, run }, orders, reception) => {
        const to = own(numbers);
        if (to === undefined) return context.skip('the carrier takes no calls');
        reception.failEndPage = true;
        const { result } = await run(drive(adapter, orders.outgoing(to)));
        assert.equal(result.pagesConfirmed, 0);
        await run(settled(() => reception.results.length === 1));
        assert.equal(reception.results[0]?.pagesConfirmed, 0);
      }));

    test('a caller that leaves in the middle ends the incoming call once, with a page in flight', (context) =>
      bench(async ({ adapter, numbers, run }, orders, reception) => {
        const to = own(numbers);
        if (to === undefined) return context.skip('the carrier takes no calls');
        const abort = new AbortController();
        await run(
          drive(adapter, orders.outgoing(to, { signal: abort.signal }), (step) => {
            if (step.type === 'progress' && step.page === 2) abort.abort('canceled');
          }),
        );
        await run(settled(() => reception.results.length > 0));
        assert.equal(reception.results.length, 1);
        assert.equal(reception.results[0]?.cause, 'hung_up');
        assert.deepEqual([reception.results[0]?.pagesConfirmed, reception.results[0]?.pageInFlight], [1, true]);
      }));

    test('after drain no call comes in', (context) =>
      bench(async ({ adapter, numbers, run }, orders, reception) => {
        const to = own(numbers);
        if (to === undefined) return context.skip('the carrier takes no calls');
        await adapter.drain();
        const { result } = await run(drive(adapter, orders.outgoing(to)));
        assert.notEqual(result.cause, 'ok');
        assert.deepEqual(reception.log, []);
      }));
  });
}

/** What a caller hands over that gives a call up. */
export const NOTHING: CallResult = {
  cause: 'gateway_stopped',
  detail: 'given up',
  pagesConfirmed: 0,
  pageInFlight: false,
  remoteId: null,
  line: null,
};

/** Waits until `done`, a turn of the event loop at a time. */
async function settled(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !done(); turn++) await new Promise(setImmediate);
  assert.ok(done(), 'it never happened');
}

async function settledLookup(adapter: CarrierAdapter, reference: string) {
  for (let turn = 0; turn < 1_000; turn++) {
    const answer = await adapter.lookup(reference);
    if (answer.found !== 'live') return answer;
    await new Promise(setImmediate);
  }
  return adapter.lookup(reference);
}
