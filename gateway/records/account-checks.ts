import { isIP } from 'node:net';
import { LINE_TYPES } from '../fax/destination.ts';
import { MOST_MONEY } from '../fax/money.ts';
import type { AccountPolicy } from '../fax/policy.ts';
import { AccountError } from './account-error.ts';

/** Names stand in connection strings: 1–40 of a–z, 0–9, hyphen. @throws AccountError name_invalid */
export function checkName(name: string): void {
  if (!/^[a-z0-9-]{1,40}$/.test(name)) {
    throw new AccountError('name_invalid', 'a name is 1 to 40 of a–z, 0–9 and hyphen');
  }
}

/** @throws AccountError cidr_invalid */
export function checkCidrs(cidrs: readonly string[]): void {
  for (const cidr of cidrs) {
    const version = isIP(cidr.split('/')[0] ?? '');
    const longest = version === 4 ? 32 : 128;
    const [, length = String(longest), more] = cidr.split('/');
    const good = version !== 0 && more === undefined && /^\d{1,3}$/.test(length) && Number(length) <= longest;
    if (!good) throw new AccountError('cidr_invalid', 'an address rule is written like 192.0.2.0/24 or 2001:db8::/32');
  }
}

type Check = (value: unknown) => boolean;

const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value);
const whole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
const text =
  (longest: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= longest;

const list =
  (longest: number, check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= longest && value.every(check);
const cap: Check = (value) => value === null || whole(0, 10_000_000)(value);
/** A country (`DE`) or a prefix (`+4930`). */
const isDestination: Check = (value) => typeof value === 'string' && /^([A-Z]{2}|\+[1-9][0-9]{0,14})$/.test(value);

/** What each field of a policy may be. Counts are bounded so that a slip of the pen cannot stop the gateway. */
const POLICY_CHECKS: { readonly [K in keyof AccountPolicy]: Check } = {
  sealed: oneOf('required', 'optional'),
  imageLife: oneOf('fax', 'call'),
  inboundHold: whole(0, 86_400),
  uncertain: oneOf('hold', 'resend_rest', 'resend_all'),
  uncertainHold: whole(0, 86_400),
  sealedInboundKey: (value) => value === null || text(1_000)(value),
  tlsIntercepted: oneOf('report', 'refuse'),
  localPasswords: oneOf('allowed', 'refused'),
  allowSuite128: (value) => typeof value === 'boolean',
  timeZone: (value) => typeof value === 'string' && isTimeZone(value),
  senderName: text(200),
  // T.30 §5.3.6.2.4–6: twenty characters.
  csid: text(20),
  header: (value) => typeof value === 'boolean',
  retries: whole(0, 100),
  retryInterval: whole(0, 86_400),
  maxPages: whole(1, 10_000),
  channels: whole(0, 10_000),
  overLimit: oneOf('queue', 'reject'),
  maxQueued: whole(0, 10_000_000),
  budgetDay: (value) => value === null || whole(0, MOST_MONEY)(value),
  budgetMonth: (value) => value === null || whole(0, MOST_MONEY)(value),
  overBudget: oneOf('reject', 'hold'),
  carrierTags: (value) => Array.isArray(value) && value.length <= 20 && value.every(isTag),
  cdrRetentionDays: (value) => value === null || whole(0, 36_500)(value),
  destinations: (value) => value === null || list(1_000, isDestination)(value),
  holdNewCountries: (value) => typeof value === 'boolean',
  faxesPerHour: cap,
  faxesPerDay: cap,
  abroadPerHour: cap,
  abroadPerDay: cap,
  pullMedia: (value) => typeof value === 'boolean',
  neverDial: list(LINE_TYPES.length, oneOf(...LINE_TYPES)),
  unknownLine: oneOf('call', 'refuse'),
};

/** As the tags of carriers are written. */
function isTag(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9._-]{0,39}$/.test(value);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** @throws AccountError policy_invalid, naming the field */
export function checkPolicy(policy: Partial<AccountPolicy>): void {
  const checks: Readonly<Record<string, Check>> = POLICY_CHECKS;
  for (const [name, value] of Object.entries(policy)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check?.(value) !== true)
      throw new AccountError('policy_invalid', `policy field ${name} is unknown or out of range`);
  }
}
