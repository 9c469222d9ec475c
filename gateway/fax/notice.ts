/**
 * Notices by mail. What concerns somebody's own log-in or own users is always sent to whoever has an address; what an
 * operator may want to hear of besides is sorted into topics, to which one subscribes.
 */
export const NOTICE_TOPICS = [
  'administrators',
  'audit',
  'backups',
  'budgets',
  'carriers',
  'destinations',
  'erasure',
] as const;

export type NoticeTopic = (typeof NOTICE_TOPICS)[number];

/** Topics that concern an account and its administrators; the others are the gateway's own. */
export const ACCOUNT_TOPICS: readonly NoticeTopic[] = ['budgets', 'destinations'];

/** Where notices of an administrator or of an account go, and what of. Without an address nothing is sent. */
export interface NoticeSettings {
  readonly addresses: readonly string[];
  readonly topics: readonly NoticeTopic[];
}

/** Mail addresses of one administrator or account. */
export const NOTICE_ADDRESSES = 5;

/** RFC 5321 §4.5.3.1.3: a path of 256 octets with its angle brackets. */
const ADDRESS_LENGTH = 254;

/**
 * `text` as a mail address, or undefined. RFC 5321 §4.1.2 without quoted local parts and address literals, in ASCII, with
 * a domain of two labels at least: nothing that could be more than one address, or a line of a header.
 */
export function parseMailAddress(text: string): string | undefined {
  if (text.length > ADDRESS_LENGTH) return undefined;
  const [local = '', domain = '', ...rest] = text.split('@');
  if (rest.length > 0 || local.length > 64 || domain.length > 253) return undefined;
  const isLocal = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local);
  const isDomain = /^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(
    domain,
  );
  return isLocal && isDomain ? `${local}@${domain.toLowerCase()}` : undefined;
}

/** What a mail of the gateway is about. */
export const MAIL_KINDS = [
  'login_network',
  'login_failures',
  'login_intercepted',
  'user_new',
  'user_changed',
  'administrator_new',
  'administrator_changed',
  'account_changed',
  'addresses_changed',
  'alert',
  'report',
  'trial',
] as const;

export type MailKind = (typeof MAIL_KINDS)[number];

/** `waiting` for its first or next attempt; `given_up` after three days, or when the receiver's server refused for good. */
export const MAIL_STATES = ['waiting', 'sent', 'given_up'] as const;

export type MailState = (typeof MAIL_STATES)[number];
