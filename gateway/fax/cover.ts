import type { AccountId } from './ids.ts';

/** A cover form of an account: a PDF with text fields, checked when it was added. */
export interface CoverForm {
  readonly account: AccountId;
  /** What a sender writes as `cover.template`. */
  readonly name: string;
  /** The fields found in it that a cover knows. */
  readonly fields: readonly string[];
  /** Fax pages that it makes. */
  readonly pages: number;
  /** Of the PDF. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Covers that ship with the gateway; no form of an account has one of these names. */
export const SHIPPED_COVERS = ['letter', 'form'] as const;
export type ShippedCover = (typeof SHIPPED_COVERS)[number];

/** Whether `name` is that of a cover that ships with the gateway. */
export function isShippedCover(name: string): name is ShippedCover {
  return SHIPPED_COVERS.some((shipped) => shipped === name);
}

/** Largest cover form, bytes of its PDF. */
export const COVER_FORM_BYTES = 2 * 1024 * 1024;

/** Cover forms that one account may have. */
export const COVER_FORMS = 20;
