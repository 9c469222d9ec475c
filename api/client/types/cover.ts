/** A cover as `Cover.template` may name it. */
export interface CoverInfo {
  name: string;
  /** True for the covers that come with the gateway, false for the account's own forms. */
  shipped: boolean;
  /** Texts that it shows. */
  fields: string[];
  pages: number;
}

/** A cover form of an account, for administrators. */
export interface CoverForm {
  name: string;
  /** The fields found in it that a cover knows. */
  fields: string[];
  pages: number;
  /** Of the PDF. */
  bytes: number;
  createdAt: string;
}

/** A form that was added: how its first page looks, filled with a sample, as PNG in base64. */
export interface AddedCoverForm extends CoverForm {
  preview: string;
}

/** Text of a cover page. */
export interface Cover {
  /** `letter`, `form`, or one of the account's own forms; `letter` when left out. */
  template?: string;
  to?: string;
  from?: string;
  company?: string;
  subject?: string;
  note?: string;
  confidentiality?: string;
}
