import type { Realm, User } from '../fax/account.ts';
import type { UserId } from '../fax/ids.ts';
import type { LoginAttempt, OidcGrant } from '../gateway.ts';
import type { AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { IdentityProvider, Unvouched, Vouched } from '../ports/identity-provider.ts';
import type { IdentityRecords } from '../ports/identity-records.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { Session } from '../ports/session-store.ts';
import { AccessError } from './errors.ts';
import { type Claim, type FirstFactor, type FirstVerdict, type Presented, WRONG } from './factor.ts';
import { BY_CLAIMS, claimedRank, hasRank, IdentityRefusal, namesFor } from './identity-rank.ts';

/** A proof within a session has to be so fresh, ms: signing in at the provider once in the morning is none. */
const FRESH = 2 * 60_000;
/** Where the console is on its origin: the only place that a provider sends people back to. */
const CONSOLE = '/console/';

/** What the factors look at. */
export interface IdentityFactorParts {
  readonly providers: readonly IdentityProvider[];
  readonly accounts: Pick<AccountRecords, 'account' | 'accessById' | 'updateUser' | 'audit'>;
  readonly identities: Pick<IdentityRecords, 'userOf' | 'createAdministrator'>;
  /** Origins of the console. */
  readonly origins: () => readonly string[];
  /** Keeps the session among those that the provider is asked about. */
  readonly keep: (session: Session, row: AccessRow, provider: IdentityProvider, vouched: Vouched) => Promise<void>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Sign-in of administrators by an OpenID provider, and log-in of API users with its tokens. Possession and person are the
 * provider's business: no code is asked for here. Whom the provider does not know, nobody here is told anything about.
 */
export function createIdentityFactors(parts: IdentityFactorParts): readonly FirstFactor[] {
  return [createSignInFactor(parts), createTokenFactor(parts)];
}

function createSignInFactor(parts: IdentityFactorParts): FirstFactor {
  const { providers, origins } = parts;
  return {
    method: 'oidc',
    guessable: false,
    presented: ({ oidc }) => oidc !== null,
    async begin(presented) {
      const { oidc, realm } = presented.attempt;
      const provider = providers.find(({ name, opens }) => opens.admin && name === oidc?.provider);
      if (oidc === null || provider === undefined || realm !== 'admin')
        throw new AccessError('identity_refused', 'administrators do not sign in by this provider here');
      if (!isConsole(oidc, origins()))
        throw new AccessError('identity_refused', 'this is not an address of the gateway’s console');
      return claimBy(parts, presented, provider, await provider.redeem(oidc));
    },
  };
}

function createTokenFactor(parts: IdentityFactorParts): FirstFactor {
  return {
    method: 'token',
    guessable: false,
    presented: ({ token }) => token !== null,
    async begin(presented) {
      const { token, realm } = presented.attempt;
      const provider = parts.providers.find((one) => one.opens.api && one.claims(token ?? ''));
      if (token === null || provider === undefined || realm !== 'api')
        throw new AccessError('identity_refused', 'tokens of this issuer are not taken here');
      return claimBy(parts, presented, provider, await provider.accept(token));
    },
  };
}

/** Whom the provider's answer names. @throws AccessError provider_silent, identity_refused */
async function claimBy(
  parts: IdentityFactorParts,
  presented: Presented,
  provider: IdentityProvider,
  answer: Vouched | Unvouched,
): Promise<Claim> {
  const found = await userBy(parts, presented, provider, answer).catch(async (error: unknown) => {
    await noteRefusal(parts, presented, provider, error);
    throw error;
  });
  const { vouched, user } = found;
  const row = await parts.accounts.accessById(user);
  if (row === undefined || !isMeant(presented.attempt, row)) return { row: undefined, check: async () => WRONG };
  return {
    row,
    check: async (looked) => (looked === undefined ? WRONG : verdictOf(parts, presented, provider, vouched, looked)),
  };
}

async function userBy(
  parts: IdentityFactorParts,
  { attempt, session, now }: Presented,
  provider: IdentityProvider,
  answer: Vouched | Unvouched,
): Promise<{ readonly vouched: Vouched; readonly user: UserId }> {
  if (answer.state === 'silent')
    throw new AccessError('provider_silent', 'the identity provider does not answer; try again later');
  if (answer.state === 'refused')
    throw new IdentityRefusal(answer.reason, 'the identity provider does not confirm who you are');
  const known = await parts.identities.userOf(answer.identity);
  // Within a session it is a proof of its own user: nobody is made, and nobody gets another role.
  if (session.login !== null) {
    if (known === session.login.user) return { vouched: answer, user: known };
    throw new IdentityRefusal('another', 'at the identity provider you are somebody else');
  }
  if (attempt.realm === 'admin')
    return { vouched: answer, user: await administratorBy(parts, provider, answer, known, now) };
  if (known === undefined) throw new IdentityRefusal('unknown', 'no user of this gateway has this identity');
  return { vouched: answer, user: known };
}

/** The administrator with this identity, with the rank that it has today; made now where rules give one to a stranger. */
async function administratorBy(
  { accounts, identities }: IdentityFactorParts,
  provider: IdentityProvider,
  vouched: Vouched,
  known: UserId | undefined,
  now: number,
): Promise<UserId> {
  const rank = await claimedRank(vouched.rank, accounts);
  if (known !== undefined) {
    const row = await accounts.accessById(known);
    if (row?.user.realm !== 'admin') throw new IdentityRefusal('realm', 'this identity is no administrator’s');
    if (rank !== null && !hasRank(row.user, rank))
      await accounts.updateUser(known, rank, BY_CLAIMS, now).catch(explain);
    return known;
  }
  if (rank === null) throw new IdentityRefusal('unknown', 'no administrator has this identity; an owner has to add it');
  for (const name of namesFor(provider.name, vouched)) {
    const made = await identities
      .createAdministrator(name, rank, vouched.identity, BY_CLAIMS, now)
      .catch((error: unknown) => (isCode(error, 'name_taken') ? undefined : explain(error)));
    if (made !== undefined) return made.id;
  }
  throw new IdentityRefusal('name_taken', 'no name is left for you; an owner has to add your identity to a user');
}

function explain(error: unknown): never {
  if (isCode(error, 'last_owner'))
    throw new IdentityRefusal('last_owner', 'your rules take your role away, but one owner has to be left');
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && error.name === 'AccountError' && Reflect.get(error, 'code') === code;
}

/** Whether what was sent beside the proof is about whom it names, where it says anything. */
function isMeant({ realm, account, user }: LoginAttempt, row: AccessRow): boolean {
  const isOfRealm = (one: Pick<User, 'realm'>, wanted: Realm) => one.realm === wanted;
  const isOfAccount = account === null ? realm === 'admin' : account === row.account?.name;
  return isOfRealm(row.user, realm) && isOfAccount && (user === '' || user === row.user.name);
}

async function verdictOf(
  { keep }: IdentityFactorParts,
  { session, now }: Presented,
  provider: IdentityProvider,
  vouched: Vouched,
  row: AccessRow,
): Promise<FirstVerdict> {
  const { identity, sid, provenAt } = vouched;
  const fresh = provenAt !== null && now - provenAt < FRESH;
  return {
    right: session.login === null || fresh,
    suffices: true,
    async use() {
      if (session.login === null) await keep(session, row, provider, vouched);
      return true;
    },
    detail: { provider: provider.name },
    login: {
      identity: { provider: provider.name, ...identity, sid },
      // A sign-in of this morning, found again by a cookie, is no proof of now.
      ...(row.user.realm === 'admin' ? { provenAt: Math.min(provenAt ?? 0, now) } : {}),
    },
  };
}

async function noteRefusal(
  { accounts, log, metrics }: IdentityFactorParts,
  { attempt: { realm }, session: { login }, address, now }: Presented,
  { name: provider }: IdentityProvider,
  error: unknown,
): Promise<void> {
  if (!(error instanceof AccessError)) return;
  const reason = error instanceof IdentityRefusal ? error.reason : error.code;
  const [action, actor] = login === null ? ['login.denied', 'unknown'] : ['step_up.denied', login.user];
  if (login === null) metrics.count('logins_total', { result: 'denied', realm });
  log.info({ realm, provider, reason }, login === null ? 'log-in refused' : 'proof refused');
  const detail = { realm, provider, reason };
  await accounts.audit({ at: now, actor, address, account: null, action, object: null, detail });
}

function isConsole({ redirectUri }: OidcGrant, origins: readonly string[]): boolean {
  return origins.some((origin) => `${origin}${CONSOLE}` === redirectUri);
}
