import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Exchange } from '../../../carrier-adapters/loopback/network/exchange.ts';
import type { Paper, Sheet } from '../../../carrier-adapters/loopback/network/paper.ts';
import type { Rule } from '../../../carrier-adapters/loopback/network/rules.ts';
import type { DialOrder, Leg, Network } from '../../../carrier-adapters/loopback/network/signals.ts';
import type { Subscriber } from '../../../carrier-adapters/loopback/network/subscriber.ts';
import type { Speed } from '../../../carrier-adapters/loopback/network/timing.ts';
import { place } from '../../../carrier-adapters/loopback/place.ts';
import { generateSigningKey, randomId, type SigningKey, sealObject, wipe } from '../../../crypto/index.ts';
import {
  createDispatch,
  DISPATCH_SETTINGS,
  type Dispatch,
  type DispatchSettings,
} from '../../../gateway/dispatch/index.ts';
import type { Account, User } from '../../../gateway/fax/account.ts';
import type { Fax, PageOptions } from '../../../gateway/fax/fax.ts';
import { type FaxId, newId } from '../../../gateway/fax/ids.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { type AccountPolicy, FIRST_LINE_SETTINGS } from '../../../gateway/fax/policy.ts';
import { isFinal } from '../../../gateway/fax/states.ts';
import type {
  CarrierAdapter,
  CarrierCapabilities,
  IncomingCall,
  OutgoingPage,
} from '../../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { DestinationGuard } from '../../../gateway/ports/destination-guard.ts';
import type { EpochKeyStore, ImageVault } from '../../../gateway/ports/image-vault.ts';
import type { JobQueue } from '../../../gateway/ports/job-queue.ts';
import type { Log, Metrics } from '../../../gateway/ports/log.ts';
import { createReception, type Reception } from '../../../gateway/reception/index.ts';
import { createRecords, type Records } from '../../../gateway/records/index.ts';
import { type CarrierPurges, createCarrierPurges } from '../../../gateway/retention/index.ts';
import type { MediaLinks } from '../../../gateway/retrieval/media-links.ts';
import { BREAKER_SETTINGS } from '../../../gateway/routing/breaker.ts';
import { createHealth, type HealthWatch } from '../../../gateway/routing/health.ts';
import { createLearned } from '../../../gateway/routing/learned.ts';
import { createPlanner, plainTerms, type Route } from '../../../gateway/routing/plan.ts';
import { createEpochRoll, createFileVault, createMemoryStore } from '../../../gateway/vault/index.ts';
import { openGuard } from '../../conformance/open-guard.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';
import { VirtualClock } from './virtual-clock.ts';

const OPTIONS: PageOptions = {
  resolution: 'fine',
  halftone: 'auto',
  contrast: 0,
  paper: 'a4',
  header: null,
  senderName: '',
  csid: '+15559990000',
  timeZone: 'UTC',
  cover: null,
};

const metrics: Metrics = { count: () => {}, observe: () => {}, gauge: () => {} };

/** What the far machines printed: content of each whole page, in order. */
export class PaperLog implements Paper {
  readonly whole: string[] = [];
  readonly begun: string[] = [];
  bytes = 0;

  sheet(): Sheet {
    let text = '';
    return {
      block: async (data) => {
        if (text === '') this.begun.push(nameOf(new TextDecoder().decode(data)));
        text += new TextDecoder().decode(data);
        this.bytes += data.length;
      },
      whole: async () => void this.whole.push(nameOf(text)),
      spoiled: async () => {},
    };
  }
}

const nameOf = (text: string) => text.slice(0, text.indexOf('|'));

/** T.6 stands in for itself here: dispatch and reception never look inside. */
function pageBytes(fax: FaxId, page: number, size: number): Uint8Array {
  return new TextEncoder().encode(`${fax} ${page}|`.padEnd(size, '.'));
}

export interface FaxOrder {
  readonly to: string;
  readonly pages?: number;
  readonly size?: number;
  readonly retries?: number;
  /** Seconds. */
  readonly retryInterval?: number;
  readonly deadline?: number | null;
  readonly policy?: Partial<AccountPolicy>;
}

/** One process: it can be killed (promises never settle, timers never fire) or put to sleep (they wait). */
export class Life {
  dead = false;
  asleep = false;
  /** Called around each call to the records and the vault of this process; a test kills or throws here. */
  around: (name: string, when: 'before' | 'after') => void = () => {};
  /** One operation that takes long. */
  delay: { readonly name: string; readonly ms: number } | undefined;
  readonly legs = new Set<Leg>();
  readonly #death = Promise.withResolvers<undefined>();
  #missed: (() => void)[] = [];

  kill(): void {
    this.dead = true;
    this.#death.resolve(undefined);
    for (const leg of this.legs) leg.hangUp('line_lost', 'the caller vanished');
  }

  /** SIGCONT: timers that came due fire now, late. */
  wake(): void {
    this.asleep = false;
    for (const run of this.#missed.splice(0)) run();
  }

  fire(run: () => void): void {
    if (this.asleep) this.#missed.push(run);
    else if (!this.dead) run();
  }

  /** `work`, or undefined when the process dies before. */
  orDeath<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.#death.promise]);
  }

  wrap<T extends object>(target: T, clock: VirtualClock, asynchronous: (name: string) => boolean): T {
    return new Proxy(target, {
      get: (object, property) => {
        const member: unknown = Reflect.get(object, property);
        if (typeof member !== 'function') return member;
        const name = String(property);
        const call = (...values: unknown[]): unknown => Reflect.apply(member, object, values);
        return asynchronous(name) ? (...values: unknown[]) => this.#run(name, clock, () => call(...values)) : call;
      },
    });
  }

  async #run(name: string, clock: VirtualClock, call: () => unknown): Promise<unknown> {
    if (this.dead) return never();
    this.around(name, 'before');
    if (this.dead) return never();
    // Work inside of work (the vault's own records) never settles after a death: it must not hold the clock.
    const answer = await clock.holding(this.orDeath(Promise.resolve(call())));
    const { delay } = this;
    if (delay?.name === name) await new Promise<void>((resolve) => clock.after(delay.ms, resolve));
    this.around(name, 'after');
    return this.dead ? never() : answer;
  }
}

const never = (): Promise<never> => new Promise(() => {});

/** One worker process: dispatch, reception, carriers and a bell, over the records and files of the bench. */
export interface Worker {
  readonly dispatch: Dispatch;
  readonly reception: Reception;
  readonly carriers: readonly (CarrierAdapter & { place: CarrierAdapter['place'] })[];
  readonly health: HealthWatch;
  /** Looks at nothing before its `start`. */
  readonly purges: CarrierPurges;
  readonly life: Life;
  readonly warnings: string[];
  readonly errors: string[];
  /** As kill -9: nothing of it runs any more, and its lines are hung up. */
  kill(): void;
}

/** What an adapter that a test makes has of the process that it runs in. */
export interface AdapterProcess {
  readonly clock: Clock;
  readonly log: Log;
  readonly life: Life;
}

export interface WorkerOptions {
  readonly settings?: Partial<DispatchSettings>;
  readonly capabilities?: Partial<CarrierCapabilities>;
  readonly routes?: readonly Route[];
  readonly carriers?: readonly string[];
  /** Carriers of another kind in their place. */
  readonly adapters?: (process: AdapterProcess) => readonly CarrierAdapter[];
  /** Carriers that refuse every call, as long as they do. */
  readonly isDown?: (carrier: string) => boolean;
  /** What may be called; everything when left out. */
  readonly guard?: Pick<DestinationGuard, 'recheck'>;
  /** Links for carriers that fetch the pages; none when left out. */
  readonly linkFor?: MediaLinks['linkFor'];
  /** A bell that nobody hears. */
  readonly deaf?: boolean;
  readonly connected?: boolean;
  /** False: calls to the bench's number ring at another worker. */
  readonly receives?: boolean;
}

export interface BenchOptions {
  readonly speed?: Speed;
  readonly rules?: readonly Rule[];
  readonly policy?: Partial<AccountPolicy>;
}

/** A database, a key store, a telephone network and a clock that outlive every worker. */
export class Bench {
  readonly clock: VirtualClock;
  readonly paper = new PaperLog();
  readonly records: Records;
  readonly store: EpochKeyStore = createMemoryStore();
  readonly exchange: Exchange;
  readonly account: Account;
  readonly user: User;
  readonly vault: ImageVault;
  readonly #directory: string;
  readonly #key: SigningKey;
  #workers = 0;

  private constructor(
    clock: VirtualClock,
    records: Records,
    people: { readonly account: Account; readonly user: User },
    directory: string,
    key: SigningKey,
    { speed = 'instant', rules = [] }: BenchOptions,
  ) {
    this.clock = clock;
    this.records = records;
    this.account = people.account;
    this.user = people.user;
    this.#directory = directory;
    this.#key = key;
    this.vault = this.#fileVault(records.vault);
    this.exchange = new Exchange({ clock, speed, rules, paper: this.paper, outlives: true });
  }

  static async open(postgres: TestPostgres, options: BenchOptions = {}): Promise<Bench> {
    const clock = new VirtualClock();
    // Connections of a bench that was closed end a moment later, when the next one has its own already.
    const pool = postgres.pool({ max: 12 });
    const records = createRecords({ pool, log: silentLog });
    await records.migrate();
    await pool.query(`truncate ${TABLES} cascade`);
    const people = await settlePeople(records, options.policy ?? {}, clock.now());
    const directory = await mkdtemp(join(tmpdir(), 'calls-'));
    const key = await receiptKey();
    const bench = new Bench(clock, records, people, directory, key, options);
    const shared = { records: records.vault, clock, log: silentLog, metrics, receiptKey: key };
    await createEpochRoll({ ...shared, store: bench.store, vault: bench.vault, imageLost: async () => {} }).start();
    return bench;
  }

  async close(): Promise<void> {
    await this.records.close();
    await this.store.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** A fax that is rendered and queued. */
  async submit(order: FaxOrder): Promise<FaxId> {
    const id = newId('fax', randomId);
    const now = this.clock.now();
    const { imageLife, uncertain, uncertainHold, inboundHold } = { ...this.account.policy, ...order.policy };
    const dek = await this.vault.open(id, this.account.id);
    const pages = Array.from({ length: order.pages ?? 2 }, (_, index) => index + 1);
    const size = order.size ?? 20_000;
    for (const page of pages) {
      const object = `page/${page}`;
      await this.vault.put(id, object, sealObject(dek, { fax: id, object }, [pageBytes(id, page, size)]));
    }
    wipe(dek);
    await this.records.faxes.beginKey(this.account.id, id, now);
    await this.records.faxes.accept(
      [
        {
          id,
          account: this.account.id,
          user: this.user.id,
          batch: null,
          from: null,
          to: parseE164(order.to),
          retries: order.retries ?? 3,
          retryInterval: order.retryInterval ?? 120,
          priority: 5,
          notBefore: null,
          deadline: order.deadline ?? null,
          options: OPTIONS,
          policy: { imageLife, uncertain, uncertainHold, inboundHold },
          line: FIRST_LINE_SETTINGS,
          tags: {},
          documents: 1,
          pages: pages.length,
        },
      ],
      { key: id, hash: 'h', answer: '{}' },
      now,
    );
    const claim = await this.records.faxes.claimRender(id, 'bench', 60_000, now);
    assert.ok(claim);
    const geometry = { width: 1728, rows: 2200, xDpi: 204, yDpi: 196, bytes: size, mark: 'm', warnings: [] };
    const rows = pages.map((number) => ({ number, ...geometry }));
    assert.ok(await this.records.faxes.rendered(id, claim.fence, rows, now));
    return id;
  }

  worker(options: WorkerOptions = {}): Worker {
    const life = new Life();
    const errors: string[] = [];
    const name = `worker-${++this.#workers}`;
    const clock = {
      now: () => this.clock.now(),
      monotonic: () => this.clock.monotonic(),
      after: (ms: number, run: () => void) => this.clock.after(ms, () => life.fire(run)),
    };
    const warnings: string[] = [];
    const log: Log = {
      ...silentLog,
      warn: (fields, text) => warnings.push(`${text} ${JSON.stringify(fields)}`),
      error: (fields, text) => errors.push(`${text} ${JSON.stringify(fields)}`),
    };
    const faxes = life.wrap(this.records.faxes, this.clock, (member) => member !== 'streamCdrs');
    const vault = this.#livingVault(life);
    const end = async (fax: FaxId) => void (await vault.wipe(fax, 'transmission_ended'));
    const shared = { records: faxes, vault, wipe: end, clock, log, metrics, worker: name };
    const made = options.adapters?.({ clock, log, life });
    const carriers = made ?? (options.carriers ?? ['loopback']).map((carrier) => this.#carrier(carrier, life, options));
    const orders = life.wrap(this.records.purges, this.clock, () => true);
    const purges = createCarrierPurges({ ...shared, records: orders, carriers, held: () => false });
    const purgeSoon = () => purges.soon();
    const reception = createReception({
      ...shared,
      purgeSoon,
      accounts: life.wrap(this.records.accounts, this.clock, () => true),
      isConnected: () => options.connected ?? true,
    });
    const queue = this.#bell(clock, life, options, () => dispatch.work());
    const { records } = this;
    const health = life.wrap(
      createHealth({ records: records.health, carriers, queue, clock, log, metrics, settings: BREAKER_SETTINGS }),
      this.clock,
      () => true,
    );
    const learned = createLearned({ records: records.learned, clock, log, retentionDays: 0 });
    const dispatch: Dispatch = createDispatch({
      ...shared,
      purgeSoon,
      queue,
      carriers,
      health,
      learned: life.wrap(learned, this.clock, () => true),
      guard: options.guard ?? openGuard,
      planner: createPlanner({ routes: options.routes ?? [], carriers: carriers.map(({ name }) => plainTerms(name)) }),
      accounts: life.wrap(records.accounts, this.clock, () => true),
      conditions: (now) => this.clock.holding(records.carriers.conditions(now)),
      settleInbound: (orphan, fence) => reception.settle(orphan, fence),
      ...(options.linkFor === undefined ? {} : { linkFor: options.linkFor }),
      settings: { ...DISPATCH_SETTINGS, ...options.settings },
    });
    const subscriber: Subscriber = {
      offer: async (call) => {
        if (life.dead) return never();
        const answer = await reception.offer({ ...call, carrier: 'loopback' });
        return 'refused' in answer ? answer : { accepted: heldCall(answer.accepted, this.clock, life) };
      },
    };
    const unsubscribe = options.receives === false ? () => {} : this.exchange.subscribe(subscriber);
    const kill = () => {
      unsubscribe();
      life.kill();
    };
    return { dispatch, reception, carriers, health, purges, life, warnings, errors, kill };
  }

  /** Lets a worker work until the fax has ended (or `done` says so). */
  async finish(worker: Worker, fax: FaxId, done: (fax: Fax) => boolean = (row) => isFinal(row.state)): Promise<Fax> {
    worker.dispatch.start();
    void worker.dispatch.work();
    return this.clock.until(this.watch(fax, done));
  }

  async fax(id: FaxId): Promise<Fax> {
    const fax = await this.records.faxes.fax(id);
    assert.ok(fax);
    return fax;
  }

  /** Results of the calls of a fax, oldest first. */
  async outcomes(id: FaxId): Promise<string[]> {
    const { items } = await this.records.faxes.cdrs({ fax: id, limit: 100 });
    return items.toSorted((a, b) => a.attempt - b.attempt).map((cdr) => `${cdr.result} ${cdr.cause} ${cdr.pagesSent}`);
  }

  printed(id: FaxId): string[] {
    return this.paper.whole.filter((page) => page.startsWith(id)).map((page) => page.slice(id.length + 1));
  }

  async isWiped(id: FaxId): Promise<boolean> {
    return (await this.records.vault.receipt(id)) !== undefined && (await this.records.vault.key(id)) === undefined;
  }

  /** Looks every five seconds until the fax has ended (or `done` says so); with `wiped`, until its image is gone too. */
  async watch(id: FaxId, done: (fax: Fax) => boolean = (row) => isFinal(row.state), wiped = true): Promise<Fax> {
    for (;;) {
      const fax = await this.clock.holding(this.fax(id));
      // W6 follows W5 at once: a final fax is looked at again until its image is gone.
      if (done(fax) && (!wiped || !isFinal(fax.state) || fax.state === 'uncertain' || !fax.imageExists)) return fax;
      await new Promise<void>((resolve) => this.clock.after(5_000, resolve));
    }
  }

  #fileVault(records: Records['vault']): ImageVault {
    const { clock } = this;
    const shared = { clock, log: silentLog, metrics, receiptKey: this.#key, epochs: this.store };
    return createFileVault({ ...shared, directory: this.#directory, records });
  }

  /** A vault of its own, as each process has; its short operations hold the clock. */
  #livingVault(life: Life): ImageVault {
    const vault = this.#fileVault(life.wrap(this.records.vault, this.clock, () => true));
    const { clock } = this;
    const short = new Set(['open', 'remove', 'discard', 'objects', 'wipe', 'dropOwnWrap', 'certify']);
    const wrapped = life.wrap(vault, clock, (name) => short.has(name));
    return new Proxy(wrapped, {
      get: (object, property) =>
        property === 'read'
          ? (fax: FaxId, name: string) => heldReading(vault.read(fax, name), clock, life)
          : Reflect.get(object, property),
    });
  }

  #carrier(name: string, life: Life, options: WorkerOptions): CarrierAdapter {
    const network: Network = {
      dial: (order: DialOrder) => {
        const leg = this.exchange.dial(order);
        life.legs.add(leg);
        return leg;
      },
      lookup: (reference) => this.exchange.lookup(reference),
    };
    return {
      name,
      kind: 'loopback',
      capabilities: { ...CAPABILITIES, ...options.capabilities },
      start: async () => {},
      drain: async () => {},
      stop: async () => {},
      place: (call) =>
        options.isDown?.(name) === true
          ? refusing()
          : place(network, { ...call, pages: call.pages.map((page) => heldPage(page, this.clock, life)) }),
      lookup: (reference) => network.lookup(reference),
      health: async () => ({ ok: true, detail: '' }),
    };
  }

  #bell(
    clock: Pick<VirtualClock, 'after'>,
    life: Life,
    options: WorkerOptions,
    work: () => Promise<void>,
  ): Pick<JobQueue, 'ring'> {
    return {
      ring: async (bell, _id, { delay = 0 } = {}) => {
        if (bell === 'dial' && options.deaf !== true && !life.dead) clock.after(delay, () => void work());
      },
    };
  }
}

const TABLES = `accounts, users, numbers, faxes, calls, cdrs, pages, epochs, vault_keys, vault_objects, wipe_intents,
  receipts, events, ledgers, idempotency_keys, carriers, carrier_breakers, carrier_breaks, learned_destinations`;

/** A carrier that has no circuit for the call. */
async function* refusing(): ReturnType<CarrierAdapter['place']> {
  yield* [];
  return {
    cause: 'carrier_unavailable',
    detail: 'SIP 503',
    pagesConfirmed: 0,
    pageInFlight: false,
    remoteId: null,
    line: null,
  };
}

async function settlePeople({ accounts }: Records, policy: Partial<AccountPolicy>, now: number) {
  const actor = { who: 'local', address: null };
  const account = await accounts.createAccount({ name: 'bench', title: 'bench', policy, cidrs: [] }, actor, now);
  const verifiers = { passwordHash: null, secretMac: new Uint8Array(32) };
  const realm = 'api' as const;
  const user = await accounts.createUser({ realm, account: account.id, name: 'u', verifiers, cidrs: [] }, actor, now);
  await accounts.addNumber(parseE164(OWN), account.id, 'own', actor, now);
  return { account, user };
}

/** A number of the bench's account: calls to it ring through. */
export const OWN = '+15557770001';

const CAPABILITIES: CarrierCapabilities = {
  idempotencyKey: false,
  lookupByRef: true,
  perPageStatus: true,
  cancellable: true,
  inbound: 'push',
  mediaDelivery: 'stream',
  leaseBound: true,
};

let signing: Promise<SigningKey> | undefined;
function receiptKey(): Promise<SigningKey> {
  signing ??= generateSigningKey();
  return signing;
}

/** Opening seals is work of other threads: time stands still while the next piece of a page is made. */
function heldPage(page: OutgoingPage, clock: VirtualClock, life: Life): OutgoingPage {
  return { ...page, open: () => heldReading(page.open(), clock, life) };
}

/** As `heldPage`, for pages that come in. `ended` may have to wait for time to pass, and is left as it is. */
function heldCall(call: IncomingCall, clock: VirtualClock, life: Life): IncomingCall {
  const held = async (work: Promise<void>) => void (await clock.holding(life.orDeath(work)));
  return {
    answered: (remoteId) => held(call.answered(remoteId)),
    beginPage: (info) => held(call.beginPage(info)),
    write: (chunk) => held(call.write(chunk)),
    endPage: (report) => held(call.endPage(report)).then(() => (life.dead ? never() : undefined)),
    dropPage: () => held(call.dropPage()),
    ended: (result) => call.ended(result),
  };
}

async function* heldReading(
  source: AsyncIterable<Uint8Array>,
  clock: VirtualClock,
  life: Life,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await clock.holding(life.orDeath(chunks.next()));
      if (next === undefined) return await never();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

/** A database for a test file, and benches on it that are closed after each test. */
export function benches(): (options: BenchOptions, use: (bench: Bench) => Promise<void>) => Promise<void> {
  let postgres: TestPostgres | undefined;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres?.stop());
  return async (options, use) => {
    assert.ok(postgres);
    const bench = await Bench.open(postgres, options);
    try {
      await use(bench);
    } finally {
      await bench.close();
    }
  };
}
