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
