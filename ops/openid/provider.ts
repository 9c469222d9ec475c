import { decodeJwt } from 'jose';
import {
  authorizationCodeGrant,
  type Configuration,
  fetchUserInfo,
  refreshTokenGrant,
  type TokenEndpointResponse,
  tokenIntrospection,
} from 'openid-client';
import type { Clock } from '../../gateway/ports/clock.ts';
import type {
  CodeGrant,
  IdentityProvider,
  LogoutNotice,
  Standing,
  Unvouched,
  Vouched,
} from '../../gateway/ports/identity-provider.ts';
import type { Log, Metrics } from '../../gateway/ports/log.ts';
import { type Claims, checkAcr, checkGroups, nameOf, rankOf, subjectOf, textOf } from './claims.ts';
import type { ProviderConfig } from './config.ts';
import { createConnection } from './connection.ts';
import { faultOf, isAboutNobody, OpenIdError, statusOf } from './errors.ts';
import { readTicket, type Ticket, writeTicket } from './ticket.ts';
import { checkAccessTokenHash, verifyLogoutToken, verifyToken } from './tokens.ts';

/** What a provider needs of this process. */
export interface ProviderSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What is asked of a provider, for the metrics. */
type Question = 'metadata' | 'code' | 'token' | 'standing' | 'logout';

const seconds = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** An OpenID provider over the network. */
export function createProvider(config: ProviderConfig, around: ProviderSurroundings): IdentityProvider {
  return new OpenIdProvider(config, around);
}

class OpenIdProvider implements IdentityProvider {
  readonly name: string;
  readonly title: string;
  readonly issuer: string;
  readonly opens: IdentityProvider['opens'];
  readonly every: number;
  readonly grace: number;
  readonly #config: ProviderConfig;
  readonly #around: ProviderSurroundings;
  readonly #connection: ReturnType<typeof createConnection>;

  constructor(config: ProviderConfig, around: ProviderSurroundings) {
    this.name = config.name;
    this.title = config.title ?? config.name;
    this.issuer = config.issuer;
    this.opens = { admin: config.administrators, api: config.audience !== undefined };
    this.every = config.recheckSeconds * 1_000;
    this.grace = config.graceSeconds * 1_000;
    this.#config = config;
    this.#around = around;
    this.#connection = createConnection(config, around.clock);
  }

  async door() {
    const { clientId, scopes, acr } = this.#config;
    const found = await this.#told('metadata', async () => {
      const { configuration } = await this.#connection.connected();
      const { authorization_endpoint: authorizationEndpoint } = configuration.serverMetadata();
      if (authorizationEndpoint === undefined) throw new OpenIdError('failing', 'nobody can sign in there');
      const door = { authorizationEndpoint, clientId, scope: scopes.join(' '), acrValues: acr.join(' ') };
      return { state: 'open' as const, door };
    });
    return found.state === 'open' ? found.door : undefined;
  }

  redeem({ code, verifier, nonce, redirectUri, iss }: CodeGrant): Promise<Vouched | Unvouched> {
    return this.#told('code', async () => {
      const { configuration } = await this.#connection.connected();
      const answer = new URL(redirectUri);
      answer.searchParams.set('code', code);
      if (iss !== null) answer.searchParams.set('iss', iss);
      const tokens = await authorizationCodeGrant(configuration, answer, {
        ...{ pkceCodeVerifier: verifier, expectedNonce: nonce, idTokenExpected: true },
      });
      const id: Claims = tokens.claims() ?? {};
      await checkAccessTokenHash(tokens.id_token ?? '', id.at_hash, tokens.access_token);
      checkAcr(id, this.#config);
      const subject = subjectOf(id);
      const claims = await this.#claims(configuration, tokens, id, subject);
      checkGroups(claims, this.#config);
      const ticket = this.#ticketOf(configuration, tokens, subject);
      return {
        state: 'vouched',
        identity: { issuer: this.issuer, subject },
        sid: textOf(id.sid),
        name: nameOf(claims, this.#config),
        provenAt: typeof id.auth_time === 'number' ? id.auth_time * 1_000 : null,
        rank: rankOf(claims, this.#config),
        ticket: writeTicket(ticket),
        until: ticket.by === 'refresh' ? null : ticket.until,
      };
    });
  }

  claims(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.issuer;
    } catch {
      return false;
    }
  }

  accept(token: string): Promise<Vouched | Unvouched> {
    return this.#told('token', async () => {
      const { audience } = this.#config;
      if (audience === undefined) throw new OpenIdError('claims_refused', 'no tokens of API users');
      const { configuration, keys } = await this.#connection.connected();
      const claims = await verifyToken(token, { keys, issuer: this.issuer, audience, now: this.#around.clock.now() });
      const subject = subjectOf(claims);
      checkGroups(claims, this.#config);
      const until = claims.exp * 1_000;
      const ticket = await this.#tokenTicketOf(configuration, { subject, token, until });
      return {
        state: 'vouched',
        identity: { issuer: this.issuer, subject },
        sid: textOf(claims.sid),
        name: nameOf(claims, this.#config),
        provenAt: null,
        rank: 'own',
        ticket: writeTicket(ticket),
        until,
      };
    });
  }

  async ask(text: string): Promise<Standing> {
    const standing = await this.#told<Standing>('standing', () => this.#ask(readTicket(text)));
    const silent = standing.state === 'refused' && isAboutNobody(standing.reason);
    return silent ? { state: 'silent', reason: standing.reason } : standing;
  }

  async #ask(ticket: Ticket): Promise<Standing> {
    if (ticket.by === 'time') return { state: 'stands', ticket: writeTicket(ticket), rank: null, until: ticket.until };
    const { configuration } = await this.#connection.connected();
    if (ticket.by === 'refresh') return this.#refresh(configuration, ticket);
    if (ticket.by === 'introspection' || ticket.by === 'access') {
      if (ticket.by === 'introspection') await introspected(configuration, ticket);
      else await userInfo(configuration, ticket.token, ticket.subject);
      return { state: 'stands', ticket: writeTicket(ticket), rank: null, until: ticket.until };
    }
    const claims = await userInfo(configuration, ticket.token, ticket.subject);
    const rank = this.#config.claims === 'userinfo' ? this.#rank(claims) : null;
    return { state: 'stands', ticket: writeTicket(ticket), rank, until: ticket.until };
  }

  /** OpenID Connect Core §12.2: an ID token that comes along is of the same subject. */
  async #refresh(configuration: Configuration, ticket: Ticket & { by: 'refresh' }): Promise<Standing> {
    const { subject, token } = ticket;
    const tokens = await refreshTokenGrant(configuration, token);
    const id: Claims | undefined = tokens.claims();
    if (id !== undefined && id.sub !== subject) throw new OpenIdError('claims_refused', 'of another subject');
    const known = id !== undefined || this.#config.claims === 'userinfo';
    const rank = known ? this.#rank(await this.#claims(configuration, tokens, id ?? {}, subject)) : null;
    const next = writeTicket({ by: 'refresh', subject, token: tokens.refresh_token ?? token });
    return { state: 'stands', ticket: next, rank, until: null };
  }

  #rank(claims: Claims) {
    checkGroups(claims, this.#config);
    return rankOf(claims, this.#config);
  }

  loggedOut(token: string): Promise<LogoutNotice | Unvouched> {
    return this.#told('logout', async () => {
      const { keys } = await this.#connection.connected();
      const check = { keys, issuer: this.issuer, audience: this.#config.clientId, now: this.#around.clock.now() };
      const { sub, sid, iat } = await verifyLogoutToken(token, check);
      return { state: 'logout', issuer: this.issuer, subject: textOf(sub, 255), sid: textOf(sid), at: iat * 1_000 };
    });
  }

  /** Claims of the ID token or of UserInfo, as the settings say. */
  async #claims(
    configuration: Configuration,
    tokens: TokenEndpointResponse,
    id: Claims,
    subject: string,
  ): Promise<Claims> {
    return this.#config.claims === 'id_token' ? id : userInfo(configuration, tokens.access_token, subject);
  }

  /** @throws OpenIdError where nobody could be asked later on */
  #ticketOf(configuration: Configuration, tokens: TokenEndpointResponse, subject: string): Ticket {
    if (tokens.refresh_token !== undefined) return { by: 'refresh', subject, token: tokens.refresh_token };
    if (configuration.serverMetadata().userinfo_endpoint === undefined)
      throw new OpenIdError('claims_refused', 'neither a refresh token nor UserInfo: it cannot be asked again');
    const life = seconds(tokens.expires_in) || 300;
    return { by: 'userinfo', subject, token: tokens.access_token, until: this.#around.clock.now() + life * 1_000 };
  }

  /**
   * How a token of an API user is asked about again: by introspection, else by UserInfo where that takes it now, as it
   * does a person's; of others, such as a program's of its own, nobody can be asked.
   */
  async #tokenTicketOf(
    configuration: Configuration,
    of: { readonly subject: string; readonly token: string; readonly until: number },
  ): Promise<Ticket> {
    const { secret, introspect } = this.#config;
    const { introspection_endpoint, userinfo_endpoint } = configuration.serverMetadata();
    if (introspect && secret !== undefined && introspection_endpoint !== undefined) {
      const ticket = { by: 'introspection' as const, ...of };
      await introspected(configuration, ticket);
      return ticket;
    }
    const asked = introspect && userinfo_endpoint !== undefined;
    if (asked && (await isTakenByUserInfo(configuration, of.token, of.subject))) return { by: 'access', ...of };
    return { by: 'time', until: of.until };
  }

  /** Counts what came of a question; what was thrown becomes a result. Faults of ours go on. */
  async #told<T extends { readonly state: string }>(about: Question, ask: () => Promise<T>): Promise<T | Unvouched> {
    const { log, metrics } = this.#around;
    const found = await ask().catch((error: unknown): Unvouched => {
      const { silent, reason } = faultOf(error);
      return { state: silent ? 'silent' : 'refused', reason };
    });
    const result = found.state === 'refused' || found.state === 'silent' ? found.state : 'ok';
    metrics.count('oidc_answers_total', { provider: this.name, about, result });
    if ('reason' in found) {
      const facts = { provider: this.name, about, result, reason: found.reason };
      // A setting that never fits is told louder than a moment of silence.
      if (found.reason === 'issuer_differs')
        log.warn(facts, 'SEALFAX_OIDC writes this issuer otherwise than the provider');
      else log.info(facts, 'no word of a provider');
    }
    return found;
  }
}

/** RFC 7662 §2.2. @throws OpenIdError claims_refused for a token that is not active any more, or of somebody else */
async function introspected(configuration: Configuration, { token, subject }: Ticket & { by: 'introspection' }) {
  const answer = await tokenIntrospection(configuration, token);
  if (!answer.active) throw new OpenIdError('claims_refused', 'the token is not active');
  if (answer.sub !== undefined && answer.sub !== subject) throw new OpenIdError('claims_refused', 'of another subject');
}

/** Whether UserInfo takes a token of this subject. @throws OpenIdError for a provider that does not answer */
async function isTakenByUserInfo(configuration: Configuration, token: string, subject: string): Promise<boolean> {
  try {
    await fetchUserInfo(configuration, token, subject);
    return true;
  } catch (error) {
    const status = statusOf(error) ?? 0;
    if (status >= 400 && status < 500) return false;
    throw error;
  }
}

/** The claims of UserInfo. @throws OpenIdError claims_refused when the access token is not taken any more */
async function userInfo(configuration: Configuration, accessToken: string, subject: string): Promise<Claims> {
  return fetchUserInfo(configuration, accessToken, subject).catch((error: unknown) => {
    const status = statusOf(error);
    if (status === 401 || status === 403) throw new OpenIdError('claims_refused', 'the access token is not taken');
    throw error;
  });
}
