import { z } from 'zod';
import { CoverName } from './cover.ts';
import {
  BatchIdText,
  FaxIdText,
  idOf,
  listOf,
  NumberText,
  Paging,
  Tags,
  Time,
  UserIdText,
  WholeText,
} from './shape.ts';

export const ResolutionName = z.enum(['standard', 'fine', 'superfine']);
export const DirectionName = z.enum(['outbound', 'inbound']);
export const FaxStateName = z.enum([
  'accepted',
  'rendering',
  'held',
  'queued',
  'dialing',
  'sending',
  'delivered',
  'partial',
  'failed',
  'canceled',
  'uncertain',
  'ringing',
  'receiving',
  'received',
  'handed_over',
  'wiped',
]);

const line = (most: number) => z.string().max(most).default('');

/** Text of a cover page. */
export const Cover = z.object({
  template: CoverName.default('letter').describe('letter, form, or a form of the account (GET /v1/covers)'),
  to: line(100),
  from: line(100),
  company: line(100),
  subject: line(200),
  note: line(4_000),
  confidentiality: line(1_000),
});

/** An IANA time zone that this host knows. */
const TimeZone = z.string().max(64).refine(isTimeZone, { error: 'not an IANA time zone' });

/** Whether this host knows the time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What a sender may say about a fax, apart from its documents and receivers. */
export const SubmitOptions = z.object({
  from: NumberText.optional().describe('Own number to send from; the account’s first one when left out'),
  resolution: ResolutionName.optional().describe('204 dpi across; 98, 196 or 391 lines per inch; fine when left out'),
  halftone: z.enum(['auto', 'text', 'photo']).optional().describe('How grey becomes black and white'),
  contrast: WholeText(-100, 100).optional().describe('Negative is lighter, positive darker'),
  paper: z.enum(['a4', 'letter']).optional().describe('Page for documents without a size of their own'),
  width: z
    .enum(['a4', 'b4', 'a3'])
    .optional()
    .describe('Widest paper that the receiver is known to take; wider pages are scaled down to it; a4 when left out'),
  length: z
    .enum(['variable', 'full'])
    .optional()
    .describe('full sends the white below the last mark of a page too; variable when left out'),
  header: z.string().max(200).optional().describe('Template of the line at the top of each page; none leaves it out'),
  senderName: z.string().max(100).optional().describe('Name in the header line'),
  csid: z.string().max(20).optional().describe('Number or name that the far machine shows'),
  timeZone: TimeZone.optional().describe('IANA time zone of the header line'),
  cover: Cover.optional().describe('A page set before the documents'),
  tags: Tags.default({}).describe('Names and values that come back in lists and CDRs'),
  scheduledAt: Time.optional().describe('First call not before this moment'),
  deadline: Time.optional().describe('No call after this moment; the fax fails then'),
  retries: WholeText(0, 20).optional().describe('Calls after the first one'),
  retryInterval: WholeText(5, 86_400).optional().describe('Seconds between calls'),
  priority: WholeText(0, 9).default(5).describe('Higher goes first'),
  uncertain: z
    .enum(['hold', 'resend_rest', 'resend_all'])
    .optional()
    .describe('What to do when the line broke while a page was on its way'),
});

/** One document to one number. */
export const SubmitFax = SubmitOptions.extend({
  to: NumberText.describe('The receiver, international: +49301234567'),
}).strict();
export type SubmitFax = z.input<typeof SubmitFax>;

/** One document to many numbers. */
export const SubmitBatch = SubmitOptions.extend({ to: z.array(NumberText).min(1).max(1_000) }).strict();
export type SubmitBatch = z.input<typeof SubmitBatch>;

/** A document inside JSON: plain HTTPS only, where the account allows it. */
export const InlineDocument = z.object({
  content: z.base64(),
  mediaType: z.string().max(100).optional(),
  fileName: z.string().max(200).optional(),
});

export const FaxView = z.object({
  id: FaxIdText,
  direction: DirectionName,
  batch: BatchIdText.nullable(),
  user: UserIdText.nullable(),
  state: FaxStateName,
  from: z.string().nullable(),
  to: z.string(),
  remoteId: z.string().nullable(),
  subaddress: z.string().nullable().describe('Received faxes: the subaddress (T.30 SUB) that the caller named'),
  pages: z.number().int().nullable(),
  pagesConfirmed: z.number().int(),
  attempts: z.number().int(),
  retries: z.number().int(),
  retryInterval: z.number().int(),
  priority: z.number().int(),
  scheduledAt: Time.nullable(),
  deadline: Time.nullable(),
  nextCallAt: Time.nullable(),
  /** Why it ended, or why its last call did. */
  cause: z.string().nullable(),
  detail: z.string().nullable(),
  /** What a person should do. */
  action: z.string().nullable(),
  /** Whether another call may help; false while there is no cause. */
  retryable: z.boolean(),
  resolution: ResolutionName,
  tags: z.record(z.string(), z.string()),
  documents: z.number().int(),
  /** Whether its images still exist. */
  imageExists: z.boolean(),
  /** How long they are kept: until the last retry has ended, or for one call. */
  imageLife: z.enum(['fax', 'call']),
  /** What it waits for an administrator’s approval of: a country or a code, and until when; null when it waits for none. */
  held: z.object({ place: z.string(), until: Time }).nullable(),
  leasedUntil: Time.nullable(),
  acknowledgedAt: Time.nullable(),
  /** Sealed inbound: the key, wrapped to the account's registered key (JSON of the wrap). */
  sealedKey: z.string().nullable(),
  createdAt: Time,
  updatedAt: Time,
  finishedAt: Time.nullable(),
  /** Of a sent fax by itself, not in lists: live calls of the account, and how many it may have. */
  channels: z.object({ used: z.number().int(), limit: z.number().int() }).optional(),
});
export type FaxView = z.infer<typeof FaxView>;

export const FaxList = listOf(FaxView);

/** Filters of fax lists. Repeat `state` for several. */
export const FaxFilter = Paging.extend({
  direction: DirectionName.optional(),
  state: z.union([FaxStateName, z.array(FaxStateName).max(16)]).optional(),
  number: NumberText.optional(),
  user: UserIdText.optional(),
  batch: BatchIdText.optional(),
  /** `name:value`. */
  tag: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,40}:.{0,200}$/)
    .optional(),
  since: Time.optional(),
  until: Time.optional(),
});

export const BatchView = z.object({
  id: BatchIdText,
  /** Faxes in each state. */
  states: z.record(z.string(), z.number().int()),
  faxes: z.array(FaxView),
});
export type BatchView = z.infer<typeof BatchView>;

export const ResendBody = z.object({ mode: z.enum(['rest', 'all']) });

/** `ended`: canceled now. `asked`: its call is being ended. */
export const CancelView = z.object({ result: z.enum(['ended', 'asked']) });

/** One page as it stands in the vault. */
export const PageView = z.object({
  number: z.number().int(),
  width: z.number().int(),
  rows: z.number().int(),
  xDpi: z.number().int(),
  yDpi: z.number().int(),
  bytes: z.number().int(),
  mark: z.string().describe('Keyed hash of the page’s data; equal for the previewed and the sent page'),
  warnings: z.array(z.string()).describe('What a person should know before the page is sent, such as text too small'),
});
export const PageList = z.object({ items: z.array(PageView) });

export const CallView = z.object({
  id: idOf('call'),
  carrier: z.string(),
  state: z.enum(['intended', 'in_call', 'ended']),
  firstPage: z.number().int(),
  pageStarted: z.number().int(),
  pagesConfirmed: z.number().int(),
  startedAt: Time,
  answeredAt: Time.nullable(),
  endedAt: Time.nullable(),
});
export const CallList = z.object({ items: z.array(CallView) });

/**
 * The wipe receipts of a fax, as compact JWS. The second exists once the key epoch has ended; `carrierReceipts` tell of
 * copies at carriers what the first does not, the oldest first.
 */
export const ReceiptView = z.object({
  fax: FaxIdText,
  receipt: z.string(),
  epoch: z.number().int(),
  epochReceipt: z.string().nullable(),
  carrierReceipts: z.array(z.string()),
});
export type ReceiptView = z.infer<typeof ReceiptView>;
