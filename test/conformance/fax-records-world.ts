import assert from 'node:assert/strict';
import { randomId } from '../../crypto/index.ts';
import type { Account } from '../../gateway/fax/account.ts';
import type { CallResult, LineReport } from '../../gateway/fax/call-result.ts';
import type { Fax, PageRecord } from '../../gateway/fax/fax.ts';
import { type AccountId, type CallId, type FaxId, newId, type UserId } from '../../gateway/fax/ids.ts';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';
import { type AccountPolicy, DEFAULT_POLICY, FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import type { CallClaim, CallRequest, CarrierShare, NewFax } from '../../gateway/ports/fax-records.ts';
import type { Records } from '../../gateway/records/index.ts';

/** 2026-01-01T00:00:00Z; tests pass all other times relative to it. */
export const T0 = 1_767_225_600_000;
export const SECOND = 1_000;
export const LEASE = 90 * SECOND;

export const LINE: LineReport = {
  rate: 14_400,
  modulation: 'V.17',
  compression: 'MMR',
  ecm: true,
  t38: true,
  retrains: 0,
  badRows: 0,
};

export const ok = (pagesConfirmed: number): CallResult => ({
  cause: 'ok',
  detail: 'DCN',
  pagesConfirmed,
  pageInFlight: false,
  remoteId: '+49 30 1',
  line: LINE,
});
export const busy: CallResult = {
  cause: 'busy',
  detail: '486',
  pagesConfirmed: 0,
  pageInFlight: false,
  remoteId: null,
  line: null,
};

export const make = {
  fax: (): FaxId => newId('fax', (prefix) => randomId(prefix)),
  call: (): CallId => newId('call', (prefix) => randomId(prefix)),
  user: (): UserId => newId('usr', (prefix) => randomId(prefix)),
};

let lastNumber = 0;
/** A telephone number that no other test has. */
export function freshNumber(): E164 {
  lastNumber += 1;
  return parseE164(`+4930${String(1_000_000 + lastNumber)}`);
}

export function page(number: number): PageRecord {
  return { number, width: 1728, rows: 2292, xDpi: 204, yDpi: 196, bytes: 4_000, mark: `mark-${number}`, warnings: [] };
}

/** Short ways to a fax in a given state, over the real methods only. */
export interface World {
  readonly records: Records;
  account(policy?: Partial<AccountPolicy>): Promise<Account>;
  newFax(account: AccountId, change?: Partial<NewFax>): NewFax;
  /** Vault keys as intake makes them (W0a). */
  upload(faxes: readonly NewFax[]): Promise<void>;
  accepted(account: AccountId, change?: Partial<NewFax>, now?: number): Promise<FaxId>;
  /** Rendered, with `pages`. */
  queued(account: AccountId, pages?: number, change?: Partial<NewFax>): Promise<FaxId>;
  /** A claim of this fax and no other; undefined when it may not be called now. */
  tryClaim(fax: FaxId, now?: number, worker?: string): Promise<CallClaim | undefined>;
  claimed(fax: FaxId, now?: number): Promise<CallClaim>;
  dialing(fax: FaxId, now?: number): Promise<{ call: CallId; fence: number }>;
  sending(fax: FaxId, now?: number): Promise<{ call: CallId; fence: number }>;
  /** A call that ended with page 1 in flight. */
  uncertain(fax: FaxId, now?: number): Promise<void>;
  ringing(account: AccountId, policy?: Partial<Fax['policy']>): Promise<{ fax: FaxId; call: CallId; fence: number }>;
  /** With one whole page. */
  received(account: AccountId, policy?: Partial<Fax['policy']>, now?: number): Promise<FaxId>;
  get(fax: FaxId): Promise<Fax>;
}

/** A carrier of this fax alone. */
export const ownLine = (fax: FaxId): CarrierShare => ({ name: fax, maxCalls: null, callsPerSecond: null });

/** A plan with one carrier, or with nobody. */
export function planOver(name: string | null): ReturnType<CallRequest['plan']> {
  const one = { place: 1, shows: null, trial: false, price: null, reasons: [] };
  return { carriers: name === null ? [] : [{ name, ...one }], waitFor: null };
}

/** Asks for calls over `carrier`, for those of `faxes`; every other fax that is due joins the line of a carrier of its own. */
export function requestOver(carrier: CarrierShare, faxes: readonly FaxId[] = [], limit = 1): CallRequest {
  const plan: CallRequest['plan'] = ({ id }) => planOver(faxes.includes(id) ? carrier.name : id);
  return { worker: 'w', lease: LEASE, limit, carriers: [carrier], plan };
}

const ADMIN = { who: 'local', address: null };
/** Epoch that the fixtures' keys are wrapped under. */
export const EPOCH = 1;

export function createWorld(records: Records): World {
  const { faxes, vault } = records;
  const world: World = {
    records,
    account: (policy = {}) =>
      records.accounts.createAccount(
        { name: randomId('a').replace('_', '-'), title: 'Test', policy, cidrs: [] },
        ADMIN,
        T0,
      ),
    newFax: (account, change = {}) => ({
      id: make.fax(),
      account,
      user: make.user(),
      batch: null,
      from: null,
      to: freshNumber(),
      retries: 3,
      retryInterval: 120,
      priority: 5,
      notBefore: null,
      deadline: null,
      options: {
        resolution: 'fine',
        halftone: 'auto',
        contrast: 0,
        paper: 'a4',
        header: null,
        senderName: '',
        csid: '',
        timeZone: 'UTC',
        cover: null,
      },
      policy: {
        imageLife: DEFAULT_POLICY.imageLife,
        uncertain: DEFAULT_POLICY.uncertain,
        uncertainHold: DEFAULT_POLICY.uncertainHold,
        inboundHold: DEFAULT_POLICY.inboundHold,
      },
      line: FIRST_LINE_SETTINGS,
      tags: { case: 'A-1' },
      documents: 1,
      pages: null,
      ...change,
    }),
    upload: async (news) => {
      await vault.openEpoch(EPOCH, T0);
      for (const fax of news) await insertKey(records, fax.id, fax.account);
    },
    accepted: async (account, change, now = T0) => {
      const fax = world.newFax(account, change);
      await world.upload([fax]);
      assert.deepEqual(await faxes.beginKey(account, fax.id, T0), { state: 'new' });
      await faxes.accept([fax], { key: fax.id, hash: 'h', answer: fax.id }, now);
      return fax.id;
    },
    queued: async (account, pages = 2, change = {}) => {
      const fax = await world.accepted(account, change);
      const claim = await faxes.claimRender(fax, 'w', LEASE, T0);
      assert.ok(claim);
      const all = Array.from({ length: pages }, (_, index) => page(index + 1));
      assert.ok(await faxes.rendered(fax, claim.fence, all, T0));
      return fax;
    },
    tryClaim: async (fax, now = T0, worker = 'w') => {
      const { claims } = await faxes.claimCalls({ ...requestOver(ownLine(fax)), worker }, now);
      assert.ok(claims.length <= 1);
      return claims[0];
    },
    claimed: async (fax, now = T0) => {
      const claim = await world.tryClaim(fax, now);
      assert.ok(claim, 'refused');
      return claim;
    },
    dialing: async (fax, now = T0) => {
      const claim = await world.claimed(fax, now);
      const call = make.call();
      const firstPage = claim.fax.pagesConfirmed + 1;
      const intent = { id: call, carrier: 'loop', reference: `ref-${call}`, firstPage };
      assert.ok(await faxes.intend(fax, claim.fence, intent, now));
      return { call, fence: claim.fence };
    },
    sending: async (fax, now = T0) => {
      const live = await world.dialing(fax, now);
      assert.ok(await faxes.passGate2(live.call, live.fence, now + SECOND));
      return live;
    },
    uncertain: async (fax, now = T0) => {
      const { call, fence } = await world.sending(fax, now);
      assert.ok(await faxes.pageStarted(call, fence, 1, now));
      const lost: CallResult = { ...busy, cause: 'uncertain', pageInFlight: true };
      assert.ok(await faxes.endCall(call, fence, lost, { state: 'uncertain' }, now + SECOND));
    },
    ringing: async (account, policy = {}) => {
      const fax = make.fax();
      const call = make.call();
      await vault.openEpoch(EPOCH, T0);
      await insertKey(records, fax, account);
      const claim = await faxes.ring(
        {
          id: fax,
          call,
          account,
          from: null,
          to: freshNumber(),
          carrier: 'loop',
          reference: 'in',
          policy: { imageLife: 'fax', uncertain: 'hold', uncertainHold: 900, inboundHold: 3_600, ...policy },
        },
        'w',
        LEASE,
        T0,
      );
      return { fax, call, fence: claim.fence };
    },
    received: async (account, policy, now = T0) => {
      const { fax, call, fence } = await world.ringing(account, policy);
      assert.ok(await faxes.receiving(call, fence, 'TSI', now));
      assert.ok(await faxes.pageReceived(call, fence, page(1), LINE, now));
      assert.ok(await faxes.inboundEnded(call, fence, ok(1), null, now));
      return fax;
    },
    get: async (fax) => {
      const found = await faxes.fax(fax);
      assert.ok(found);
      return found;
    },
  };
  return world;
}

async function insertKey(records: Records, fax: FaxId, account: AccountId): Promise<void> {
  const written = await records.vault.insertKey({
    fax,
    account,
    dek: `dek-${fax}`,
    epoch: EPOCH,
    wrapped: new Uint8Array(60).fill(7),
    state: 'uploading',
    expiresAt: T0 + 600 * SECOND,
  });
  assert.ok(written);
}
