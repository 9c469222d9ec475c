import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_PAPER } from '../../carrier-adapters/loopback/network/paper.ts';
import type { Leg } from '../../carrier-adapters/loopback/network/signals.ts';
import { place } from '../../carrier-adapters/loopback/place.ts';
import { generateSigningKey, randomId, type SigningKey, sealObject, wipe } from '../../crypto/index.ts';
import { createDispatch, DISPATCH_SETTINGS, type Dispatch } from '../../gateway/dispatch/index.ts';
import type { Account, User } from '../../gateway/fax/account.ts';
import { type FaxId, newId } from '../../gateway/fax/ids.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import type { CarrierAdapter } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { FaxRecords } from '../../gateway/ports/fax-records.ts';
import type { EpochKeyStore } from '../../gateway/ports/image-vault.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { createPlanner, plainTerms } from '../../gateway/routing/plan.ts';
import { createEpochRoll, createFileVault, createMemoryStore } from '../../gateway/vault/index.ts';
import { openGuard } from '../conformance/open-guard.ts';
import { silentLog, startTestPostgres } from '../postgres.ts';
import { judge, type Verdict } from './judge.ts';
import { openLineLog, readLineLog } from './line-log.ts';
import { markedPage } from './marked-page.ts';
import { createRandom } from './random.ts';
import { WitnessExchange } from './witness.ts';

const TO = parseE164('+15550100000');
const PAGES = 3;
const metrics = { count: () => {}, observe: () => {}, gauge: () => {} };

/** A dispatch stage with records of its own, and the power to let it die. */
export interface Worker {
  readonly dispatch: Dispatch;
  /** Its lines go dead, as when its process is killed. */
  hangUp(): void;
}

/** One queued fax of three pages, a telephone that is watched, and workers over the same records. */
export interface Workshop {
  readonly fax: FaxId;
  /** @param change the worker's own view of the records */
  worker(name: string, change?: Partial<FaxRecords>): Worker;
  readonly records: FaxRecords;
  judge(): Promise<Verdict>;
}

/** Builds a workshop for `use` and removes it after. */
export async function inWorkshop(use: (workshop: Workshop) => Promise<void>): Promise<void> {
  const postgres = await startTestPostgres();
  const directory = await mkdtemp(join(tmpdir(), 'sealfax-workshop-'));
  const records = createRecords({ pool: postgres.pool(), log: silentLog });
  const log = openLineLog(join(directory, 'lines.log'));
  const { clock, stop } = endingClock();
  try {
    await records.migrate();
    const parts = { records, clock, directory, epochs: createMemoryStore(), receiptKey: await generateSigningKey() };
    await createEpochRoll({ ...vaultParts(parts), store: parts.epochs, vault: vaultOf(parts), imageLost }).start();
    const fax = await submit(parts);
    const exchange = new WitnessExchange({ clock, speed: 'instant', rules: [], paper: NO_PAPER, outlives: true }, log);
    await use({
      fax,
      records: records.faxes,
      worker: (name, change = {}) => createWorker(parts, exchange, name, change),
      judge: () => verdictOn(parts, fax),
    });
  } finally {
    stop();
    log.close();
    await records.close();
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Real time; no timer outlives `stop`, those of workers that died included. */
function endingClock(): { readonly clock: Clock; stop(): void } {
  const timers = new Set<NodeJS.Timeout>();
  const after: Clock['after'] = (ms, run) => {
    const timer = setTimeout(run, ms);
    timers.add(timer);
    return () => clearTimeout(timer);
  };
  const stop = () => {
    for (const timer of timers) clearTimeout(timer);
  };
  return { clock: { now: () => Date.now(), monotonic: () => performance.now(), after }, stop };
}

interface Parts {
  readonly records: Records;
  readonly clock: Clock;
  readonly directory: string;
  readonly epochs: EpochKeyStore;
  readonly receiptKey: SigningKey;
}

const imageLost = async () => {};

function vaultParts({ records, clock, receiptKey }: Parts) {
  return { records: records.vault, clock, receiptKey, log: silentLog, metrics };
}

function vaultOf(parts: Parts) {
  return createFileVault({ ...vaultParts(parts), directory: join(parts.directory, 'vault'), epochs: parts.epochs });
}

function createWorker(parts: Parts, exchange: WitnessExchange, worker: string, change: Partial<FaxRecords>): Worker {
  const legs = new Set<Leg>();
  const { clock } = parts;
  const vault = vaultOf(parts);
  const network = {
    dial: (order: Parameters<WitnessExchange['dial']>[0]) => {
      const leg = exchange.dial(order);
      legs.add(leg);
      return leg;
    },
    lookup: (reference: string) => exchange.lookup(reference),
  };
  const carrier: CarrierAdapter = {
    name: 'loopback',
    kind: 'loopback',
    capabilities: {
      idempotencyKey: false,
      lookupByRef: true,
      perPageStatus: true,
      cancellable: true,
      inbound: 'none',
      mediaDelivery: 'stream',
      leaseBound: true,
    },
    start: async () => {},
    drain: async () => {},
    stop: async () => {},
    place: (call) => place(network, call),
    lookup: network.lookup,
    health: async () => ({ ok: true, detail: '' }),
  };
  const dispatch = createDispatch({
    records: { ...parts.records.faxes, ...change },
    vault,
    queue: { ring: async () => {} },
    carriers: [carrier],
    guard: openGuard,
    health: { ended: async () => {} },
    learned: { heard: async () => {}, quieter: async (_fax, at) => at },
    planner: createPlanner({ routes: [], carriers: [plainTerms(carrier.name)] }),
    accounts: parts.records.accounts,
    conditions: (now) => parts.records.carriers.conditions(now),
    wipe: (fax) => vault.wipe(fax, 'transmission_ended'),
    settleInbound: async () => {},
    clock,
    log: silentLog,
    metrics,
    worker,
    settings: DISPATCH_SETTINGS,
  });
  const hangUp = () => {
    for (const leg of legs) leg.hangUp('line_lost', 'the caller vanished');
  };
  return { dispatch, hangUp };
}

async function submit(parts: Parts): Promise<FaxId> {
  const { records, clock } = parts;
  const vault = vaultOf(parts);
  const { account, user } = await settlePeople(records, clock.now());
  const id = newId('fax', randomId);
  const dek = await vault.open(id, account.id);
  const random = createRandom(1);
  const rows = [];
  for (let number = 1; number <= PAGES; number++) {
    const { t6, ...geometry } = markedPage({ fax: 0, page: number }, 20, random);
    const object = `page/${number}`;
    await vault.put(id, object, sealObject(dek, { fax: id, object }, [t6.slice()]));
    rows.push({ number, ...geometry, bytes: t6.length, mark: 'm', warnings: [] });
  }
  wipe(dek);
  await accept(records.faxes, { id, account, user, now: clock.now() });
  const claim = await records.faxes.claimRender(id, 'workshop', 60_000, clock.now());
  if (claim === undefined || !(await records.faxes.rendered(id, claim.fence, rows, clock.now()))) {
    throw new Error('the fax was not queued');
  }
  return id;
}

async function settlePeople({ accounts }: Records, now: number): Promise<{ account: Account; user: User }> {
  const actor = { who: 'local', address: null };
  const account = await accounts.createAccount({ name: 'crash', title: 'crash', policy: {}, cidrs: [] }, actor, now);
  const verifiers = { passwordHash: null, secretMac: new Uint8Array(32) };
  const wanted = { realm: 'api', account: account.id, name: 'u', verifiers, cidrs: [] } as const;
  return { account, user: await accounts.createUser(wanted, actor, now) };
}

async function accept(
  faxes: FaxRecords,
  { id, account, user, now }: { id: FaxId; account: Account; user: User; now: number },
): Promise<void> {
  const { imageLife, uncertain, inboundHold } = account.policy;
  await faxes.beginKey(account.id, id, now);
  const fax = {
    id,
    account: account.id,
    user: user.id,
    batch: null,
    from: null,
    to: TO,
    retries: 3,
    retryInterval: 5,
    priority: 5,
    notBefore: null,
    deadline: null,
    options: {
      resolution: 'standard',
      halftone: 'auto',
      contrast: 0,
      paper: 'a4',
      header: null,
      senderName: '',
      csid: '',
      timeZone: 'UTC',
      cover: null,
    },
    policy: { imageLife, uncertain, uncertainHold: 0, inboundHold },
    line: FIRST_LINE_SETTINGS,
    tags: {},
    documents: 1,
    pages: PAGES,
  } as const;
  await faxes.accept([fax], { key: id, hash: 'h', answer: '{}' }, now);
}

async function verdictOn({ records, directory }: Parts, id: FaxId): Promise<Verdict> {
  const fax = await records.faxes.fax(id);
  const receipt = await records.vault.receipt(id);
  const state = fax?.state ?? 'missing';
  return judge({
    outcomes: [{ fax: 0, to: TO, pages: PAGES, state, wiped: receipt !== undefined && fax?.imageExists === false }],
    calls: readLineLog(join(directory, 'lines.log')),
    own: new Set(),
    received: [],
    orphans: [],
  });
}
