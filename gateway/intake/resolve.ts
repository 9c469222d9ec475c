import type { Account } from '../fax/account.ts';
import { FaxError } from '../fax/errors.ts';
import type { PageOptions } from '../fax/fax.ts';
import type { E164 } from '../fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../fax/policy.ts';
import type { SubmitRequest } from '../gateway.ts';
import type { NewFax } from '../ports/fax-records.ts';

/** Bounds of one submission. Times are milliseconds. */
export interface IntakeLimits {
  /** Octets of all documents of one submission. */
  readonly documentBytes: number;
  readonly documents: number;
  /** Numbers in one batch. */
  readonly numbers: number;
  /** Octets of all sealed copies that a batch makes. */
  readonly batchBytes: number;
  /** How far ahead a fax may be scheduled. */
  readonly ahead: number;
  /** A schedule this little in the past is a clock that is a little wrong, and means now. */
  readonly clockSkew: number;
}

export const INTAKE_LIMITS: IntakeLimits = {
  documentBytes: 64 * 1024 * 1024,
  documents: 20,
  numbers: 1_000,
  batchBytes: 1024 * 1024 * 1024,
  ahead: 90 * 86_400_000,
  clockSkew: 60_000,
};

/** Everything of a fax that does not depend on its number. */
export type Terms = Omit<NewFax, 'id' | 'to' | 'batch' | 'documents' | 'pages' | 'account' | 'user'>;

/**
 * Settles a request against the account: its numbers, its defaults, the bounds.
 *
 * @param numbers fax numbers of the account, its first one the default sender
 * @throws FaxError with a pointer to the field
 */
export function resolveTerms(
  account: Account,
  numbers: readonly E164[],
  request: SubmitRequest,
  now: number,
  limits: IntakeLimits,
): Terms {
  checkReceivers(request.to, limits);
  const from = sender(request.from, numbers);
  const { policy } = account;
  const notBefore = schedule(request.scheduledAt, now, limits);
  return {
    from,
    retries: within(request.retries ?? policy.retries, 0, 20, '/retries'),
    retryInterval: within(request.retryInterval ?? policy.retryInterval, 5, 86_400, '/retryInterval'),
    priority: within(request.priority, 0, 9, '/priority'),
    notBefore,
    deadline: deadline(request.deadline, Math.max(now, notBefore ?? 0), limits),
    options: pageOptions(account, from, request.page),
    policy: {
      imageLife: policy.imageLife,
      uncertain: request.uncertain ?? policy.uncertain,
      uncertainHold: policy.uncertainHold,
      inboundHold: policy.inboundHold,
    },
    line: FIRST_LINE_SETTINGS,
    tags: request.tags,
  };
}

function checkReceivers(to: readonly E164[], limits: IntakeLimits): void {
  if (to.length === 0) throw new FaxError('number_invalid', 'at least one number is needed', { pointer: '/to' });
  if (to.length > limits.numbers) {
    throw new FaxError('option_invalid', `at most ${limits.numbers} numbers in one batch`, { pointer: '/to' });
  }
  const seen = new Set<string>();
  for (const [index, number] of to.entries()) {
    if (seen.has(number)) {
      throw new FaxError('number_invalid', 'this number stands in the list twice', { pointer: `/to/${index}` });
    }
    seen.add(number);
  }
}

function sender(from: E164 | null, numbers: readonly E164[]): E164 | null {
  if (from === null) return numbers[0] ?? null;
  if (numbers.includes(from)) return from;
  throw new FaxError('number_unknown', 'the sender is not a number of this account', { pointer: '/from' });
}

function schedule(at: number | null, now: number, limits: IntakeLimits): number | null {
  if (at === null) return null;
  if (at < now - limits.clockSkew) {
    throw new FaxError('schedule_in_past', 'the scheduled time has passed', { pointer: '/scheduledAt' });
  }
  if (at > now + limits.ahead) {
    throw new FaxError('option_invalid', 'the scheduled time is too far ahead', { pointer: '/scheduledAt' });
  }
  return at <= now ? null : at;
}

function deadline(at: number | null, earliest: number, limits: IntakeLimits): number | null {
  if (at !== null && (at <= earliest || at > earliest + limits.ahead)) {
    throw new FaxError('deadline_invalid', 'the deadline lies before the first call or too far ahead', {
      pointer: '/deadline',
    });
  }
  return at;
}

function within(value: number, least: number, most: number, pointer: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new FaxError('option_invalid', `a whole number from ${least} to ${most}`, { pointer });
}

/** The account's defaults below what the sender asks for. `header` '' stands for the usual layout, null for none. */
function pageOptions(account: Account, from: E164 | null, page: Partial<PageOptions>): PageOptions {
  const { policy } = account;
  const csid = page.csid ?? (policy.csid === '' ? (from ?? '') : policy.csid);
  return {
    resolution: page.resolution ?? 'fine',
    halftone: page.halftone ?? 'auto',
    contrast: within(page.contrast ?? 0, -100, 100, '/contrast'),
    paper: page.paper ?? 'a4',
    width: page.width ?? 'a4',
    length: page.length ?? 'variable',
    header: page.header === undefined ? (policy.header ? '' : null) : page.header,
    senderName: page.senderName ?? policy.senderName,
    csid: checkCsid(csid),
    timeZone: page.timeZone ?? policy.timeZone,
    cover: page.cover ?? null,
  };
}

/** T.30 §5.3.6.2.4: twenty characters of digits, space and plus (letters are sent by practice of all makers). */
function checkCsid(csid: string): string {
  if (/^[ -~]{0,20}$/.test(csid)) return csid;
  throw new FaxError('option_invalid', 'a subscriber identification has at most 20 printable ASCII characters', {
    pointer: '/csid',
  });
}
