/**
 * What the API answers, as plain types: the package needs no schema library. A test holds them against the schemas of
 * the server. Times are ISO 8601 in UTC; ids are opaque.
 */
export type Direction = 'outbound' | 'inbound';
export type Resolution = 'standard' | 'fine' | 'superfine';
export type FaxState =
  | 'accepted'
  | 'rendering'
  | 'held'
  | 'queued'
  | 'dialing'
  | 'sending'
  | 'delivered'
  | 'partial'
  | 'failed'
  | 'canceled'
  | 'uncertain'
  | 'ringing'
  | 'receiving'
  | 'received'
  | 'handed_over'
  | 'wiped';

/** States in which a sent fax has ended. */
export const ENDED: readonly FaxState[] = ['delivered', 'partial', 'failed', 'canceled', 'uncertain'];

export type Tags = Record<string, string>;

/** One document to one number, or one from a number. */
export interface Fax {
  id: string;
  direction: Direction;
  batch: string | null;
  user: string | null;
  state: FaxState;
  from: string | null;
  to: string;
  /** Identification that the far machine gave (CSI or TSI). */
  remoteId: string | null;
  /** T.30's SUB that the caller of a received fax named. */
  subaddress: string | null;
  /** Known once rendered or received. */
  pages: number | null;
  pagesConfirmed: number;
  attempts: number;
  retries: number;
  /** Seconds. */
  retryInterval: number;
  priority: number;
  scheduledAt: string | null;
  deadline: string | null;
  nextCallAt: string | null;
  /** Why it ended, or why its last call did: a cause of the one table over all carriers. */
  cause: string | null;
  detail: string | null;
  /** What a person should do. */
  action: string | null;
  /** Whether another call may help; false while there is no cause. */
  retryable: boolean;
  resolution: Resolution;
  tags: Tags;
  documents: number;
  imageExists: boolean;
  /** How long they are kept: until the last retry has ended, or for one call (policy of the account). */
  imageLife: 'fax' | 'call';
  /** It waits until an administrator lets the account call this country or code; it fails at `until`. */
  held: { place: string; until: string } | null;
  leasedUntil: string | null;
  acknowledgedAt: string | null;
  /** Sealed inbound: the key of the pages, wrapped to the account's registered key. */
  sealedKey: string | null;
  createdAt: string;
  updatedAt: string;
  finishedAt: string | null;
  /** Of a sent fax by itself, not in lists: live calls of the account, and how many it may have; with all in use it waits. */
  channels?: { used: number; limit: number } | undefined;
}

/** A fax as administrators see it. */
export interface AdminFax extends Fax {
  account: string;
  /** Its pages wait to be looked at and released until this moment; it is canceled then. Null when they do not. */
  reviewUntil: string | null;
}

/** A fax as it is on its way, with the calls of its journal. */
export interface FaxProgress {
  at: string;
  /** Names everything here but the time. */
  tag: string;
  fax: AdminFax;
  calls: CallInfo[];
}

/** A call that has not ended. Pages of a call are counted within its fax. */
export interface LiveCall {
  id: string;
  fax: string;
  account: string;
  direction: Direction;
  carrier: string;
  /** Of its fax: `dialing`, `sending`, `ringing`, `receiving`. */
  state: FaxState;
  from: string | null;
  to: string;
  remoteId: string | null;
  /** Pages of the fax, once they are known. */
  pages: number | null;
  firstPage: number;
  pageStarted: number;
  pagesConfirmed: number;
  attempt: number;
  /** As it was at the last page. */
  line: LineReport | null;
  startedAt: string;
  answeredAt: string | null;
  /** Somebody wants it to end. */
  cancelAsked: boolean;
}

/** What is going on at this moment. */
export interface Live {
  at: string;
  /** Names everything here but the time. */
  tag: string;
  /** The oldest first. */
  calls: LiveCall[];
  /** All of them, also those that `calls` has no room for. */
  liveCalls: number;
  /** Faxes in each state that waits for something. */
  faxes: Partial<Record<FaxState, number>>;
}

/** A page of a list; `next` is the cursor of the following one, null on the last. */
export interface List<T> {
  items: T[];
  next: string | null;
}

/** Several faxes of one document. */
export interface Batch {
  id: string;
  /** Faxes in each state. */
  states: Record<string, number>;
  faxes: Fax[];
}

/** One page as it stands in the vault. */
export interface PageInfo {
  number: number;
  width: number;
  rows: number;
  xDpi: number;
  yDpi: number;
  bytes: number;
  /** Equal for the previewed and the sent page. */
  mark: string;
  warnings: string[];
}

/** One telephone call of a fax, as its journal knows it. */
export interface CallInfo {
  id: string;
  carrier: string;
  state: 'intended' | 'in_call' | 'ended';
  firstPage: number;
  pageStarted: number;
  pagesConfirmed: number;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
}

export type EventType =
  | 'fax.accepted'
  | 'fax.held'
  | 'fax.queued'
  | 'fax.dialing'
  | 'fax.sending'
  | 'fax.page'
  | 'fax.retry'
  | 'fax.delivered'
  | 'fax.partial'
  | 'fax.failed'
  | 'fax.canceled'
  | 'fax.uncertain'
  | 'fax.receiving'
  | 'fax.received'
  | 'fax.receive_failed'
  | 'fax.handed_over'
  | 'fax.wiped'
  | 'fax.carrier_purge_failed'
  | 'account.budget'
  | 'session.intercepted'
  | 'webhook.disabled'
  | 'webhook.test';

/** One entry of the account's gap-free ledger. */
export interface LedgerEvent {
  id: string;
  /** 1, 2, 3 …: the cursor. */
  seq: number;
  type: EventType;
  fax: string | null;
  at: string;
  data: Record<string, unknown>;
}

/** State of the line at the end of a call. */
export interface LineReport {
  /** Bit/s. */
  rate: number;
  modulation: string;
  compression: string;
  ecm: boolean;
  t38: boolean;
  retrains: number;
  badRows: number;
}

export type CdrResult = 'ok' | 'partial' | 'failed' | 'uncertain' | 'canceled';

/** Why a carrier does not get the next call of a fax. */
export type LeftOut =
  | 'tag_missing'
  | 'caller_id'
  | 'receives_only'
  | 'pull_denied'
  | 'refused'
  | 'paused'
  | 'breaker_open'
  | 'budget_spent'
  | 'failed_before';

/** Why a call went over its carrier. */
export interface RouteDecision {
  /** Null: no rule fits, every carrier stands in the order of the configuration. */
  rule: string | null;
  /** Place in the order of the rule, from 1, of so many. */
  place: number;
  of: number;
  /** The first call over a carrier whose breaker had opened. */
  trial: boolean;
  /** Those before it. */
  leftOut: { carrier: string; why: LeftOut }[];
}

/** Call detail record. */
export interface Cdr {
  id: string;
  account: string;
  user: string | null;
  fax: string;
  batch: string | null;
  call: string | null;
  direction: Direction;
  from: string | null;
  to: string;
  /** Where the far number is: ISO 3166-1, or + and a calling code. */
  country: string | null;
  remoteId: string | null;
  /** Of an inbound call: T.30's SUB, when the caller named one. */
  subaddress: string | null;
  carrier: string | null;
  reference: string | null;
  attempt: number;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string;
  /** Milliseconds. */
  duration: number;
  pages: number | null;
  pagesSent: number;
  result: CdrResult;
  cause: string;
  detail: string;
  action: string;
  billable: boolean;
  /** Millionths of `currency`; both null where the price is not known. */
  cost: number | null;
  currency: string | null;
  /** Seconds that the cost was made of. */
  chargedSeconds: number | null;
  line: LineReport | null;
  /** Why it went over its carrier; null for inbound calls and without a call. */
  route: RouteDecision | null;
  faxState: FaxState;
  tags: Tags;
  /** Wipe receipts as compact JWS; null until each exists. */
  receipt: string | null;
  epochReceipt: string | null;
  /** What became of the carrier's copy: `kept` is the red mark; null where it never had one that it keeps. */
  purge: CarrierCopy | null;
  /** A further receipt, of what the carrier erased after the wipe. */
  purgeReceipt: string | null;
}

/** A carrier's copy of a fax. `pending`: not answered yet; `none`: there was nothing; `kept`: it is there still. */
export type CarrierCopy = 'pending' | 'purged' | 'none' | 'kept';

/** The erasure of what a carrier keeps of one call. */
export interface CarrierPurge {
  call: string;
  fax: string;
  account: string;
  carrier: string;
  outcome: CarrierCopy;
  /** The carrier's words. */
  detail: string | null;
  since: string;
  answeredAt: string | null;
  tries: number;
  /** Null: it is not tried any more. */
  nextAt: string | null;
}

/** One step of a call as it was seen on the line; it holds no number and no page content. */
export interface LadderStep {
  /** Milliseconds since the call began. */
  at: number;
  direction: 'sent' | 'heard' | 'none';
  layer: 'sip' | 'media' | 't38' | 't30' | 'call';
  /** By its name in the documents: `INVITE`, `DIS`, `PPS-EOP`. */
  signal: string;
  info: string | null;
}

/** The steps of a call. */
export interface CallLadder {
  steps: LadderStep[];
  /** Steps of a very long call that were left out before `steps[cut]`. */
  left: number;
  cut: number;
}

/** A call that has ended. */
export interface EndedCall extends Cdr {
  /** Null where the carrier does not tell its steps. */
  ladder: CallLadder | null;
}

/** One ended call of a fax in plain words. */
export interface CallStory {
  call: string | null;
  carrier: string | null;
  startedAt: string;
  endedAt: string;
  result: CdrResult;
  cause: string;
  detail: string;
  /** What the call met, in order, a sentence each. */
  met: string[];
}

/** Why a fax stands or ended as it did. */
export interface FaxExplanation {
  fax: string;
  direction: Direction;
  state: FaxState;
  cause: string | null;
  /** The answer in one sentence. */
  summary: string;
  /** What a person should do. */
  action: string;
  /** Oldest first. */
  calls: CallStory[];
}

/** Sums of the calls that ended in one span of time; a dimension that was not asked for is null. */
export interface CdrSum {
  /** First moment of the span. */
  start: string;
  account: string | null;
  /** Empty for received faxes. */
  user: string | null;
  direction: Direction | null;
  /** Of the far side; empty where the caller gave none. */
  number: string | null;
  /** Of the far side; empty where it is not known. */
  country: string | null;
  /** Empty for faxes that ended without a call. */
  carrier: string | null;
  result: CdrResult | null;
  cause: string | null;
  /** All records: calls, and faxes that ended without one. */
  cdrs: number;
  calls: number;
  /** Records with result `ok`. */
  delivered: number;
  /** Part of all records with result ok, 0 to 1. */
  successRate: number;
  /** On paper. */
  pages: number;
  billableCalls: number;
  /** A second that has begun counts. */
  billableSeconds: number;
  /** Millionths of the report's currency. */
  cost: number;
  /** Billable calls whose price is not known, and which are not in `cost`. */
  unpricedCalls: number;
  /** From dialling to the answer; with percentiles. */
  connect: Percentiles | null;
  /** How long the line was open; with percentiles. */
  open: Percentiles | null;
}

/** Milliseconds that half of all calls, and 95 of 100, did not exceed. */
export interface Percentiles {
  p50: number;
  p95: number;
}

/** A report; spans without any record are left out. */
export interface CdrSummary {
  /** First day, and the day after the last one, in `timeZone`. */
  from: string;
  to: string;
  timeZone: string;
  /** ISO 4217. */
  currency: string;
  /** `sums`: exact for all time. `cdrs`: ends where records are kept no longer. */
  source: 'sums' | 'cdrs';
  items: CdrSum[];
}

/** What sums may be told apart by. */
export type CdrDimension = 'account' | 'user' | 'direction' | 'number' | 'country' | 'carrier' | 'result' | 'cause';

/** Days that move with the calendar; weeks begin on Monday. */
export type ReportPeriod =
  | 'today'
  | 'yesterday'
  | 'this_week'
  | 'last_week'
  | 'this_month'
  | 'last_month'
  | 'this_year'
  | 'last_year'
  | 'last_7_days'
  | 'last_30_days';

/** The question of a saved report. */
export interface SavedQuery {
  from?: string | undefined;
  to?: string | undefined;
  period?: ReportPeriod | undefined;
  group: 'hour' | 'day' | 'week' | 'month' | 'total';
  by: CdrDimension[];
  timeZone?: string | undefined;
  direction?: Direction | undefined;
  carrier?: string | undefined;
  result?: CdrResult | undefined;
  cause?: string | undefined;
  country?: string | undefined;
  user?: string | undefined;
  number?: string | undefined;
  prefix?: string | undefined;
  top?: number | undefined;
  percentiles: boolean;
  /** Of administrators: one account. */
  account?: string | undefined;
}

/** A report under a name. */
export interface SavedReport {
  name: string;
  title: string;
  query: SavedQuery;
  changedBy: string;
  changedAt: string;
}

/** What one may hear of besides what concerns the own log-in. */
export type NoticeTopic = 'administrators' | 'audit' | 'backups' | 'budgets' | 'carriers' | 'destinations' | 'erasure';

/** Where notices of an administrator or an account go, and what of. */
export interface Notices {
  addresses: string[];
  topics: NoticeTopic[];
  /** Whether the gateway has a server for mails; without one nobody is told anything. */
  sends: boolean;
}

/** A mail on its way; what it says is sealed, and gone once it is sent. */
export interface OutboxMail {
  id: string;
  kind:
    | 'login_network'
    | 'login_failures'
    | 'login_intercepted'
    | 'user_new'
    | 'user_changed'
    | 'administrator_new'
    | 'administrator_changed'
    | 'account_changed'
    | 'addresses_changed'
    | 'alert'
    | 'report'
    | 'trial';
  to: string;
  /** Whose reader gets it; null: of all accounts. */
  account: string | null;
  state: 'waiting' | 'sent' | 'given_up';
  attempts: number;
  nextAt: string | null;
  /** Why the last attempt failed: a word, or the code of the server. */
  lastError: string | null;
  createdAt: string;
  endedAt: string | null;
}

/** When a saved report is mailed, and to whom. */
export interface ReportSchedule {
  every: 'daily' | 'weekly' | 'monthly';
  /** 0 to 23. */
  hour: number;
  /** 1 is Monday; with `weekly`. */
  weekday: number;
  /** 1 to 28; with `monthly`. */
  day: number;
  /** IANA name. */
  timeZone: string;
  /** Ids; each gets it as its role sees numbers. */
  administrators: string[];
  /** Whether it goes to the addresses of the account. */
  account: boolean;
  /** How many mails the next one comes to, as addresses stand now. */
  addresses: number;
  nextAt: string;
  changedBy: string;
  changedAt: string;
  /** Whether the gateway has a server for mails. */
  sends: boolean;
}

/** What may be set of a schedule. */
export type ReportScheduleWish = Pick<ReportSchedule, 'every' | 'hour'> &
  Partial<Pick<ReportSchedule, 'weekday' | 'day' | 'timeZone' | 'administrators' | 'account'>>;

/** The wipe receipts of a fax, as compact JWS; further ones tell of copies at carriers what the first does not. */
export interface Receipt {
  fax: string;
  receipt: string;
  epoch: number;
  epochReceipt: string | null;
  carrierReceipts: string[];
}

/** How an account stands with a country (`DE`) or a code that no country has for itself (`+870`). */
export interface Destination {
  place: string;
  state: 'home' | 'approved' | 'denied' | 'waiting';
  /** Faxes that are held for it. */
  waiting: number;
  /** When the first of them fails. */
  until: string | null;
  decided: { at: string; by: string } | null;
}

/** A number as the guard against toll fraud sees it. */
export interface DestinationLook {
  number: string;
  place: string;
  class: 'premium' | 'satellite' | 'revenue_share' | null;
  /** As far as the numbering plan says it. */
  line: 'mobile' | 'landline' | 'voip' | 'unknown';
  /** What a submission would be refused with. */
  refusal: { reason: string; sentence: string } | null;
  /** Whether a fax of the account would wait for an approval; null where no account was named. */
  held: boolean | null;
}

/** Faxes of one account that wait for one country. */
export interface WaitingDestination {
  account: string;
  place: string;
  faxes: number;
  since: string;
  until: string;
}

/** A fax number of the account. */
export interface FaxNumber {
  number: string;
  /** Of a number that is shared: the account receives what is sent to this subaddress. */
  subaddress: string | null;
  label: string;
  createdAt: string;
}

/** A number as administrators see it. */
export interface HeldNumber {
  number: string;
  /** Id of the account that receives what names no subaddress of somebody. */
  account: string;
  label: string;
  createdAt: string;
  /** Calls that name no subaddress of somebody are refused. */
  subaddressOnly: boolean;
  subaddresses: { subaddress: string; account: string; label: string; createdAt: string }[];
}

/** A number that a carrier says we have. */
export interface CarrierNumber {
  number: string;
  label: string;
  /** Id of the account that has it here; null: nobody has. */
  account: string | null;
}

/** What came of an import. */
export interface NumberImport {
  added: FaxNumber[];
  /** Somebody has these already; nothing of theirs was changed. */
  kept: CarrierNumber[];
}

/** Where an account's events are posted. */
export interface Webhook {
  id: string;
  url: string;
  /** Empty = all but `fax.page`. */
  types: EventType[];
  disabled: boolean;
  disabledReason: string | null;
  createdAt: string;
}

export interface WebhookWithSecret extends Webhook {
  /** `whsec_…`; shown at this moment only. */
  secret: string;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  id: string;
  endpoint: string;
  event: string;
  type: EventType;
  state: 'pending' | 'delivered' | 'given_up';
  attempts: number;
  nextAt: string | null;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: string;
  deliveredAt: string | null;
}

/** A setting of the process that answers. */
export interface Setting {
  /** Environment variable. */
  variable: string;
  about: string;
  /** As it was given, or the default in words; null where it is not shown. */
  value: string | null;
  from: 'default' | 'file' | 'environment' | 'command_line';
  /** It has a value, which is a secret or may hold one. */
  hidden: boolean;
}

/** Something that waits for a person. */
export interface Alert {
  /** `fault`: something does not work. `warning`: somebody should look. */
  level: 'fault' | 'warning';
  code: AlertCode;
  title: string;
  /** What to do about it. */
  advice: string;
  /** The carrier, endpoint, check or finding that it is about. */
  object: string | null;
  account: string | null;
  since: string | null;
}

/** What alerts are about; further ones may come. */
export type AlertCode =
  | 'restore_held'
  | 'not_ready'
  | 'host_finding'
  | 'copies_kept'
  | 'no_carrier'
  | 'breaker_open'
  | 'breaker_trial'
  | 'carrier_paused'
  | 'budget_spent'
  | 'budget_low'
  | 'countries_waiting'
  | 'faxes_uncertain'
  | 'webhook_disabled'
  | 'webhook_given_up'
  | 'account_paused';

/** An endpoint as administrators see it. */
export interface AdminWebhook extends Webhook {
  account: string;
  /** Deliveries on their way, and when the oldest of them was made. */
  pending: number;
  oldestPending: string | null;
  /** Deliveries of the last seven days that were given up. */
  givenUp: number;
}

/** A delivery of any account. */
export interface AdminDelivery extends Delivery {
  account: string;
}

/** Who is logged in, and for how long. */
export interface SessionInfo {
  realm: 'api' | 'admin';
  account: { id: string; name: string } | null;
  user: { id: string; name: string };
  sealed: boolean;
  /** Whether a TLS proxy stands in between. */
  tlsIntercepted: 'yes' | 'no' | 'unknown';
  expiresAt: string | null;
  /** Seconds. */
  idle: number;
}

/** Policy of an account. Times are seconds. */
export interface Policy {
  sealed: 'required' | 'optional';
  imageLife: 'fax' | 'call';
  inboundHold: number;
  uncertain: 'hold' | 'resend_rest' | 'resend_all';
  uncertainHold: number;
  /** P-521 public key (SPKI, base64url). */
  sealedInboundKey: string | null;
  tlsIntercepted: 'report' | 'refuse';
  /** Whether its users may log in with a password; API secrets, keys and tokens stay. */
  localPasswords: 'allowed' | 'refused';
  /** Whether sessions under the 128-bit suite are let in. */
  allowSuite128: boolean;
  timeZone: string;
  senderName: string;
  csid: string;
  header: boolean;
  retries: number;
  retryInterval: number;
  maxPages: number;
  /** Live outbound calls at once. */
  channels: number;
  /** What becomes of a fax for which there is no channel. */
  overLimit: 'queue' | 'reject';
  maxQueued: number;
  /** What calls may cost in a day and in a month, in millionths of the gateway's currency; null = no limit. */
  budgetDay: number | null;
  budgetMonth: number | null;
  /** What becomes of a fax while a budget is spent. */
  overBudget: 'reject' | 'hold';
  /** Days for which CDRs are kept, 0 = for good; null = as the gateway's setting says. */
  /** Only carriers with all of these tags carry its faxes. */
  carrierTags: string[];
  cdrRetentionDays: number | null;
  /** Countries and prefixes that may be called; null = all that the gateway calls. */
  destinations: string[] | null;
  holdNewCountries: boolean;
  /** Faxes accepted in an hour and a day of UTC; null = no cap. */
  faxesPerHour: number | null;
  faxesPerDay: number | null;
  abroadPerHour: number | null;
  abroadPerDay: number | null;
  /** Whether carriers that cannot take a file may fetch faxes by a link that works once. */
  pullMedia: boolean;
  neverDial: ('mobile' | 'landline' | 'voip')[];
  unknownLine: 'call' | 'refuse';
}

/** What has been spent in one day or month, in millionths of the currency. */
export interface Spending {
  span: 'day' | 'month';
  since: string;
  until: string;
  spent: number;
  /** Null: no limit. */
  budget: number | null;
  /** Below 0 when live calls went beyond the budget; null without one. */
  left: number | null;
  /** Billable calls whose price is not known, and which are not in `spent`. */
  unpricedCalls: number;
}

/** An account or a carrier, and what it has spent today and this month. */
export interface Payer {
  kind: 'account' | 'carrier';
  /** Id of an account, or name of a carrier. */
  id: string;
  name: string;
  /** IANA name: whose days and months they are. */
  timeZone: string;
  /** ISO 4217. */
  currency: string;
  spending: Spending[];
}

/** A customer. */
export interface Account {
  id: string;
  name: string;
  title: string;
  disabled: boolean;
  paused: boolean;
  /** Why it is paused, when somebody said so. */
  pausedReason: string | null;
  policy: Policy;
  cidrs: string[];
  createdAt: string;
  closedAt: string | null;
  /** Of a closed account: from then on nobody can open it again. */
  eraseAt: string | null;
  erasedAt: string | null;
}

/** Outbound calls over a carrier that ended within a stretch of time. */
export interface CarrierFigures {
  calls: number;
  delivered: number;
  answered: number;
  /** Answered, but no common mode or speed was found. */
  unfit: number;
  overT38: number;
  overAudio: number;
  /** Ended by the carrier's own fault. */
  faults: number;
  /** Milliseconds to the answer. */
  answerMedian: number | null;
  answerP95: number | null;
  lastDeliveredAt: string | null;
  /** Calls by what ended them. */
  causes: Record<string, number>;
}

/** How well a carrier works, and how far it is trusted. */
export interface CarrierHealth {
  name: string;
  /** Since when somebody has stopped it by hand. */
  pausedSince: string | null;
  /** `open`: no calls; `trial`: one at a time; `closed`: as ever. */
  breaker: { phase: 'closed' | 'open' | 'trial'; since: string | null; until: string | null; reason: string };
  /** The figures are of calls that ended after. */
  since: string;
  figures: CarrierFigures;
  /** Shares from 0 to 1; null without a call. */
  rates: { delivered: number | null; answered: number | null; faults: number | null; unfit: number | null };
}

/** The same with the changes of its breaker, newest first. */
export interface CarrierHistory extends CarrierHealth {
  changes: {
    at: string;
    phase: 'closed' | 'open';
    until: string | null;
    reason: string;
    by: string;
    figures: CarrierFigures | null;
  }[];
}

/** What calls have taught about a number. */
export interface Lessons {
  number: string;
  lessons: string[];
  expiresAt: string | null;
}

/** How it stands at this moment. */
export interface Overview {
  at: string;
  /** Faxes that are unfinished, or wait for somebody, by state; states without any are left out. */
  states: Record<string, number>;
  /** Records that ended, by hour of UTC; hours without any are left out. */
  hours: { start: string; direction: Direction; result: CdrResult; cdrs: number; pages: number }[];
}

/** What a process of the gateway says of itself and of its host. */
export interface Host {
  version: string;
  /** It takes no new work and is about to end. */
  draining: boolean;
  /** Whether everything that a fax needs answers. */
  checks: { name: string; ok: boolean; detail: string }[];
  /** How well this host forgets; `accepted`: a red line that the operator lives with. */
  findings: { level: 'green' | 'yellow' | 'red'; code: string; text: string; accepted: boolean }[];
}

/** A way out, and how busy all processes keep it. */
export interface Carrier {
  name: string;
  kind: string;
  calls: number;
  /** Faxes that are due and wait for a call over it. */
  waiting: number;
  maxCalls: number | null;
  callsPerSecond: number | null;
  paused: { at: string; by: string; reason: string } | null;
}

/** Someone who logs in. */
export interface User {
  id: string;
  realm: 'api' | 'admin';
  account: string | null;
  name: string;
  disabled: boolean;
  cidrs: string[];
  clientKey: string | null;
  /** Whether a log-in needs a time-based code too. */
  totp: boolean;
  /** Of an administrator; null for API users. */
  role: Role | null;
  /** The one account that an administrator is for; null: all. */
  scope: string | null;
  createdAt: string;
  /** What an API user may do; administrators have none. */
  scopes: Scope[];
  /** Until when the API secret before the present one opens sessions, too; null: there is none. */
  oldSecretUntil: string | null;
}

/** What an API user may do. */
export type Scope = 'send' | 'read' | 'inbound' | 'webhooks' | 'reports';

/** Roles of administrators, each with the rights of those before it. */
export type Role = 'auditor' | 'operator' | 'admin' | 'owner';

/** The administrator who is logged in. */
export interface Me {
  id: string;
  name: string;
  role: Role;
  /** The one account that it is for; null: all. */
  scope: { id: string; name: string } | null;
  totp: boolean;
  /** Where the gateway sees this client: what a CIDR rule has to let in. */
  address: string;
  /** Whether numbers come without their beginning. */
  numbersMasked: boolean;
}

/** A new TOTP secret, shown at this moment only. */
export interface TotpSecret {
  /** Base32, to be typed into an authenticator. */
  secret: string;
  /** `otpauth:` URI for a QR code; it holds the secret. */
  uri: string;
}

/** How a log-in said who it is. */
export type LoginMethod = 'secret' | 'password' | 'key' | 'passkey' | 'oidc' | 'token';

/** What the administrator who asks logs in with. */
export interface SignInFacts {
  /** Of this session. */
  method: LoginMethod;
  /** The OpenID provider that vouches for this session; null: none. */
  provider: string | null;
  /** When who it is was last proven. */
  provenAt: string;
  password: boolean;
  /** Whether a log-in needs a time-based code too. */
  totp: boolean;
  /** Whether an authenticator waits for its first code. */
  totpPending: boolean;
  /** Recovery codes that have not been used. */
  recoveryCodes: number;
  passkeys: number;
}

/** A session that somebody is logged in to. */
export interface LoginSession {
  id: string;
  /** The one that asks. */
  current: boolean;
  method: LoginMethod;
  /** Where the log-in came from. */
  address: string;
  device: string;
  at: string;
  provenAt: string;
  tlsIntercepted: 'yes' | 'no' | 'unknown';
}

/** How administrators come in by an OpenID provider. */
export interface SignInDoor {
  name: string;
  title: string;
  /** Null while the provider does not answer. */
  door: {
    authorizationEndpoint: string;
    clientId: string;
    scope: string;
    /** Classes of authentication to ask for, separated by spaces; empty: none. */
    acrValues: string;
  } | null;
}

/** An OpenID provider of the gateway's settings. */
export interface IdentityProvider {
  name: string;
  title: string;
  issuer: string;
  /** Whether administrators sign in by it, and API users bring its tokens. */
  opens: { admin: boolean; api: boolean };
}

/** Who a user is at an OpenID provider: issuer and subject together. */
export interface UserIdentity {
  user: string;
  /** Name of the provider; null when the settings do not have it any more. */
  provider: string | null;
  issuer: string;
  subject: string;
  createdAt: string;
}

/** A passkey of an administrator, without anything that it could be known by elsewhere. */
export interface Passkey {
  id: string;
  user: string;
  name: string;
  /** Host name of the console that it is good for. */
  host: string;
  /** Whether its keeper may copy it to other devices of the holder. */
  synced: boolean;
  createdAt: string;
  /** Last log-in or confirmation with it. */
  usedAt: string | null;
}

/** What a browser needs for `navigator.credentials.create`, or for `get` within a session; octets are base64url. */
export interface PasskeyOptions {
  challenge: string;
  /** `handle` stands for the user in its passkeys. */
  user: { handle: string; name: string };
  /** COSE algorithms, the one that is liked best first. */
  algorithms: number[];
  known: { credential: string; transports: string[]; host: string }[];
}

/** What `navigator.credentials.create` has answered, octets as base64url, and what its holder calls it. */
export interface NewPasskey {
  name: string;
  /** Credential id. */
  id: string;
  clientDataJSON: string;
  attestationObject: string;
  transports?: readonly string[];
}

/** What `navigator.credentials.get` has answered, octets as base64url. */
export interface PasskeyAnswer {
  id: string;
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle: string | null;
}

/** Keys that can be replaced; `next-root` makes and announces the root that `root` lets take over. */
export type RotatedKey = 'handshake' | 'receipt' | 'webhook' | 'next-root' | 'root';

/** A key of the gateway; never its private part. */
export interface GatewayKey {
  use: RotatedKey | 'api-secrets' | 'record-seal';
  /** Pin of a P-521 key, the beginning of a public Ed25519 key; null for a symmetric one. */
  kid: string | null;
  algorithm: 'ES512' | 'Ed25519' | 'HMAC-SHA-256' | 'A256GCM';
  state: 'current' | 'announced' | 'overlapping' | 'retired';
  since: string | null;
  until: string | null;
  /** What it signs or seals. */
  about: string;
  /** Whether another can take its place while the gateway runs. */
  rotates: boolean;
}

/** What a client is configured with, beside its secret. */
export interface ConnectionText {
  connection: string;
  /** Of the root, and of the next one when it was announced; the string holds them. */
  pins: string[];
}

/** The public keys of a gateway, signed by its root; `sealfax verify statement` reads it as a file. */
export interface KeyStatementFile {
  sealfax: 'keys';
  v: 1;
  statement: string;
  roots: string[];
}

/** Whether the gateway waits for its operator after a restore from a backup; the rest is there while it does. */
export interface RestoreState {
  held: boolean;
  /** Id of the backup. */
  backup?: string | undefined;
  /** When the backup was taken, and when it was restored. */
  takenAt?: string | undefined;
  restoredAt?: string | undefined;
  /** Faxes that were under way when the backup was taken, by how the restore ended them. */
  ended?: { uncertain: number; failed: number; delivered: number; receiving: number } | undefined;
}

export interface UserWithSecret extends User {
  /** Generated API secret, shown at this moment only; null for a user with a password. */
  secret: string | null;
}

/** One entry of the audit log. */
export interface AuditEntry {
  at: string;
  actor: string;
  address: string | null;
  account: string | null;
  action: string;
  object: string | null;
  detail: Record<string, unknown>;
}

/** A cover as `Cover.template` may name it. */
export interface CoverInfo {
  name: string;
  /** True for the covers that come with the gateway, false for the account's own forms. */
  shipped: boolean;
  /** Texts that it shows. */
  fields: string[];
  pages: number;
}

/** A cover form of an account, for administrators. */
export interface CoverForm {
  name: string;
  /** The fields found in it that a cover knows. */
  fields: string[];
  pages: number;
  /** Of the PDF. */
  bytes: number;
  createdAt: string;
}

/** A form that was added: how its first page looks, filled with a sample, as PNG in base64. */
export interface AddedCoverForm extends CoverForm {
  preview: string;
}

/** Text of a cover page. */
export interface Cover {
  /** `letter`, `form`, or one of the account's own forms; `letter` when left out. */
  template?: string;
  to?: string;
  from?: string;
  company?: string;
  subject?: string;
  note?: string;
  confidentiality?: string;
}

/** What a sender may say about a fax, apart from its documents and receivers. */
export interface SendOptions {
  /** Own number to send from; the account's first one when left out. */
  from?: string;
  resolution?: Resolution;
  halftone?: 'auto' | 'text' | 'photo';
  /** −100…100. */
  contrast?: number;
  paper?: 'a4' | 'letter';
  /** Widest paper that the receiver is known to take; `a4` when left out. */
  width?: 'a4' | 'b4' | 'a3';
  /** `full` sends the white below the last mark of a page too; `variable` when left out. */
  length?: 'variable' | 'full';
  /** Template of the header line; `none` leaves the line out. */
  header?: string;
  senderName?: string;
  csid?: string;
  /** IANA name. */
  timeZone?: string;
  cover?: Cover;
  tags?: Tags;
  /** ISO 8601. */
  scheduledAt?: string;
  /** ISO 8601. */
  deadline?: string;
  retries?: number;
  /** Seconds. */
  retryInterval?: number;
  /** 0…9. */
  priority?: number;
  uncertain?: 'hold' | 'resend_rest' | 'resend_all';
}

/** A rule by which calls find their carriers. */
export interface RouteRule {
  name: string;
  prefixes: string[];
  /** Names; empty: everybody. */
  accounts: string[];
  /** Times of the week, `HH:MM`, in which it holds; empty: always. */
  windows: { days: string[]; from: string; to: string; zone: string }[];
  /** Whether it holds now. */
  holds: boolean;
  /** Empty: all, in the order of the configuration. */
  carriers: string[];
  order: 'listed' | 'cheapest';
  /** Only carriers with all of these. */
  tags: string[];
}

/** What may go over a carrier. */
export interface CarrierTerms {
  name: string;
  tags: string[];
  /** `pass`: the sender's number. `fixed`: always `shows`. `only`: `numbers`, and `shows` for others, if anything. */
  callerId: { rule: 'pass' | 'fixed' | 'only'; shows: string | null; numbers: string[] };
}

export interface RouteTable {
  items: RouteRule[];
  carriers: CarrierTerms[];
}

/** A call that is only thought of. */
export interface RouteQuestion {
  number: string;
  from?: string | undefined;
  /** Id or name; nobody in particular when left out. */
  account?: string | undefined;
  /** ISO 8601; now when left out. */
  at?: string | undefined;
}

/** Why a call would go the way that it would go. */
export interface RouteExplanation {
  at: string;
  to: string;
  from: string | null;
  account: string | null;
  /** Null: no rule fits, every carrier stands in the order of the configuration. */
  rule: string | null;
  order: 'listed' | 'cheapest';
  currency: string;
  /** In order; the first one is called. */
  carriers: {
    name: string;
    place: number;
    shows: string | null;
    trial: boolean;
    /** Estimate for one page, in millionths of the currency. */
    price: number | null;
    reasons: string[];
    calls: number;
    maxCalls: number | null;
    waiting: number;
  }[];
  leftOut: { name: string; place: number; why: LeftOut; sentence: string; passing: boolean }[];
  /** With no carrier: the one in whose line a fax would wait. */
  waitFor: string | null;
  /** What calls have taught about the number. */
  lessons: string[];
}
