import { hex, openSmall, sealSmall, wipe } from '../../crypto/index.ts';
import type { AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdentityProvider, LogoutNotice, MappedRank, Vouched } from '../ports/identity-provider.ts';
import type { IdentityRecords, IdentitySession } from '../ports/identity-records.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { Session, SessionStore } from '../ports/session-store.ts';
import { AccessError } from './errors.ts';
import { BY_CLAIMS, claimedRank, hasRank } from './identity-rank.ts';

/**
 * How often sessions are looked for that are due, ms. With the longest time between two questions (35 s) and the longest
 * question (20 s) a right that has ended at the provider ends here within a minute.
 */
const LOOK_EVERY = 1_000;
/** How long one process keeps a session to itself while it asks, ms: longer than any question, since a refresh token is good for one. */
const HOLD = 25_000;
/** Where the settings have no provider only sessions of one that is gone are looked for. */
const LOOK_IDLY = 30_000;
/** Sessions taken at a time: no more than are asked about at once, so that none waits while it is held. */
const LANES = 8;
/** A provider that was silent is left alone for so long, ms: each question would keep a lane from the other providers. */
const REST = 5_000;
/** A log-out ends what began before it; clocks may differ by so much, ms. */
const CLOCKS_DIFFER = 30_000;

/** What the watch works on. */
export interface IdentityWatchParts {
  readonly providers: readonly IdentityProvider[];
  readonly accounts: Pick<AccountRecords, 'account' | 'accessById' | 'updateUser' | 'audit'>;
  readonly identities: IdentityRecords;
  readonly sessions: Pick<SessionStore, 'list' | 'end' | 'endWhere'>;
  /** Seals what providers are asked with, 32 bytes. */
  readonly sealKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Why a session has ended that rested on a provider's word; for audit and metrics. */
type Ending = 'refused' | 'expired' | 'silent' | 'rank' | 'logout' | 'unknown_provider';

/**
 * Asks providers, as long as sessions last, whether what they vouched for stands. The questions lie in the records, so
 * that of any number of processes exactly one asks each, and another goes on when it dies.
 */
export class IdentityWatch {
  readonly #parts: IdentityWatchParts;
  /** Providers that were silent at their last question, and when that was (monotonic). */
  readonly #silent = new Map<string, number>();
  #running: Promise<void> = Promise.resolve();
  #cancel = () => {};
  #stopped = false;

  constructor(parts: IdentityWatchParts) {
    this.#parts = parts;
  }

  /** Sessions are looked after from now on. */
  start(): void {
    if (this.#stopped) return;
    const { clock, providers } = this.#parts;
    this.#cancel = clock.after(providers.length === 0 ? LOOK_IDLY : LOOK_EVERY, () => {
      this.#running = this.look().finally(() => this.start());
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  /** Keeps a session that is about to be logged in to. */
  async keep(session: Session, { user }: AccessRow, provider: IdentityProvider, vouched: Vouched): Promise<void> {
    const { identities, clock } = this.#parts;
    const now = clock.now();
    await identities.addSession({
      ...vouched.identity,
      sid: session.sid,
      user: user.id,
      realm: user.realm,
      provider: provider.name,
      providerSid: vouched.sid,
      ticket: await this.#sealed(session.sid, vouched.ticket),
      startedAt: now,
      goodAt: now,
      nextAt: nextAt(provider, vouched.until, now),
      until: vouched.until,
      expiresAt: session.expiresAt,
    });
  }

  /** Asks about every session that is due. */
  async look(): Promise<void> {
    const { identities, clock } = this.#parts;
    try {
      for (let taken = LANES; taken === LANES && !this.#stopped; ) {
        const due = await identities.takeDue(LANES, HOLD, clock.now());
        taken = due.length;
        await Promise.all(due.map((session) => this.#check(session).catch((error: unknown) => this.#sayLater(error))));
      }
    } catch (error) {
      this.#sayLater(error);
    }
  }

  /** Requests cannot be authorised either while the records do not answer. */
  #sayLater(error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown';
    this.#parts.log.warn({ reason }, 'sessions by identity providers could not be looked after; trying again');
  }

  /** Ends what a log-out at the provider means; answers how many sessions. */
  async loggedOut({ issuer, subject, sid, at }: LogoutNotice): Promise<number> {
    const { identities } = this.#parts;
    const match = sid === null ? { issuer, subject: subject ?? '' } : { issuer, providerSid: sid };
    // A notice that comes again, from whomever, ends nothing that has begun since.
    const meant = (await identities.sessionsOf(match)).filter(
      (session) => session.startedAt <= at + CLOCKS_DIFFER && (subject === null || session.subject === subject),
    );
    for (const session of meant) await this.#end(session, 'logout');
    return meant.length;
  }

  async #check(session: IdentitySession): Promise<void> {
    const { providers, identities, sessions, clock } = this.#parts;
    const living = await sessions.list({ user: session.user });
    if (!living.some(({ sid }) => hex(sid) === hex(session.sid))) return identities.removeSession(session.sid);
    const provider = providers.find(({ name, issuer }) => name === session.provider && issuer === session.issuer);
    if (provider === undefined) return this.#end(session, 'unknown_provider');
    if (session.until !== null && clock.now() >= session.until) return this.#end(session, 'expired');
    const ticket = await this.#opened(session);
    if (ticket === undefined) return this.#end(session, 'refused');
    if (this.#rests(provider)) return this.#wait(session, provider, ticket, 'silent');
    const standing = await provider.ask(ticket);
    if (standing.state === 'refused') return this.#end(session, 'refused', standing.reason);
    if (standing.state === 'silent') return this.#missed(session, provider, ticket, standing.reason);
    if (this.#silent.delete(provider.name))
      this.#parts.log.info({ provider: provider.name }, 'an identity provider answers again');
    if (standing.rank !== null && !(await this.#isRank(session, standing.rank))) return this.#end(session, 'rank');
    const now = clock.now();
    const { until } = standing;
    await identities.keepSession(session.sid, {
      ...{ until, goodAt: now, nextAt: nextAt(provider, until, now) },
      ticket: await this.#sealed(session.sid, standing.ticket),
    });
  }

  #rests({ name }: IdentityProvider): boolean {
    const silentAt = this.#silent.get(name);
    return silentAt !== undefined && this.#parts.clock.monotonic() - silentAt < REST;
  }

  /** Nobody answered. */
  async #missed(session: IdentitySession, provider: IdentityProvider, ticket: string, reason: string): Promise<void> {
    const { clock, log } = this.#parts;
    const { name } = provider;
    if (!this.#silent.has(name))
      log.warn({ provider: name, reason, alert: 'identity_provider_silent' }, 'an identity provider does not answer');
    this.#silent.set(name, clock.monotonic());
    return this.#wait(session, provider, ticket, reason);
  }

  /** Of whom nobody can say whether it stands: the session goes on for a while, and no longer. */
  async #wait(session: IdentitySession, provider: IdentityProvider, ticket: string, reason: string): Promise<void> {
    const { identities, clock } = this.#parts;
    const { grace } = provider;
    const now = clock.now();
    if (now - session.goodAt >= grace) return this.#end(session, 'silent', reason);
    const next = Math.min(nextAt(provider, session.until, now), session.goodAt + grace);
    await identities.keepSession(session.sid, {
      ...{ goodAt: session.goodAt, until: session.until, nextAt: next },
      ticket: await this.#sealed(session.sid, ticket),
    });
  }

  /** Whether the administrator still has the rank of today's claims. One that has changed is written, and ends all sessions. */
  async #isRank({ user }: IdentitySession, mapped: MappedRank): Promise<boolean> {
    const { accounts, sessions, clock } = this.#parts;
    const rank = await claimedRank(mapped, accounts).catch((error: unknown) => {
      if (error instanceof AccessError) return undefined;
      throw error;
    });
    const row = await accounts.accessById(user);
    if (rank === undefined || row === undefined) return false;
    if (rank === null || hasRank(row.user, rank)) return true;
    await accounts.updateUser(user, rank, BY_CLAIMS, clock.now()).catch((error: unknown) => {
      // The last owner keeps the role in the records, and has no session by it.
      if (!(error instanceof Error) || error.name !== 'AccountError') throw error;
    });
    await sessions.endWhere({ user });
    return false;
  }

  async #end(session: IdentitySession, reason: Ending, told = reason as string): Promise<void> {
    const { accounts, identities, sessions, clock, log, metrics } = this.#parts;
    await sessions.end(session.sid);
    await identities.removeSession(session.sid);
    const { user, realm, provider } = session;
    metrics.count('oidc_sessions_ended_total', { provider, reason });
    log.info({ user, provider, reason, told }, 'a session ended by the word of its identity provider');
    const account = realm === 'api' ? ((await accounts.accessById(user))?.account?.id ?? null) : null;
    const detail = { provider, reason, told };
    await accounts.audit({
      ...{ at: clock.now(), actor: 'gateway', address: null, account, action: 'session.end', object: user, detail },
    });
  }

  async #sealed(sid: Uint8Array, ticket: string): Promise<Uint8Array> {
    const plain = new TextEncoder().encode(ticket);
    return sealSmall(this.#parts.sealKey, contextOf(sid), plain).finally(() => wipe(plain));
  }

  /** Undefined for what was not sealed by this gateway for this session. */
  async #opened({ sid, ticket }: IdentitySession): Promise<string | undefined> {
    const plain = await openSmall(this.#parts.sealKey, contextOf(sid), ticket).catch(() => undefined);
    if (plain === undefined) return undefined;
    const text = new TextDecoder().decode(plain);
    wipe(plain);
    return text;
  }
}

function contextOf(sid: Uint8Array): string {
  return `identity session ${hex(sid)}`;
}

/** When the provider is asked next; not after its word has ended. */
function nextAt({ every }: IdentityProvider, until: number | null, now: number): number {
  return Math.min(now + every, until ?? Number.POSITIVE_INFINITY);
}
