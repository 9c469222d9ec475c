import { z } from 'zod';
import { LINE_TYPES } from '../../gateway/fax/destination.ts';
import { ROLES } from '../../gateway/fax/role.ts';
import { SCOPES } from '../../gateway/fax/scope.ts';
import { AccountIdText, listOf, Money, Paging, Time, UserIdText, Whole, WholeText } from './shape.ts';

const Cidrs = z.array(z.string().max(64)).max(256);
const AccountName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, '1 to 40 of a–z, 0–9 and hyphen');

/** A country or a prefix of numbers. */
const DestinationEntry = z
  .string()
  .regex(/^([A-Z]{2}|\+[1-9][0-9]{0,14})$/, 'a country such as DE or a prefix such as +4930');
/** As carriers have them in SEALFAX_CARRIER_POLICY. */
const CarrierTag = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, 'a tag is 1 to 40 of a–z, 0–9, dot, hyphen and underscore');
const Cap = Whole(0, 10_000_000).nullable();

/** Policy of an account; what is left out keeps its value. Times are seconds. */
export const PolicyChange = z
  .object({
    sealed: z.enum(['required', 'optional']),
    imageLife: z.enum(['fax', 'call']),
    inboundHold: Whole(0, 86_400),
    uncertain: z.enum(['hold', 'resend_rest', 'resend_all']),
    uncertainHold: Whole(0, 86_400),
    sealedInboundKey: z.string().max(512).nullable(),
    tlsIntercepted: z.enum(['report', 'refuse']),
    localPasswords: z.enum(['allowed', 'refused']),
    allowSuite128: z.boolean(),
    timeZone: z.string().min(1).max(64),
    senderName: z.string().max(100),
    csid: z.string().max(20),
    header: z.boolean(),
    retries: Whole(0, 20),
    retryInterval: Whole(5, 86_400),
    maxPages: Whole(1, 5_000),
    channels: Whole(1, 10_000),
    overLimit: z.enum(['queue', 'reject']),
    maxQueued: Whole(1, 10_000_000),
    budgetDay: Money.nullable(),
    budgetMonth: Money.nullable(),
    overBudget: z.enum(['reject', 'hold']),
    carrierTags: z.array(CarrierTag).max(20),
    cdrRetentionDays: Whole(0, 36_500).nullable(),
    destinations: z.array(DestinationEntry).max(1_000).nullable(),
    holdNewCountries: z.boolean(),
    faxesPerHour: Cap,
    faxesPerDay: Cap,
    abroadPerHour: Cap,
    abroadPerDay: Cap,
    pullMedia: z.boolean(),
    neverDial: z.array(z.enum(LINE_TYPES)).max(LINE_TYPES.length),
    unknownLine: z.enum(['call', 'refuse']),
  })
  .partial()
  .strict();

export const PolicyView = z.object({
  sealed: z.enum(['required', 'optional']),
  imageLife: z.enum(['fax', 'call']),
  inboundHold: z.number(),
  uncertain: z.enum(['hold', 'resend_rest', 'resend_all']),
  uncertainHold: z.number(),
  sealedInboundKey: z.string().nullable(),
  tlsIntercepted: z.enum(['report', 'refuse']),
  localPasswords: z.enum(['allowed', 'refused']),
  allowSuite128: z.boolean(),
  timeZone: z.string(),
  senderName: z.string(),
  csid: z.string(),
  header: z.boolean(),
  retries: z.number(),
  retryInterval: z.number(),
  maxPages: z.number(),
  channels: z.number(),
  overLimit: z.enum(['queue', 'reject']),
  maxQueued: z.number(),
  budgetDay: z.number().nullable(),
  budgetMonth: z.number().nullable(),
  overBudget: z.enum(['reject', 'hold']),
  carrierTags: z.array(z.string()),
  cdrRetentionDays: z.number().nullable(),
  destinations: z.array(z.string()).nullable(),
  holdNewCountries: z.boolean(),
  faxesPerHour: z.number().nullable(),
  faxesPerDay: z.number().nullable(),
  abroadPerHour: z.number().nullable(),
  abroadPerDay: z.number().nullable(),
  pullMedia: z.boolean(),
  neverDial: z.array(z.enum(LINE_TYPES)),
  unknownLine: z.enum(['call', 'refuse']),
});

export const AccountBody = z.object({
  name: AccountName,
  title: z.string().max(200).default(''),
  /** The key of sealed inbound is set by a change of the account, which checks it. */
  policy: PolicyChange.omit({ sealedInboundKey: true }).default({}),
  cidrs: Cidrs.default([]),
});
export const AccountChange = z
  .object({
    title: z.string().max(200),
    disabled: z.boolean(),
    paused: z.boolean(),
    policy: PolicyChange,
    cidrs: Cidrs,
  })
  .partial()
  .strict();
/** Why something is stopped, for the administrators who come after. */
export const PauseBody = z.object({ reason: z.string().trim().min(1).max(200) }).strict();
export const CarrierView = z.object({
  name: z.string(),
  kind: z.string(),
  /** Outbound calls claimed or live, of all processes. */
  calls: z.number().int(),
  /** Faxes that are due and wait for a call over it. */
  waiting: z.number().int(),
  maxCalls: z.number().int().nullable(),
  callsPerSecond: z.number().nullable(),
  paused: z.object({ at: Time, by: z.string(), reason: z.string() }).nullable(),
});
export type CarrierView = z.infer<typeof CarrierView>;
export const CarrierList = z.object({ items: z.array(CarrierView) });
export const AccountView = z.object({
  id: AccountIdText,
  name: z.string(),
  title: z.string(),
  disabled: z.boolean(),
  paused: z.boolean(),
  /** Why it is paused, when somebody said so. */
  pausedReason: z.string().nullable(),
  policy: PolicyView,
  cidrs: z.array(z.string()),
  createdAt: Time,
  closedAt: Time.nullable(),
  /** Of a closed account: from then on nobody can open it again. */
  eraseAt: Time.nullable(),
  erasedAt: Time.nullable(),
});
export type AccountView = z.infer<typeof AccountView>;
export const AccountList = z.object({ items: z.array(AccountView) });

/** `days`: so long the account may be opened again. */
export const ClosingBody = z.object({ days: z.number().int().min(0).max(365) }).strict();

/** Without a password the user gets a generated API secret, shown once. */
/** What an API user may do. */
const ScopeList = z.array(z.enum(SCOPES)).min(1).max(SCOPES.length);

export const UserBody = z.object({
  name: z.string().min(1).max(64),
  password: z.string().max(1_024).optional(),
  cidrs: Cidrs.default([]),
  /** Everything when left out. */
  scopes: ScopeList.optional(),
});
const RoleName = z.enum(ROLES);
/** The one account, by id or name, that an administrator is for; null: all. An owner is never bound. */
const Scope = z.string().max(40).nullable();
export const AdministratorBody = z.object({
  name: z.string().min(1).max(64),
  password: z.string().max(1_024),
  cidrs: Cidrs.default([]),
  role: RoleName,
  scope: Scope.default(null),
});
/** Role and scope are those of administrators. */
export const UserChange = z
  .object({
    disabled: z.boolean(),
    cidrs: Cidrs,
    clientKey: z.string().max(512).nullable(),
    role: RoleName,
    scope: Scope,
    scopes: ScopeList,
  })
  .partial()
  .strict();
export const UserView = z.object({
  id: UserIdText,
  realm: z.enum(['api', 'admin']),
  account: AccountIdText.nullable(),
  name: z.string(),
  disabled: z.boolean(),
  cidrs: z.array(z.string()),
  clientKey: z.string().nullable(),
  /** Whether a log-in needs a time-based code too. */
  totp: z.boolean(),
  /** Of an administrator; null for API users. */
  role: RoleName.nullable(),
  /** The one account that an administrator is for; null: all. */
  scope: AccountIdText.nullable(),
  /** What an API user may do; administrators have none. */
  scopes: z.array(z.enum(SCOPES)),
  /** Until when the API secret before the present one opens sessions, too; null: there is none. */
  oldSecretUntil: Time.nullable(),
  createdAt: Time,
});
export type UserView = z.infer<typeof UserView>;
/** The administrator who asks. */
export const MeView = z.object({
  id: UserIdText,
  name: z.string(),
  role: RoleName,
  scope: z.object({ id: AccountIdText, name: z.string() }).nullable(),
  totp: z.boolean(),
  /** Where the gateway sees the caller: what a CIDR rule has to let in. */
  address: z.string(),
  /** Whether numbers come without their beginning. */
  numbersMasked: z.boolean(),
});
export type MeView = z.infer<typeof MeView>;
export const UserList = z.object({ items: z.array(UserView) });
export const UserWithSecret = UserView.extend({ secret: z.string().nullable() });
export const SecretView = z.object({ secret: z.string(), oldSecretUntil: Time.nullable() });
/** `overlap`: seconds for which the old secret goes on; a day when nothing is said, 0: it ends at once. */
export const SecretBody = z
  .object({
    overlap: z
      .number()
      .int()
      .min(0)
      .max(30 * 86_400)
      .default(86_400),
  })
  .strict()
  .nullish();
/** A new TOTP secret, shown once: base32 to type, and an `otpauth:` URI that holds it for a QR code. */
export const TotpView = z.object({ secret: z.string(), uri: z.string() });
export const PasswordBody = z.object({ password: z.string().max(1_024) });

/** One entry of the audit log, newest first. */
export const AuditView = z.object({
  at: Time,
  actor: z.string(),
  address: z.string().nullable(),
  account: AccountIdText.nullable(),
  action: z.string(),
  object: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export const AuditList = listOf(AuditView);
export const AuditQuery = Paging.extend({
  account: AccountIdText.optional(),
  before: Time.optional().describe('Entries before this moment'),
  limit: WholeText(1, 500).default(100),
});

/** From the last signed head before `since` to the first one after `until`; all of it when left out. */
export const AuditSpanQuery = z.object({ since: Time.optional(), until: Time.optional() });

/** The hold after a restore from a backup; `held` false and nothing else when there is none. */
export const RestoreView = z.object({
  held: z.boolean(),
  backup: z.string().optional(),
  takenAt: Time.optional(),
  restoredAt: Time.optional(),
  /** Faxes that were under way when the backup was taken, by how the restore ended them. */
  ended: z
    .object({ uncertain: z.number(), failed: z.number(), delivered: z.number(), receiving: z.number() })
    .optional(),
});
