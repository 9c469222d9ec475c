import { type CoverForm, SHIPPED_COVERS } from '../../gateway/fax/cover.ts';
import type { CoverFormView, CoverView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** What the shipped covers show: they set every text that a sender may give, and leave the empty ones out. */
const SHIPPED_FIELDS = [
  'to',
  'toNumber',
  'from',
  'fromNumber',
  'company',
  'pages',
  'subject',
  'note',
  'date',
  'confidentiality',
];

/** The covers that every account has. */
export function shippedCovers(): CoverView[] {
  return SHIPPED_COVERS.map((name) => ({ name, shipped: true, fields: [...SHIPPED_FIELDS], pages: 1 }));
}

/** A form as its senders see it. */
export function coverView({ name, fields, pages }: CoverForm): CoverView {
  return { name, shipped: false, fields: [...fields], pages };
}

/** A form as administrators see it. */
export function coverFormView({ name, fields, pages, bytes, createdAt }: CoverForm): CoverFormView {
  return { name, fields: [...fields], pages, bytes, createdAt: isoTime(createdAt) };
}
