import { type CdrFilter, type CdrReport, createReports, type Reports, reportPath } from './cdrs.ts';
import { type Channel, whole } from './channel.ts';
import { type AdminFaxes, createAdminFaxes } from './fax-administration.ts';
import { type AdminMail, createAdminMail } from './mail.ts';
import { createOwnPasskeys, type OwnPasskeys } from './passkeys.ts';
import { segment, withQuery } from './query.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import type {
  Account,
  AddedCoverForm,
  AdminDelivery,
  AdminWebhook,
  Alert,
  AuditEntry,
  Carrier,
  CarrierHealth,
  CarrierHistory,
  CarrierNumber,
  CarrierPurge,
  Cdr,
  CdrSummary,
  ConnectionText,
  CoverForm,
  Delivery,
  Destination,
  DestinationLook,
  EndedCall,
  EventType,
  FaxExplanation,
  FaxNumber,
  GatewayKey,
  HeldNumber,
  Host,
  IdentityProvider,
  KeyStatementFile,
  Lessons,
  List,
  Live,
  Me,
  NumberImport,
  Overview,
  Passkey,
  Payer,
  Policy,
  RestoreState,
  Role,
  RotatedKey,
  RouteExplanation,
  RouteQuestion,
  RouteTable,
  Scope,
  Setting,
  TotpSecret,
  User,
  UserIdentity,
  UserWithSecret,
  WaitingDestination,
  Webhook,
  WebhookWithSecret,
} from './types.ts';
import { watch } from './watch.ts';
import type { DeliveryFilter } from './webhooks.ts';

/** What may be changed of an account. */
export interface AccountChange {
  title?: string;
  disabled?: boolean;
  paused?: boolean;
  policy?: Partial<Policy>;
  cidrs?: readonly string[];
}

/** A new user. Without a password an API user gets a generated secret, shown once. */
export interface NewUser {
  name: string;
  password?: string;
  cidrs?: readonly string[];
  /** Everything when left out. */
  scopes?: readonly Scope[];
}

/** What may be changed of a user; every change ends the sessions that it concerns. */
export interface UserChange {
  disabled?: boolean;
  cidrs?: readonly string[];
  /** P-521 public key (SPKI, base64url) for log-in by signature. */
  clientKey?: string | null;
  /** Of an administrator. */
  role?: Role;
  /** The one account, by id or name, that an administrator is for; null: all. */
  scope?: string | null;
  /** Of an API user. */
  scopes?: readonly Scope[];
}

/** A new administrator. */
export interface NewAdministrator {
  name: string;
  password: string;
  cidrs?: readonly string[];
  role: Role;
  /** The one account, by id or name, that it is for; all when left out. */
  scope?: string | null;
}

/** Which records a stream has. */
export type CdrStreamFilter = Omit<CdrFilter, 'limit' | 'cursor'> & { account?: string };

/** Administration of a gateway, by an admin user. */
export interface Admin {
  /** Who am I, and what may I do. */
  me(): Promise<Me>;
  accounts(): Promise<Account[]>;
  account(id: string): Promise<Account>;
  createAccount(account: {
    name: string;
    title?: string;
    policy?: Partial<Policy>;
    cidrs?: readonly string[];
  }): Promise<Account>;
  changeAccount(id: string, change: AccountChange): Promise<Account>;
  /** No new faxes and calls for now; live calls go on, queued faxes wait. */
  pauseAccount(id: string, reason: string): Promise<Account>;
  resumeAccount(id: string): Promise<Account>;
  /**
   * Nobody logs in any more; faxes under way are cancelled, images wiped, webhooks switched off. After `days` the
   * account is erased but for its records, and nobody can open it again.
   */
  closeAccount(id: string, days: number): Promise<Account>;
  reopenAccount(id: string): Promise<Account>;
  /** Accounts and carriers with a budget, and what they have spent. */
  budgets(): Promise<Payer[]>;
  /** What an account has spent, whether it has a budget or not. */
  budget(account: string): Promise<Payer>;
  /** Countries that an account may call, may not call, or that its held faxes wait for. */
  destinations(account: string): Promise<Destination[]>;
  /** What held faxes of all accounts wait for. */
  waitingDestinations(): Promise<WaitingDestination[]>;
  /** Whether a number may be called, at all or by an account. */
  lookAtDestination(number: string, account?: string): Promise<DestinationLook>;
  /** Held faxes to an approved country go on, those to a denied one fail. */
  decideDestination(account: string, place: string, decision: 'approved' | 'denied'): Promise<Destination>;
  /** Takes a decision back. */
  resetDestination(account: string, place: string): Promise<Destination>;
  carriers(): Promise<Carrier[]>;
  /** No new calls over it for now; live ones go on, faxes are accepted and wait. */
  pauseCarrier(name: string, reason: string): Promise<Carrier>;
  resumeCarrier(name: string): Promise<Carrier>;
  /** How well carriers work, and how far they are trusted. */
  carrierHealth(): Promise<CarrierHealth[]>;
  carrierHistory(name: string): Promise<CarrierHistory>;
  /** Closes its breaker: it gets calls at once. */
  resetCarrier(name: string, reason: string): Promise<CarrierHistory>;
  /** The rules by which calls find their carriers, and what may go over these. */
  routes(): Promise<RouteTable>;
  /** Why a call would go the way that it would go. */
  explainRoute(question: RouteQuestion): Promise<RouteExplanation>;
  /** What calls have taught about a number. */
  lessons(number: string): Promise<Lessons>;
  forgetLessons(number: string): Promise<void>;
  /** Copies of faxes that carriers keep still, the newest first; with `all` those that are gone as well. */
  purges(filter?: { carrier?: string; all?: boolean; limit?: number; cursor?: string }): Promise<List<CarrierPurge>>;
  /** Has the carrier erase its copy now, and again for a week; nothing happens when it is gone. */
  retryPurge(call: string): Promise<CarrierPurge>;
  users(account: string): Promise<User[]>;
  createUser(account: string, user: NewUser): Promise<UserWithSecret>;
  administrators(): Promise<User[]>;
  createAdministrator(user: NewAdministrator): Promise<User>;
  changeUser(id: string, change: UserChange): Promise<User>;
  /** A new API secret; the old one goes on beside it for `overlap` seconds, a day when left out; 0: it ends at once. */
  rotateSecret(user: string, overlap?: number): Promise<string>;
  /** Ends the old secret now; the user's sessions end. */
  endOldSecret(user: string): Promise<User>;
  setPassword(user: string, password: string): Promise<void>;
  /** A new TOTP secret, which waits for its first code; until then log-ins of this user go on as before. */
  enableTotp(user: string): Promise<TotpSecret>;
  /** Its first code: log-ins of this user need one from now on; the user's sessions end, your own included. */
  confirmTotp(user: string, code: string): Promise<void>;
  /** Log-ins need no code any more; the user's sessions end. */
  disableTotp(user: string): Promise<void>;
  /** What you log in with, and sessions. */
  readonly signIn: SignIn;
  /** Your own passkeys. */
  readonly passkeys: OwnPasskeys;
  /** OpenID providers of the gateway's settings. */
  identityProviders(): Promise<IdentityProvider[]>;
  /** Who the user is at an OpenID provider; null: nobody. */
  identityOf(user: string): Promise<UserIdentity | null>;
  /** In the place of one that stands; the user's sessions end. `subject`: `sub` of the provider's tokens. */
  linkIdentity(user: string, identity: { readonly provider: string; readonly subject: string }): Promise<UserIdentity>;
  /** The user's sessions end. */
  unlinkIdentity(user: string): Promise<void>;
  /** Of an administrator; for owners. */
  passkeysOf(user: string): Promise<Passkey[]>;
  /** Sessions that were opened with it end. */
  removePasskeyOf(user: string, passkey: string): Promise<void>;
  numbers(account: string): Promise<FaxNumber[]>;
  addNumber(account: string, number: { number: string; label?: string }): Promise<FaxNumber>;
  removeNumber(account: string, number: string): Promise<void>;
  /** Numbers of all accounts in their order, from behind `after` on. */
  allNumbers(query?: { after?: string; limit?: number }): Promise<{ items: HeldNumber[]; next: string | null }>;
  /** Whether calls that name no subaddress of somebody are refused. */
  setSubaddressOnly(number: string, only: boolean): Promise<HeldNumber>;
  /** Gives a subaddress of a number that accounts share to an account, by its id or name. */
  addSubaddress(number: string, subaddress: string, wish: { account: string; label?: string }): Promise<FaxNumber>;
  removeSubaddress(number: string, subaddress: string): Promise<void>;
  /** Numbers that we have at a carrier, and who has them here. */
  carrierNumbers(carrier: string): Promise<CarrierNumber[]>;
  /** Gives numbers at a carrier that nobody has here to an account: those that are named, or all. */
  importNumbers(carrier: string, wish: { account: string; numbers?: string[] }): Promise<NumberImport>;
  /** Cover forms of an account. */
  covers(account: string): Promise<CoverForm[]>;
  /** Adds a PDF form with text fields, at most 2 MiB; the answer shows how it looks. */
  addCover(account: string, name: string, pdf: Uint8Array): Promise<AddedCoverForm>;
  /** The first page of a form, filled with a sample, as PNG. */
  coverPreview(account: string, name: string): Promise<Uint8Array>;
  /** Faxes that were accepted with the form keep it. */
  removeCover(account: string, name: string): Promise<void>;
  /** Faxes of all accounts. */
  readonly faxes: AdminFaxes;
  /** Calls in progress and the faxes behind them, of all accounts or of one. */
  live(query?: { account?: string; limit?: number }): Promise<Live>;
  /** The same, at once and whenever it changes, until `signal` aborts; over interruptions too. */
  watchLive(query?: { account?: string; limit?: number }, signal?: AbortSignal): AsyncGenerator<Live>;
  /** One call of any account that has ended, with its ladder. */
  call(id: string): Promise<EndedCall>;
  /** Why a fax of any account stands or ended as it did, in plain words. */
  why(fax: string): Promise<FaxExplanation>;
  /** Where an account's events are posted. */
  webhooks(account: string): Promise<Webhook[]>;
  /** Posts the account's events to `url`, too; the signing secret is shown once. */
  addWebhook(account: string, endpoint: { url: string; types?: readonly EventType[] }): Promise<WebhookWithSecret>;
  changeWebhook(
    account: string,
    endpoint: string,
    change: { url?: string; types?: readonly EventType[]; disabled?: boolean },
  ): Promise<Webhook>;
  removeWebhook(account: string, endpoint: string): Promise<void>;
  /** A new signing secret; the one before signs beside it for 24 hours. */
  rotateWebhook(account: string, endpoint: string): Promise<WebhookWithSecret>;
  /** What became of each event, newest first. */
  deliveries(account: string, filter?: DeliveryFilter): Promise<List<Delivery>>;
  retryDelivery(account: string, delivery: string): Promise<void>;
  /** Endpoints of all accounts, or of one, with what has not arrived. */
  allWebhooks(query?: { account?: string }): Promise<AdminWebhook[]>;
  /** Deliveries of all accounts, or of one, newest first. */
  allDeliveries(filter?: DeliveryFilter & { account?: string }): Promise<List<AdminDelivery>>;
  /** Posts the events after a sequence number, or from a moment on, to an endpoint again; answers how many. */
  replayWebhook(account: string, endpoint: string, from: { after: number } | { since: string }): Promise<number>;
  /** Call detail records of all accounts, or of one. */
  cdrs(filter?: CdrFilter & { account?: string }): Promise<List<Cdr>>;
  /** All of them as a stream: CSV, or JSON Lines with every field. */
  cdrStream(form: 'csv' | 'jsonl', filter?: CdrStreamFilter): AsyncGenerator<Uint8Array>;
  readonly reports: Reports;
  readonly mail: AdminMail;
  /** Sums by hour, day, week or month, of all accounts or of one; days are those of UTC when no time zone is given. */
  cdrSummary(report?: CdrReport & { account?: string }): Promise<CdrSummary>;
  /** The audit log as JSON Lines that `AuditReader` verifies; from the head before `since` to the one after `until`. */
  auditExport(span?: { since?: string; until?: string }): AsyncGenerator<Uint8Array>;
  /** Newest first. */
  audit(query?: { account?: string; before?: string; limit?: number; cursor?: string }): Promise<List<AuditEntry>>;
  /** What waits for a person, the gravest first. */
  alerts(): Promise<Alert[]>;
  /** Unfinished faxes by state, and what ended in each of the last `hours` (24), of all accounts or of one. */
  overview(query?: { account?: string; hours?: number }): Promise<Overview>;
  /** What answers, and the host report, of the process that this request meets. */
  host(): Promise<Host>;
  /** Every setting of the process that answers, without secrets. */
  settings(): Promise<Setting[]>;
  /** The connection string of a user, without its secret; with the pins that hold now. */
  connection(user: string): Promise<ConnectionText>;
  /** Root, signing and sealing keys, current and retired. */
  keys(): Promise<GatewayKey[]>;
  /** Another key in the place of one; open sessions go on, what the old one signed stays valid. */
  rotateKey(key: RotatedKey): Promise<GatewayKey[]>;
  /** The public keys, signed by the root, for a file that anybody can verify. */
  keyStatement(): Promise<KeyStatementFile>;
  /** Whether the gateway waits for its operator after a restore from a backup. */
  restore(): Promise<RestoreState>;
  /** The lost gateway calls nobody any more: this one dials, answers and accepts from now on. */
  confirmRestore(): Promise<RestoreState>;
  close(): Promise<void>;
}

/** @see Admin */
export function createAdmin(channel: Channel): Admin {
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  const send = (method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, value?: unknown) =>
    channel.json({ method, path }, value);
  const items = async <T>(path: string) => ((await read(path)) as { items: T[] }).items;
  const accountAt = (id: string, rest = '') => `/v1/admin/accounts/${segment(id)}${rest}`;
  const coverAt = (account: string, name: string, rest = '') => accountAt(account, `/covers/${segment(name)}${rest}`);
  const carrierAt = (name: string, rest: string) => `/v1/admin/carriers/${segment(name)}${rest}`;
  const subaddressAt = (number: string, subaddress: string) =>
    `/v1/admin/numbers/${segment(number)}/subaddresses/${segment(subaddress)}`;
  const userAt = (id: string, rest = '') => `/v1/admin/users/${segment(id)}${rest}`;
  return {
    accounts: () => items<Account>('/v1/admin/accounts'),
    account: async (id) => (await read(accountAt(id))) as Account,
    createAccount: async (account) => (await send('POST', '/v1/admin/accounts', account)) as Account,
    changeAccount: async (id, change) => (await send('PATCH', accountAt(id), change)) as Account,
    pauseAccount: async (id, reason) => (await send('POST', accountAt(id, '/pause'), { reason })) as Account,
    resumeAccount: async (id) => (await send('POST', accountAt(id, '/resume'))) as Account,
    closeAccount: async (id, days) => (await send('POST', accountAt(id, '/close'), { days })) as Account,
    reopenAccount: async (id) => (await send('POST', accountAt(id, '/reopen'))) as Account,
    budgets: () => items<Payer>('/v1/admin/budgets'),
    budget: async (account) => (await read(accountAt(account, '/budget'))) as Payer,
    destinations: (account) => items<Destination>(accountAt(account, '/destinations')),
    waitingDestinations: () => items<WaitingDestination>('/v1/admin/destinations'),
    lookAtDestination: async (number, account) =>
      (await read(withQuery('/v1/admin/destinations/look', { number, account }))) as DestinationLook,
    decideDestination: async (account, place, decision) =>
      (await send('PUT', accountAt(account, `/destinations/${segment(place)}`), { decision })) as Destination,
    resetDestination: async (account, place) =>
      (await send('DELETE', accountAt(account, `/destinations/${segment(place)}`))) as Destination,
    carriers: () => items<Carrier>('/v1/admin/carriers'),
    pauseCarrier: async (name, reason) => (await send('POST', carrierAt(name, '/pause'), { reason })) as Carrier,
    resumeCarrier: async (name) => (await send('POST', carrierAt(name, '/resume'))) as Carrier,
    carrierHealth: () => items<CarrierHealth>('/v1/admin/carriers/health'),
    carrierHistory: async (name) => (await read(carrierAt(name, '/health'))) as CarrierHistory,
    resetCarrier: async (name, reason) => (await send('POST', carrierAt(name, '/reset'), { reason })) as CarrierHistory,
    routes: async () => (await read('/v1/admin/routes')) as RouteTable,
    explainRoute: async (question) => (await read(withQuery('/v1/admin/routes/explain', question))) as RouteExplanation,
    lessons: async (number) => (await read(`/v1/admin/lessons/${segment(number)}`)) as Lessons,
    async forgetLessons(number) {
      await send('DELETE', `/v1/admin/lessons/${segment(number)}`);
    },
    purges: async (filter = {}) => (await read(withQuery('/v1/admin/purges', filter))) as List<CarrierPurge>,
    retryPurge: async (call) => (await send('POST', `/v1/admin/purges/${segment(call)}/retry`)) as CarrierPurge,
    users: (account) => items<User>(accountAt(account, '/users')),
    createUser: async (account, user) => (await send('POST', accountAt(account, '/users'), user)) as UserWithSecret,
    me: async () => (await read('/v1/admin/me')) as Me,
    administrators: () => items<User>('/v1/admin/users'),
    createAdministrator: async (user) => (await send('POST', '/v1/admin/users', user)) as User,
    changeUser: async (id, change) => (await send('PATCH', userAt(id), change)) as User,
    rotateSecret: async (id, overlap) => {
      const wish = overlap === undefined ? undefined : { overlap };
      return ((await send('POST', userAt(id, '/secret'), wish)) as { secret: string }).secret;
    },
    endOldSecret: async (id) => (await send('DELETE', userAt(id, '/secret/old'))) as User,
    async setPassword(id, password) {
      await send('PUT', userAt(id, '/password'), { password });
    },
    enableTotp: async (id) => (await send('POST', userAt(id, '/totp'))) as TotpSecret,
    async confirmTotp(id, code) {
      await send('POST', userAt(id, '/totp/confirm'), { code });
    },
    async disableTotp(id) {
      await send('DELETE', userAt(id, '/totp'));
    },
    signIn: createSignIn(channel),
    passkeys: createOwnPasskeys(channel),
    identityProviders: () => items<IdentityProvider>('/v1/admin/identity-providers'),
    identityOf: async (user) => ((await read(userAt(user, '/identity'))) as { identity: UserIdentity | null }).identity,
    async linkIdentity(user, identity) {
      const answer = await send('PUT', userAt(user, '/identity'), identity);
      return (answer as { identity: UserIdentity }).identity;
    },
    async unlinkIdentity(user) {
      await send('DELETE', userAt(user, '/identity'));
    },
    passkeysOf: (user) => items<Passkey>(userAt(user, '/passkeys')),
    async removePasskeyOf(user, passkey) {
      await send('DELETE', userAt(user, `/passkeys/${segment(passkey)}`));
    },
    numbers: (account) => items<FaxNumber>(accountAt(account, '/numbers')),
    addNumber: async (account, number) => (await send('POST', accountAt(account, '/numbers'), number)) as FaxNumber,
    async removeNumber(account, number) {
      await send('DELETE', accountAt(account, `/numbers/${segment(number)}`));
    },
    allNumbers: async (query = {}) =>
      (await read(withQuery('/v1/admin/numbers', query))) as { items: HeldNumber[]; next: string | null },
    setSubaddressOnly: async (number, subaddressOnly) =>
      (await send('PATCH', `/v1/admin/numbers/${segment(number)}`, { subaddressOnly })) as HeldNumber,
    addSubaddress: async (number, subaddress, wish) =>
      (await send('PUT', subaddressAt(number, subaddress), wish)) as FaxNumber,
    async removeSubaddress(number, subaddress) {
      await send('DELETE', subaddressAt(number, subaddress));
    },
    carrierNumbers: (carrier) => items<CarrierNumber>(carrierAt(carrier, '/numbers')),
    importNumbers: async (carrier, wish) => (await send('POST', carrierAt(carrier, '/numbers'), wish)) as NumberImport,
    covers: (account) => items<CoverForm>(accountAt(account, '/covers')),
    async addCover(account, name, pdf) {
      const path = coverAt(account, name);
      const headers = { 'content-type': 'application/pdf', accept: 'application/json' };
      const reply = await channel.request({ method: 'POST', path, headers, body: () => [pdf] });
      return JSON.parse(new TextDecoder().decode(await whole(reply))) as AddedCoverForm;
    },
    async coverPreview(account, name) {
      const path = coverAt(account, name, '/preview');
      return whole(await channel.request({ method: 'GET', path, repeatable: true }));
    },
    async removeCover(account, name) {
      await send('DELETE', coverAt(account, name));
    },
    faxes: createAdminFaxes(channel),
    live: async (query = {}) => (await read(withQuery('/v1/admin/calls/live', query))) as Live,
    watchLive: (query = {}, signal) => watch<Live>(channel, '/v1/admin/calls/live', query, signal),
    call: async (id) => (await read(`/v1/admin/calls/${segment(id)}`)) as EndedCall,
    why: async (fax) => (await read(`/v1/admin/faxes/${segment(fax)}/why`)) as FaxExplanation,
    webhooks: (account) => items<Webhook>(accountAt(account, '/webhooks')),
    addWebhook: async (account, endpoint) =>
      (await send('POST', accountAt(account, '/webhooks'), endpoint)) as WebhookWithSecret,
    changeWebhook: async (account, endpoint, change) =>
      (await send('PATCH', accountAt(account, `/webhooks/${segment(endpoint)}`), change)) as Webhook,
    async removeWebhook(account, endpoint) {
      await send('DELETE', accountAt(account, `/webhooks/${segment(endpoint)}`));
    },
    rotateWebhook: async (account, endpoint) =>
      (await send('POST', accountAt(account, `/webhooks/${segment(endpoint)}/rotate`))) as WebhookWithSecret,
    deliveries: async (account, filter = {}) =>
      (await read(withQuery(accountAt(account, '/webhooks/deliveries'), filter))) as List<Delivery>,
    allWebhooks: (query = {}) => items<AdminWebhook>(withQuery('/v1/admin/webhooks', query)),
    allDeliveries: async (filter = {}) =>
      (await read(withQuery('/v1/admin/webhooks/deliveries', filter))) as List<AdminDelivery>,
    async replayWebhook(account, endpoint, from) {
      const path = accountAt(account, `/webhooks/${segment(endpoint)}/replay`);
      return ((await send('POST', path, from)) as { events: number }).events;
    },
    async retryDelivery(account, delivery) {
      await send('POST', accountAt(account, `/webhooks/deliveries/${segment(delivery)}/retry`));
    },
    cdrs: async (filter = {}) => (await read(withQuery('/v1/admin/cdrs', filter))) as List<Cdr>,
    cdrStream: async function* (form, filter = {}) {
      const path = withQuery(`/v1/admin/cdrs.${form}`, filter);
      yield* (await channel.request({ method: 'GET', path, repeatable: true })).body;
    },
    reports: createReports(channel, '/v1/admin/reports'),
    mail: createAdminMail(channel),
    cdrSummary: async (report = {}) => (await read(reportPath('/v1/admin/cdrs/summary', report))) as CdrSummary,
    auditExport: async function* (span = {}) {
      const path = withQuery('/v1/admin/audit.jsonl', span);
      yield* (await channel.request({ method: 'GET', path, repeatable: true })).body;
    },
    audit: async (query = {}) => (await read(withQuery('/v1/admin/audit', query))) as List<AuditEntry>,
    alerts: () => items<Alert>('/v1/admin/alerts'),
    overview: async (query = {}) => (await read(withQuery('/v1/admin/overview', query))) as Overview,
    settings: () => items<Setting>('/v1/admin/settings'),
    host: async () => (await read('/v1/admin/host')) as Host,
    connection: async (user) => (await read(userAt(user, '/connection'))) as ConnectionText,
    keys: () => items<GatewayKey>('/v1/admin/keys'),
    rotateKey: async (key) => ((await send('POST', '/v1/admin/keys/rotate', { key })) as { items: GatewayKey[] }).items,
    keyStatement: async () => (await read('/v1/admin/keys/statement')) as KeyStatementFile,
    restore: async () => (await read('/v1/admin/restore')) as RestoreState,
    confirmRestore: async () => (await send('POST', '/v1/admin/restore/confirm')) as RestoreState,
    close: () => channel.close(),
  };
}
