import { fromBase64url, type PublishedKey, signKeyStatement } from '../../crypto/index.ts';
import type { AccountRecords } from '../../gateway/ports/account-records.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Exclusion } from '../../gateway/ports/exclusion.ts';
import type { GatewayKey, KeyDesk } from '../../gateway/ports/key-desk.ts';
import type { LiveIdentity } from './identity.ts';
import type { RegisteredKey } from './key-register.ts';
import { type KeyRing, WEBHOOK_OVERLAP } from './key-ring.ts';

/** What the desk works with. */
export interface KeyDeskParts {
  readonly ring: KeyRing;
  /** There when the gateway listens; a process without a door answers no administrator. */
  readonly identity: Promise<LiveIdentity>;
  readonly exclusion: Pick<Exclusion, 'exclusively'>;
  readonly accounts: Pick<AccountRecords, 'audit'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Keys for administrators. Every rotation is in the audit log by the names of both keys. */
export function createKeyDesk({ ring, identity, exclusion, accounts, clock }: KeyDeskParts): KeyDesk {
  return {
    async list() {
      const { register } = ring;
      const served = handshakeKey((await identity).current());
      const of = (use: RegisteredKey['use']) =>
        register.keys
          .filter((key) => key.use === use)
          .map((key) => shown(key, clock.now()))
          .toReversed();
      return [...of('root'), ...announced(ring), served, ...of('receipt'), ...of('webhook'), ...SYMMETRIC];
    },
    async rotate(key, actor) {
      const live = await identity;
      const detail = await exclusion.exclusively('keys', async () => {
        await ring.look();
        const before = nameOf(key, ring, live);
        if (key !== 'handshake') await ring.rotate(key);
        if (key !== 'receipt' && key !== 'webhook') await live.renew();
        return { key, before, after: nameOf(key, ring, live) };
      });
      const facts = { account: null, action: 'key.rotate', object: detail.after, detail };
      await accounts.audit({ at: clock.now(), actor: actor.who, address: actor.address, ...facts });
    },
    async statement() {
      const { hosts } = (await identity).current();
      const keys = ring.register.keys.map(published);
      const claims = { hosts, at: iso(clock.now()), next: ring.next, keys };
      const roots = [...ring.successions];
      return { sealfax: 'keys', v: 1, statement: await signKeyStatement(claims, ring.root), roots };
    },
    pins: () => (ring.next === null ? [ring.root.pin] : [ring.root.pin, ring.next]),
  };
}

function nameOf(key: GatewayKey['use'], ring: KeyRing, live: LiveIdentity): string | null {
  if (key === 'root') return ring.root.pin;
  if (key === 'next-root') return ring.next;
  if (key === 'handshake') return live.current().handshakeKey.kid;
  return ring.register.keys.findLast(({ use, until }) => use === key && until === null)?.kid ?? null;
}

/** In words, what a key is for. */
const ABOUT: Readonly<Record<GatewayKey['use'], string>> = {
  root: 'the identity that connection strings pin; signs which handshake and receipt keys are ours',
  'next-root': 'the root that will follow; signs nothing before it takes over',
  handshake: 'signs the answer to each hello; renewed every week by itself',
  receipt: 'signs receipts of erased faxes and heads of the audit log',
  webhook: 'signs webhooks (v1a); receivers know its public key',
  'api-secrets': 'verifies API secrets, which are not stored; another one would end every secret',
  'record-seal': 'seals codes, webhook secrets and cover forms in the records',
};

const SYMMETRIC: readonly GatewayKey[] = [
  symmetric('api-secrets', 'HMAC-SHA-256'),
  symmetric('record-seal', 'A256GCM'),
];

function symmetric(use: GatewayKey['use'], algorithm: GatewayKey['algorithm']): GatewayKey {
  return { use, kid: null, algorithm, state: 'current', since: null, until: null, about: ABOUT[use] };
}

function shown({ use, kid, since, until }: RegisteredKey, now: number): GatewayKey {
  const algorithm = use === 'webhook' ? 'Ed25519' : 'ES512';
  const ends = use === 'webhook' && until !== null ? until + WEBHOOK_OVERLAP : until;
  const overlapping = until !== null && ends !== null && now < ends;
  const state = until === null ? 'current' : overlapping ? 'overlapping' : 'retired';
  return { use, kid, algorithm, state, since, until: ends, about: ABOUT[use] };
}

function announced({ register: { next } }: KeyRing): GatewayKey[] {
  if (next === null) return [];
  const facts = { kid: next.pin, since: next.since, until: null, about: ABOUT['next-root'] };
  return [{ use: 'next-root', algorithm: 'ES512', state: 'announced', ...facts }];
}

/** The handshake key that is served, with the times of the root's statement about it. */
function handshakeKey({ handshakeKey: { kid }, statement }: ReturnType<LiveIdentity['current']>): GatewayKey {
  const [, payload = ''] = statement.split('.');
  const { iat, exp } = JSON.parse(new TextDecoder().decode(fromBase64url(payload))) as { iat: number; exp: number };
  const times = { since: iat * 1_000, until: exp * 1_000 };
  return { use: 'handshake', kid, algorithm: 'ES512', state: 'current', ...times, about: ABOUT.handshake };
}

function published({ use, kid, jwk, whpk, since, until }: RegisteredKey): PublishedKey {
  return { use, kid, jwk, whpk, since: iso(since), until: until === null ? null : iso(until) };
}

const iso = (at: number): string => new Date(at).toISOString();
