import { z } from 'zod';
import { Time } from './shape.ts';

/** A cover that ships, or a form of the account, by its name. */
export const CoverName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, '1 to 40 of a–z, 0–9 and hyphen');

/** A cover as a sender may name it in `cover.template`. */
export const CoverView = z.object({
  name: z.string(),
  /** True for the covers that come with the gateway, false for the account's own forms. */
  shipped: z.boolean(),
  /** Texts that it shows. */
  fields: z.array(z.string()),
  pages: z.number().int(),
});
export type CoverView = z.infer<typeof CoverView>;
export const CoverList = z.object({ items: z.array(CoverView) });

/** A cover form as administrators see it. */
export const CoverFormView = z.object({
  name: z.string(),
  /** The fields found in it that a cover knows. */
  fields: z.array(z.string()),
  pages: z.number().int(),
  /** Of the PDF. */
  bytes: z.number().int(),
  createdAt: Time,
});
export type CoverFormView = z.infer<typeof CoverFormView>;
export const CoverFormList = z.object({ items: z.array(CoverFormView) });

/** A form that was added: how its first page looks, filled with a sample, as PNG in base64. */
export const AddedCoverForm = CoverFormView.extend({ preview: z.base64() });
