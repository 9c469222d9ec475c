import type { AdminSendRequest, Resolution } from '../client/browser.ts';

/** What stands in the form of a fax to send; empty text is what was not filled in. */
export interface FaxForm {
  /** Id of the account that sends. */
  readonly account: string;
  readonly to: string;
  readonly from: string;
  readonly documents: readonly File[];
  readonly resolution: Resolution;
  readonly halftone: 'auto' | 'text' | 'photo';
  readonly contrast: number;
  readonly paper: 'a4' | 'letter';
  readonly senderName: string;
  readonly header: boolean;
  /** As `datetime-local` has it; empty: at once. */
  readonly scheduledAt: string;
  /** Name of its cover; empty: none. */
  readonly cover: string;
  readonly coverText: CoverText;
}

/** What a cover page says. */
export interface CoverText {
  readonly to: string;
  readonly from: string;
  readonly company: string;
  readonly subject: string;
  readonly note: string;
}

export const EMPTY_FORM: FaxForm = {
  account: '',
  to: '',
  from: '',
  documents: [],
  resolution: 'fine',
  halftone: 'auto',
  contrast: 0,
  paper: 'a4',
  senderName: '',
  header: true,
  scheduledAt: '',
  cover: '',
  coverText: { to: '', from: '', company: '', subject: '', note: '' },
};

/** Octets that the documents of one fax may have together, as far as this page knows; the gateway may allow less. */
export const MOST_OCTETS = 64 * 1024 * 1024;

/** What is still missing before the form can be sent, in words; empty when it can. */
export function missing({ account, to, documents, cover }: FaxForm): string {
  if (account === '') return 'Choose the account that sends.';
  if (numberOf(to) === '') return 'Enter the number of the receiver.';
  if (documents.length === 0 && cover === '') return 'Add a document, or a cover page.';
  if (octets(documents) > MOST_OCTETS) return 'The documents are larger than 64 MiB together.';
  return '';
}

/** A number as people write it, without the signs between its digits. */
export function numberOf(typed: string): string {
  return typed.replaceAll(/[\s()/.-]/g, '').replace(/^00/, '+');
}

export function octets(documents: readonly Pick<File, 'size'>[]): number {
  return documents.reduce((sum, { size }) => sum + size, 0);
}

/** `documents` with the one at `index` moved by `steps`; as it was when there is no room for it. */
export function moved<T>(documents: readonly T[], index: number, steps: number): readonly T[] {
  const one = documents[index];
  const place = index + steps;
  if (one === undefined || place < 0 || place >= documents.length) return documents;
  return documents.toSpliced(index, 1).toSpliced(place, 0, one);
}

/** The form as the gateway takes it. */
export function requestOf(form: FaxForm, review: boolean): AdminSendRequest {
  const { resolution, halftone, contrast, paper, cover, coverText } = form;
  return {
    to: numberOf(form.to),
    ...(form.from === '' ? {} : { from: form.from }),
    documents: form.documents,
    ...{ resolution, halftone, contrast, paper },
    ...(form.header ? {} : { header: 'none' }),
    ...(form.senderName.trim() === '' ? {} : { senderName: form.senderName.trim() }),
    ...(form.scheduledAt === '' ? {} : { scheduledAt: new Date(form.scheduledAt).toISOString() }),
    ...(cover === '' ? {} : { cover: { template: cover, ...coverText } }),
    ...(review ? { review } : {}),
  };
}
