import type { AuditLine } from '../crypto/index.ts';
import type { Account, Passkey, User, WebhookDelivery, WebhookEndpoint } from './fax/account.ts';
import type { BreakerPhase } from './fax/breaker.ts';
import type { CoverForm } from './fax/cover.ts';
import type { Destination, Place } from './fax/destination.ts';
import type { EventType } from './fax/event.ts';
import type { Fax, PageOptions } from './fax/fax.ts';
import type { AccountId, BatchId, CallId, DeliveryId, EndpointId, FaxId, PasskeyId, UserId } from './fax/ids.ts';
import type { NoticeSettings } from './fax/notice.ts';
import type { E164 } from './fax/number.ts';
import type { ScheduledReport } from './fax/report-schedule.ts';
import type { Rank, Role } from './fax/role.ts';
import type { Scope } from './fax/scope.ts';
import type { AccountRecords, Actor } from './ports/account-records.ts';
import type { AccountView } from './ports/account-view.ts';
import type { AuditSpan } from './ports/audit-records.ts';
import type { PayerSpending } from './ports/budget-records.ts';
import type { CallbackAnswer, CarrierCallback, CarrierLimits, CarrierNumbers } from './ports/carrier-adapter.ts';
import type { Breaker, BreakerChange, CarrierFigures } from './ports/carrier-health.ts';
import type { CarrierLoad, Channels } from './ports/carrier-records.ts';
import type { CdrRecords, ReportOwner } from './ports/cdr-records.ts';
import type { Clock } from './ports/clock.ts';
import type { EventLedger } from './ports/event-ledger.ts';
import type { AcceptedFax, FaxRecords, Page } from './ports/fax-records.ts';
import type { WaitingPlace } from './ports/guard-records.ts';
import type { ProviderDoor } from './ports/identity-provider.ts';
import type { KnownIdentity } from './ports/identity-records.ts';
import type { KeyDesk } from './ports/key-desk.ts';
import type { LearnedDestination } from './ports/learned-records.ts';
import type { Log, Metrics } from './ports/log.ts';
import type { MailRecords } from './ports/mail-records.ts';
import type { Plan } from './ports/plan.ts';
import type { CarrierPurge, PurgeQuery, PurgeRecords } from './ports/purge-records.ts';
import type { RestoreHold } from './ports/restore-records.ts';
import type { Session, SessionStore } from './ports/session-store.ts';
import type { VaultRecords } from './ports/vault-records.ts';
import type { DeliveryQuery, EndpointFigures } from './ports/webhook-records.ts';

/** Who is asking, after access has been granted. `account` is null for admin users. */
export interface Principal {
  readonly user: User;
  readonly account: Account | null;
  readonly session: Session | null;
  readonly address: string;
}

/** A WebAuthn assertion (Web Authentication Level 3 §5.2.2), its octets as base64url. */
export interface PasskeyAssertion {
  /** Credential id. */
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  /** Of a discoverable credential: whose it is, when no user was named. */
  readonly userHandle: string | null;
}

/** What an OpenID provider gave a client at its redirect, and what the client had asked with (RFC 7636, nonce). */
export interface OidcGrant {
  /** The provider's name in the settings. */
  readonly provider: string;
  readonly code: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly redirectUri: string;
  /** `iss` of the redirect (RFC 9207), where the provider says it. */
  readonly iss: string | null;
}

/** What a user presents to say who it is; exactly one of the first five is not null. */
export interface LoginProof {
  /** An API secret (`sfk_…`) or a password. */
  readonly secret: string | null;
  /** Signature of the transcript hash by the registered client key, base64url. */
  readonly signature: string | null;
  readonly passkey: PasskeyAssertion | null;
  readonly oidc: OidcGrant | null;
  /** An identity provider's access or ID token, of an API user. */
  readonly token: string | null;
  /** The six digits of the moment, for a user who has a TOTP secret; null otherwise. */
  readonly totp: string | null;
  /** A recovery code in place of `totp`. */
  readonly recovery: string | null;
}

/** What a log-in presents, inside the seal. */
export interface LoginAttempt extends LoginProof {
  readonly realm: 'api' | 'admin';
  readonly account: string | null;
  /** Empty where the proof itself says who it is (passkey, oidc, token). */
  readonly user: string;
  readonly device: string;
  /** SHA-256 of the TLS leaf certificate that the client saw, base64url; null when it cannot know. */
  readonly tlsLeaf: string | null;
}

/**
 * What users log in with, and its changes. Each ends the user's sessions, except `within`: the one in which the user
 * makes the change.
 */
export interface Credentials {
  /** @throws AccessError user_unknown, password_weak */
  setPassword(user: UserId, password: string, actor: Actor, within: Session | null): Promise<void>;
  /** A TOTP secret that waits for its first code, shown once; until then log-ins go on as before, and so do sessions. */
  pendTotp(user: UserId, actor: Actor): Promise<TotpOffer>;
  /** The secret that waits holds from now on. @throws AccessError totp_missing, code_wrong */
  confirmTotp(user: UserId, code: string, actor: Actor, within: Session | null): Promise<void>;
  /** Recovery codes go with it. @throws AccountError password_weak when the password is too short to stand alone */
  removeTotp(user: UserId, actor: Actor, within: Session | null): Promise<void>;
  /** Ten new ones, shown once, in the place of all there were. @throws AccessError totp_missing for who has no second step */
  newRecoveryCodes(user: UserId, actor: Actor): Promise<readonly string[]>;
}

/** A new TOTP secret: base32 to type, and an `otpauth:` URI that holds it. */
export interface TotpOffer {
  readonly secret: string;
  readonly uri: string;
}

/** What may be changed of a user; role and scope of administrators only. */
export interface UserChange {
  readonly disabled?: boolean;
  readonly cidrs?: readonly string[];
  readonly clientKey?: string | null;
  readonly role?: Role;
  readonly scope?: AccountId | null;
  /** Of an API user; null: everything. */
  readonly scopes?: readonly Scope[] | null;
}

/** The answer of a browser to `navigator.credentials.create` (Web Authentication Level 3 §5.2.1), its octets as base64url. */
export interface PasskeyRegistration {
  /** Credential id. */
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** What a browser needs to make a passkey, or to answer with one, within a session. */
export interface PasskeyOptions {
  /** Good for this session and five minutes; base64url. */
  readonly challenge: string;
  /** `handle` is what stands for the user in its passkeys, base64url. */
  readonly user: { readonly handle: string; readonly name: string };
  /** COSE algorithms, the one that is liked best first. */
  readonly algorithms: readonly number[];
  /** Those that the user has: not to be made twice, and the ones to answer with. */
  readonly known: readonly {
    readonly credential: string;
    readonly transports: readonly string[];
    readonly host: string;
  }[];
}

/** Passkeys of administrators. Adding one ends no session; removing one ends those that rest on it. */
export interface Passkeys {
  options(principal: Principal): Promise<PasskeyOptions>;
  /** @throws AccessError passkey_invalid; AccountError passkey_taken, too_many_passkeys */
  add(principal: Principal, name: string, registration: PasskeyRegistration, actor: Actor): Promise<Passkey>;
  /** The oldest first. */
  list(user: UserId): Promise<Passkey[]>;
  /** @throws AccessError passkey_unknown */
  rename(user: UserId, id: PasskeyId, name: string, actor: Actor): Promise<Passkey>;
  /** @throws AccessError passkey_unknown */
  remove(user: UserId, id: PasskeyId, actor: Actor): Promise<void>;
}

/** Log-in, CIDR rules, sessions, revocation. All refusals are one answer in one time: `AccessError` `access_denied`. */
export interface Access {
  readonly sessions: SessionStore;
  readonly passkeys: Passkeys;
  login(session: Session, attempt: LoginAttempt, address: string): Promise<Principal>;
  /**
   * The user of a session that is logged in proves anew who it is (step-up); answers when, ms since 1970.
   *
   * @throws AccessError access_denied, session_ended
   */
  prove(session: Session, proof: LoginProof, address: string): Promise<number>;
  /** What users log in with, and their own changes of it. */
  readonly credentials: Credentials;
  /** The check at every sealed request: session logged in, user and account enabled, CIDR rules. @throws AccessError */
  authorize(session: Session, address: string): Promise<Principal>;
  /** Plain HTTPS with an API key; only where the account's policy is `optional`. @throws AccessError */
  authorizeKey(secret: string, address: string): Promise<Principal>;
  /**
   * Calls `end` when what `authorizeKey` has granted `principal` on does not hold any more, whichever process has changed
   * it; until the answer is called. A session has its own `ended`.
   */
  watch(principal: Principal, end: () => void): () => void;
  createApiUser(
    account: AccountId,
    name: string,
    cidrs: readonly string[],
    actor: string | Actor,
    scopes?: readonly Scope[] | null,
  ): Promise<{ readonly user: User; readonly secret: string }>;
  /** `rank` is an administrator's; an owner when left out. @throws AccessError, AccountError role_invalid */
  createPasswordUser(
    realm: 'api' | 'admin',
    account: AccountId | null,
    name: string,
    password: string,
    cidrs: readonly string[],
    actor: string | Actor,
    rank?: Rank,
    scopes?: readonly Scope[] | null,
  ): Promise<User>;
  /**
   * A new API secret. `overlap`: so long (ms) the one before goes on beside it, and its sessions; with 0 both end now.
   *
   * @throws AccessError user_unknown, realm_mismatch
   */
  rotateSecret(user: UserId, actor: string | Actor, overlap?: number): Promise<string>;
  /** Ends a secret that goes on beside another, and the user's sessions. @throws AccountError user_unknown */
  endOldSecret(user: UserId, actor: string | Actor): Promise<User>;
  setPassword(user: UserId, password: string, actor: string | Actor): Promise<void>;
  /**
   * Makes a TOTP secret for the user, which waits for its first code; until then log-ins go on as before. The answer is
   * the only time that the secret is seen: base32, and an `otpauth:` URI that holds it.
   */
  enableTotp(user: UserId, actor: string | Actor): Promise<{ readonly secret: string; readonly uri: string }>;
  /** The secret that waits holds from now on, in the place of one that stood. Ends the user's sessions. @throws AccessError */
  confirmTotp(user: UserId, code: string, actor: string | Actor): Promise<void>;
  /** Takes the secret away, if there is one. Ends the user's sessions. */
  disableTotp(user: UserId, actor: string | Actor): Promise<void>;
  /** Ends every session that the change concerns. @throws AccountError role_invalid, last_owner */
  changeUser(user: UserId, change: UserChange, actor: string | Actor): Promise<User>;
  changeAccount(
    account: AccountId,
    change: Parameters<AccountRecords['updateAccount']>[1],
    actor: string | Actor,
  ): Promise<Account>;
}

/** An OpenID provider of the settings. */
export interface KnownProvider {
  readonly name: string;
  readonly title: string;
  readonly issuer: string;
  /** Whether administrators sign in by it, and API users bring its tokens. */
  readonly opens: { readonly admin: boolean; readonly api: boolean };
}

/** Users who are known by OpenID providers, and the sessions that rest on a provider's word. */
export interface Identities {
  readonly providers: readonly KnownProvider[];
  /** How administrators come in by each; null while a provider does not answer. */
  doors(): Promise<readonly { readonly name: string; readonly title: string; readonly door: ProviderDoor | null }[]>;
  of(user: UserId): Promise<KnownIdentity | undefined>;
  /** Ends the user's sessions. @throws AccessError user_unknown, provider_unknown, realm_mismatch; AccountError identity_taken */
  link(
    user: UserId,
    identity: { readonly provider: string; readonly subject: string },
    actor: string | Actor,
  ): Promise<void>;
  /** Ends the user's sessions. False: there was none. @throws AccountError user_unknown */
  unlink(user: UserId, actor: string | Actor): Promise<boolean>;
  /** A provider tells a log-out: sessions end here and on every other gateway. @throws AccessError provider_unknown */
  loggedOut(provider: string, token: string): Promise<'ended' | 'refused' | 'silent'>;
}

/** Accounts that are closed: a while later they are erased, and nobody can open them again. */
export interface AccountClosing {
  /**
   * Nobody logs in any more; faxes under way are cancelled, images wiped, webhooks switched off. `days`: so long the
   * account may be opened again.
   *
   * @throws AccountError account_unknown, account_closed
   */
  close(account: AccountId, days: number, actor: Actor): Promise<Account>;
  /** @throws AccountError account_unknown, account_erased */
  reopen(account: AccountId, actor: Actor): Promise<Account>;
}

/** What a sender asks for; checked already for shape, not yet for sense. */
export interface SubmitRequest {
  readonly to: readonly E164[];
  readonly from: E164 | null;
  readonly page: Partial<PageOptions>;
  readonly tags: Readonly<Record<string, string>>;
  readonly scheduledAt: number | null;
  readonly deadline: number | null;
  readonly retries: number | null;
  readonly retryInterval: number | null;
  readonly priority: number;
  readonly uncertain: 'hold' | 'resend_rest' | 'resend_all' | null;
  /** Makes a batch even for one number. */
  readonly batch: boolean;
  /** Its pages are made, and wait to be looked at: nobody is called before `Approvals.release`. */
  readonly review?: boolean;
}

/** An upload under way. Whatever happens, `commit` or `abort` is called; after `abort` no row, blob or key is left. */
/** What a submission has come to. */
export interface SubmitAnswer {
  readonly faxes: readonly FaxId[];
  readonly batch: BatchId | null;
  /** The first of them when it was accepted just now; a replay has none. */
  readonly accepted?: AcceptedFax;
  readonly replayed: boolean;
}

export interface Submission {
  /** Takes one document; each chunk is sealed before the next is asked for, and zeroed. @throws FaxError document_too_large, … */
  document(
    info: { readonly mediaType: string | null; readonly fileName: string | null },
    source: AsyncIterable<Uint8Array>,
  ): Promise<void>;
  /**
   * Inspects the documents in the sandbox and accepts durably (W0c). A replay with the same key and content answers the
   * stored ids. @throws FaxError with a pointer; nothing is left then.
   */
  commit(request: SubmitRequest): Promise<SubmitAnswer>;
  abort(): Promise<void>;
}

export interface Intake {
  /** Claims the Idempotency-Key. @throws FaxError idempotency_running, draining, account_paused */
  begin(principal: Principal, idempotencyKey: string): Promise<Submission>;
}

export type PagePixels = 'exact' | 'square';

/** Pages as people and programs fetch them. Output is plaintext in chunks ≤ 64 KiB, zeroed when the next is asked for. */
export interface Images {
  /**
   * One page as PNG. `exact`: pixel for pixel as it goes over the line; `square`: rows repeated for screens, whose pixels
   * are square. @throws FaxError image_wiped, image_sealed, page_not_found
   */
  page(fax: Fax, page: number, pixels: PagePixels): AsyncIterable<Uint8Array>;
  document(fax: Fax, format: 'pdf' | 'tiff'): AsyncIterable<Uint8Array>;
  /** The ciphertext of a page, for sealed inbound: the customer opens it. */
  sealedPage(fax: Fax, page: number): AsyncIterable<Uint8Array>;
}

/** The pages of a call on their way to the carrier that fetches them. */
export interface MediaFile {
  readonly mediaType: string;
  /** Plaintext in chunks ≤ 64 KiB, zeroed when the next is asked for; read to its end, or ended early. */
  readonly octets: AsyncIterable<Uint8Array>;
}

/** Links that work once, by which carriers that cannot take a file fetch it. `address`: null when it is not known. */
export interface MediaFiles {
  /** The media type behind a link that holds; nothing is used up. */
  look(token: string, address: string | null): Promise<string | undefined>;
  /** Undefined: nothing for this caller now, for whatever reason. */
  fetch(token: string, address: string | null): Promise<MediaFile | undefined>;
}

/** Webhook endpoints and their deliveries. */
export interface Webhooks {
  create(
    account: AccountId,
    endpoint: { readonly url: string; readonly types: readonly EventType[] },
  ): Promise<WebhookEndpoint>;
  list(account: AccountId): Promise<WebhookEndpoint[]>;
  update(
    account: AccountId,
    id: EndpointId,
    change: { readonly url?: string; readonly types?: readonly EventType[]; readonly disabled?: boolean },
  ): Promise<WebhookEndpoint>;
  remove(account: AccountId, id: EndpointId): Promise<void>;
  /** A new secret; the old one signs beside it for 24 hours. */
  rotate(account: AccountId, id: EndpointId): Promise<WebhookEndpoint>;
  /** Sends a `webhook.test` event now and answers its delivery. */
  test(account: AccountId, id: EndpointId): Promise<WebhookDelivery>;
  deliveries(
    account: AccountId,
    query: {
      readonly endpoint?: EndpointId;
      readonly state?: WebhookDelivery['state'];
      readonly limit: number;
      readonly cursor?: string;
    },
  ): Promise<Page<WebhookDelivery>>;
  /** Every endpoint, by account, with what has not arrived; for administrators. */
  figures(since: number, account?: AccountId): Promise<EndpointFigures[]>;
  /** Newest first, over all accounts or of one; for administrators. */
  allDeliveries(query: DeliveryQuery): Promise<Page<WebhookDelivery>>;
  /** Events with seq > `after` again, to one endpoint. Answers how many: 10,000 at most. */
  replay(account: AccountId, id: EndpointId, after: number): Promise<number>;
  /** The same from a moment on. */
  replaySince(account: AccountId, id: EndpointId, since: number): Promise<number>;
  retry(account: AccountId, id: DeliveryId): Promise<void>;
  /** The Ed25519 public key (`whpk_…`) that verifies v1a signatures. */
  readonly publicKey: string;
}

/** Cover forms of accounts, for administrators. */
export interface Covers {
  /** By name, without those that ship. */
  list(account: AccountId): Promise<CoverForm[]>;
  /**
   * Checks a PDF form in the sandbox and keeps it sealed. `preview` is a PNG of its first page, filled with a sample.
   *
   * @throws FaxError cover_rejected with a reason; AccountError name_taken, too_many_covers
   */
  add(
    account: AccountId,
    name: string,
    pdf: Uint8Array,
    actor: Actor,
  ): Promise<{ readonly cover: CoverForm; readonly preview: Uint8Array }>;
  /** The PNG again. @throws FaxError cover_not_found */
  preview(account: AccountId, name: string): Promise<Uint8Array>;
  /** Faxes that were accepted keep the form they were accepted with. @throws FaxError cover_not_found */
  remove(account: AccountId, name: string, actor: Actor): Promise<void>;
}

/** Wishes about a fax that need a live call to be told. */
export interface Wishes {
  /** `actor`: the account itself when left out. */
  cancel(fax: FaxId, account: AccountId, actor?: Actor): Promise<'ended' | 'asked' | 'final' | 'unknown'>;
  resend(
    fax: FaxId,
    account: AccountId,
    mode: 'rest' | 'all',
    actor?: Actor,
  ): Promise<'queued' | 'state_conflict' | 'image_wiped' | 'unknown'>;
  acknowledge(
    fax: FaxId,
    account: AccountId,
    user: UserId,
  ): Promise<'acknowledged' | 'state_conflict' | 'lease_held' | 'unknown'>;
}

/** How an account stands with a place. */
export interface PlaceState {
  readonly place: Place;
  /** `home`: needs no approval. `waiting`: faxes to it are held. */
  readonly state: 'home' | 'approved' | 'denied' | 'waiting';
  /** Faxes that are held for it, and when the first of them fails. */
  readonly waiting: number;
  readonly until: number | null;
  readonly decided: { readonly at: number; readonly by: string } | null;
}

/** A number as the guard sees it. */
export interface DestinationLook extends Destination {
  /** What a submission would be refused with; null when it would be taken. */
  readonly refusal: { readonly reason: string; readonly sentence: string } | null;
  /** Whether its fax would be held for an approval; null where no account is asked about. */
  readonly held: boolean | null;
}

/** Countries that accounts may call, and those that wait for an administrator. */
export interface Approvals {
  list(account: AccountId): Promise<PlaceState[]>;
  /** What waits, of all accounts. */
  waiting(): Promise<WaitingPlace[]>;
  /** Where a number is, what it is, and what would be said to a fax of `account` to it; null: of nobody in particular. */
  look(number: E164, account: Account | null): Promise<DestinationLook>;
  /** Approved faxes go on, denied ones fail with `not_approved`; null takes a decision back. False: there is no such place. */
  decide(account: AccountId, place: Place, decision: 'approved' | 'denied' | null, actor: Actor): Promise<boolean>;
  /**
   * Somebody has looked at the pages of a fax that waited for it: it goes on, or waits for its country from now on.
   *
   * @throws FaxError destination_denied
   */
  release(fax: Fax, actor: Actor): Promise<'queued' | 'held' | 'state_conflict'>;
}

/** A carrier as an operator sees it. */
export interface CarrierStatus extends CarrierLoad {
  readonly kind: string;
  readonly limits: CarrierLimits;
}

/** The ways out: how busy they are, and stopping them for a while. */
export interface Carriers {
  list(): Promise<CarrierStatus[]>;
  /** Live calls go on, no other follows; submissions are still accepted. False: there is no such carrier. */
  pause(name: string, reason: string, actor: Actor): Promise<boolean>;
  /** False: there is no such carrier. */
  resume(name: string, actor: Actor): Promise<boolean>;
  channels(account: AccountId): Promise<Channels>;
  /** Numbers that we have at a carrier. `unknown`: there is no such carrier; `unlisted`: its API lists none. */
  numbers(name: string): Promise<CarrierNumbers | 'unknown' | 'unlisted'>;
  /** Octets that the body of a carrier's message may have; everything before it is known. */
  callbackLimit(name: string, head: Omit<CarrierCallback, 'body'>): number;
  /** A carrier's own message to us. Undefined: there is no such carrier here, or it sends none. */
  callback(name: string, request: CarrierCallback): Promise<CallbackAnswer | undefined>;
}

/** What calls cost, and what they may. All processes know the same: it stands in the records. */
export interface Budgets {
  /** ISO 4217; every amount is in millionths of it. */
  readonly currency: string;
  /** Everyone who has a budget: accounts by name, then carriers. */
  list(): Promise<PayerSpending[]>;
  /** This account, whether it has a budget or not. */
  account(account: Account): Promise<PayerSpending>;
  /** An account's policy was changed: whether it may call is decided anew when this resolves. */
  changed(account: AccountId): Promise<void>;
}

/** How well a carrier works, and how far it is trusted. */
export interface CarrierHealthStatus {
  readonly breaker: Omit<Breaker, 'phase'> & { readonly phase: BreakerPhase };
  /** The figures are those of the calls that have ended since. */
  readonly since: number;
  readonly figures: CarrierFigures;
}

/** The health of the ways out: what their last calls came to, and the breakers that keep faxes from carriers that fail. */
export interface CarrierHealth {
  /** In the order of the configuration. */
  list(): Promise<CarrierHealthStatus[]>;
  /** Changes of a carrier's breaker, newest first. Undefined: there is no such carrier. */
  changes(carrier: string): Promise<BreakerChange[] | undefined>;
  /** Closes an open breaker: the carrier is trusted at once. False: there is no such carrier. */
  reset(carrier: string, reason: string, actor: Actor): Promise<boolean>;
}

/** What calls have taught about a number. */
export interface KnownDestination extends LearnedDestination {
  /** The facts in words. */
  readonly sentences: readonly string[];
}

/** What calls have taught about numbers. */
export interface Lessons {
  /** Undefined: nothing. */
  about(number: E164): Promise<KnownDestination | undefined>;
  /** False: nothing was known. */
  forget(number: E164, actor: Actor): Promise<boolean>;
}

/** A rule of the settings by which calls find their carriers. */
export interface RouteStatus {
  readonly name: string;
  readonly prefixes: readonly string[];
  /** Names of the accounts that it is for; empty: everybody. */
  readonly accounts: readonly string[];
  /** Times of the week, `HH:MM`, in which it holds; empty: always. */
  readonly windows: readonly {
    readonly days: readonly string[];
    readonly from: string;
    readonly to: string;
    readonly zone: string;
  }[];
  /** Whether it holds now. */
  readonly holds: boolean;
  /** Empty: all. */
  readonly carriers: readonly string[];
  readonly order: 'listed' | 'cheapest';
  readonly tags: readonly string[];
}

/** What may go over a carrier, as the settings say it. */
export interface CarrierTermsStatus {
  readonly name: string;
  readonly tags: readonly string[];
  /** The sender's own number; one number; or only those, and `instead` for others. */
  readonly callerId: 'pass' | E164 | { readonly only: readonly E164[]; readonly instead?: E164 | undefined };
}

/** A call that is only thought of. */
export interface RouteQuestion {
  readonly to: E164;
  readonly from: E164 | null;
  /** Null: nobody in particular. */
  readonly account: Account | null;
  /** Ms since 1970; null: now. Pauses, breakers and budgets are always those of now. */
  readonly at: number | null;
}

/** Why a call would go the way that it would go. */
export interface RouteExplanation {
  readonly at: number;
  readonly to: E164;
  readonly from: E164 | null;
  readonly account: string | null;
  readonly plan: Plan;
  /** Of the carriers of the plan. */
  readonly loads: readonly CarrierStatus[];
  /** What calls have taught about the number, in words. */
  readonly lessons: readonly string[];
}

/** Which carriers calls go over. */
export interface Routes {
  /** In the order of the settings. */
  rules(): readonly RouteStatus[];
  terms(): readonly CarrierTermsStatus[];
  /** Names of the carriers that have all of `tags`. */
  carriersWith(tags: readonly string[]): string[];
  explain(question: RouteQuestion): Promise<RouteExplanation>;
}

/** The gateway as the API and the composition root see it. */
/** What carriers keep of faxes. */
export interface Purges {
  list(query: PurgeQuery): Promise<Page<CarrierPurge>>;
  of(fax: FaxId): ReturnType<PurgeRecords['purgesOf']>;
  /** A new round of tries begins; of a copy that is gone nothing does. Undefined: nothing is known of such a call. */
  retry(call: CallId, actor: Actor): Promise<CarrierPurge | undefined>;
}

/** Notices and reports by mail, as administrators set them. */
export interface MailDesk {
  /** Whether this process has a server for mails: otherwise nobody is told anything. */
  readonly sends: boolean;
  /** Of an administrator or an account. */
  settings(owner: UserId | AccountId): Promise<NoticeSettings>;
  /** The addresses from before and those from now on are told. */
  changeOfUser(user: User, settings: NoticeSettings, actor: Actor): Promise<void>;
  changeOfAccount(account: Account, settings: NoticeSettings, actor: Actor): Promise<void>;
  /** Newest first. */
  outbox: MailRecords['outbox'];
  /**
   * Sends a message to see whether it arrives. False: there is no server for mails. `account`: whose administrator asks,
   * when it is for one.
   */
  try(to: string, administrator: User, actor: Actor, account: AccountId | null): Promise<boolean>;
  schedules: MailRecords['schedules'];
  schedule: MailRecords['schedule'];
  /** How many mails the next one of a schedule comes to, as addresses stand now. */
  readersOf(report: ScheduledReport): Promise<number>;
  /** False: there is no such report. */
  setSchedule(
    owner: ReportOwner,
    name: string,
    wish: Pick<ScheduledReport, 'schedule' | 'recipients'>,
    actor: Actor,
  ): Promise<boolean>;
  /** False: it had none. */
  removeSchedule(owner: ReportOwner, name: string, actor: Actor): Promise<boolean>;
}

export interface Gateway {
  readonly access: Access;
  readonly identities: Identities;
  readonly intake: Intake;
  readonly images: Images;
  readonly media: MediaFiles;
  readonly webhooks: Webhooks;
  readonly covers: Covers;
  readonly keys: KeyDesk;
  /** The end of accounts. */
  readonly closing: AccountClosing;
  readonly wishes: Wishes;
  readonly carriers: Carriers;
  readonly health: CarrierHealth;
  readonly lessons: Lessons;
  readonly routes: Routes;
  readonly budgets: Budgets;
  readonly approvals: Approvals;
  readonly mail: MailDesk;
  /**
   * The records as a caller of one account may see them, null: of all accounts. Routes read through the view of whoever
   * asks, so that a question that forgets the account is answered for the own one.
   */
  view(account: AccountId | null): AccountView;
  readonly faxes: FaxRecords;
  readonly cdrs: Omit<CdrRecords, 'prepareMonths' | 'rollUp' | 'retire'>;
  /** The audit log as lines that can be verified off-line. */
  readonly audit: { export(span: AuditSpan): AsyncIterable<AuditLine> };
  readonly accounts: AccountRecords;
  readonly events: EventLedger;
  readonly vault: Pick<VaultRecords, 'receipt'>;
  readonly purges: Purges;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The hold after a restore from a backup. */
  readonly restore: {
    hold(): Promise<RestoreHold | null>;
    /** Ends it; false when there is none. `actor`: who has looked and decided. */
    confirm(actor: Actor): Promise<boolean>;
  };
  /** Whether everything that a fax needs answers, by name (for /readyz). */
  ready(): Promise<Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>>;
  /** True from the first SIGTERM on. */
  readonly draining: boolean;
}
