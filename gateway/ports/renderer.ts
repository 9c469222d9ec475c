import type { Resolution } from '../fax/resolution.ts';

/**
 * Documents in, fax pages out, and stored pages back into files for people. The work happens in a sandboxed child
 * that gets the key of the fax through a pipe: plaintext never reaches a disk, and a hostile document reaches nothing.
 */
export interface Renderer {
  /**
   * Renders `job` page by page. Yields `inspected` once, when every document has been recognised and counted, then
   * each page in order; returns the totals.
   * @throws {DocumentRejected} as soon as a document cannot become pages. Pages that were already yielded are to be
   *   discarded; nothing of them is left in the renderer.
   */
  render(job: RenderJob): AsyncGenerator<RenderEvent, RenderSummary>;
  /**
   * Opens stored pages and yields one plaintext file in chunks of at most 64 KiB. A chunk may be overwritten as soon
   * as the next one is asked for.
   * @throws {DocumentRejected} when a stored page does not open under `dek` or cannot be read (`damaged`), or on a limit.
   */
  convert(job: ConvertJob): AsyncGenerator<Uint8Array>;
  /** How well documents are confined on this host: lines for the host report. */
  hostFindings(): Promise<readonly HostFinding[]>;
  /** Ends every child. Running jobs end with `DocumentRejected` (`crash`). */
  close(): Promise<void>;
}

/** Bytes as they come out of the vault or from an upload: chunks of any size. */
export type ByteSource = AsyncIterable<Uint8Array>;

/** How grey becomes black and white. `auto`: text and line art by threshold, pictures by error diffusion. */
export type Halftone = 'auto' | 'text' | 'photo';

/** One uploaded document, sealed under the DEK of its fax. */
export interface SealedDocument {
  /** Object name in the vault, such as `doc/0`. */
  readonly object: string;
  /** What the client said it is; only `text/html` and the like are told apart by it, everything else by its bytes. */
  readonly mediaType?: string;
  readonly fileName?: string;
  /**
   * Whether its first octets are those of a TIFF file, where somebody has seen them. Only a hint, the renderer looks
   * itself; but `sealed` can then be read more than once.
   */
  readonly isTiff?: boolean;
  readonly sealed: ByteSource;
}

/** The line at the top of each page that says who sends, when and to whom. */
export interface HeaderLine {
  /**
   * Text with keywords `{date}`, `{time}`, `{zone}`, `{name}`, `{csid}`, `{to}`, `{page}`, `{pages}`. Absent:
   * `{date} {time}  {name}  {csid} → {to}  {page}/{pages}` set in columns.
   */
  readonly template?: string;
  /** Sender's name. */
  readonly name: string;
  /** Sender's number as the far machine shows it. */
  readonly csid: string;
  /** Number dialled. */
  readonly to: string;
  /** Moment that `{date}` and `{time}` show, milliseconds since 1970. */
  readonly at: number;
  /** IANA time zone of the account. */
  readonly timeZone: string;
}

/** A page set before the documents. Empty fields are left out of it. */
export interface CoverPage {
  /** Which of the shipped covers; `RenderJob.coverForm` takes its place. */
  readonly template: 'letter' | 'form';
  readonly to?: string;
  readonly toCompany?: string;
  readonly toNumber?: string;
  readonly from?: string;
  readonly fromCompany?: string;
  readonly fromNumber?: string;
  readonly subject?: string;
  readonly note?: string;
  readonly confidentiality?: string;
  /** Moment of its date, milliseconds since 1970; that of the header line when left out. */
  readonly at?: number;
  /** IANA time zone of its date. */
  readonly timeZone?: string;
}

export interface RenderOptions {
  readonly resolution: Resolution;
  readonly halftone: Halftone;
  /** −100 (lighter) … 100 (darker); 0 leaves documents as they are. */
  readonly contrast: number;
  /** null: no header line. */
  readonly header: HeaderLine | null;
  /** null: no cover page. */
  readonly cover: CoverPage | null;
  /** Page that text and images without a size of their own are set on. */
  readonly paper: 'a4' | 'letter';
  /** More pages than this (cover included) reject the fax with `too_many_pages`. */
  readonly maxPages: number;
  /** Widest recording that may be used, in pels at 204 dpi; wider pages are scaled down to it. Default 1728. */
  readonly maxWidth?: 1728 | 2048 | 2432;
  /** Leave out the white rows below the last mark of a page, down to a third of the paper's length. Default false. */
  readonly trimBlank?: boolean;
  /**
   * For faxes that another carrier received: a page of a PDF that is nothing but the bilevel picture of a fax page comes out
   * in the pixels and the resolution of that picture, whatever its length. Default false.
   */
  readonly received?: boolean;
}

export interface RenderJob {
  /** Fax the objects belong to; bound into their seals. */
  readonly fax: string;
  /** 32-byte key of the fax. Needed until the last event; the caller keeps ownership and wipes it. */
  readonly dek: Uint8Array;
  readonly documents: readonly SealedDocument[];
  /** A PDF form that is filled with `options.cover`, sealed under the DEK. It is as hostile as any document. */
  readonly coverForm?: Pick<SealedDocument, 'object' | 'sealed'>;
  readonly options: RenderOptions;
  /** Ends the job early: the child is killed and the generator throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** All documents are readable; rendering starts now. */
export interface Inspected {
  readonly type: 'inspected';
  /** Pages of the whole fax, cover included. */
  readonly pages: number;
  /** Media type of each document, by its bytes, in order. */
  readonly mediaTypes: readonly string[];
  /** With a cover form: the names of the fields found in it that a cover knows. */
  readonly coverFields?: readonly string[];
}

/** One finished page: the T.6 data of a `CodedPage`, sealed in the child as object `page/<n>`. */
export interface RenderedPage {
  readonly type: 'page';
  /** From 1. */
  readonly page: number;
  readonly width: number;
  readonly rows: number;
  readonly xDpi: number;
  readonly yDpi: number;
  /** Length of the T.6 data before sealing. */
  readonly bytes: number;
  /** Keyed hash of the T.6 data: crypto's `createPageMark` under the fax's DEK, hex. */
  readonly mark: string;
  /** What a person should know before the page is sent, such as `text below 7 px x-height`. */
  readonly warnings: readonly string[];
  /** Ciphertext in the vault's object format; ready to be written as `object`. */
  readonly object: string;
  readonly sealed: readonly Uint8Array[];
}

export type RenderEvent = Inspected | RenderedPage;

export interface RenderSummary {
  readonly pages: number;
  /** T.6 bytes of all pages: what the line will carry. */
  readonly bytes: number;
}

/** One stored page as the records know it. */
export interface StoredPage {
  /** Object name, such as `page/1`. */
  readonly object: string;
  readonly width: number;
  readonly rows: number;
  readonly xDpi: number;
  readonly yDpi: number;
  readonly sealed: ByteSource;
}

export interface ConvertJob {
  readonly fax: string;
  /** 32-byte key of the fax. Needed until the first chunk; the caller keeps ownership and wipes it at the end. */
  readonly dek: Uint8Array;
  /** The pages of the file, in order; exactly one for `png`. */
  readonly pages: readonly StoredPage[];
  readonly format: 'pdf' | 'tiff' | 'png';
  /** PNG only: repeat rows so that pixels are square on a screen. Default true. */
  readonly squarePixels?: boolean;
  /** PDF only: document information; no page content. */
  readonly info?: { readonly title?: string; readonly createdAt?: number };
  readonly signal?: AbortSignal;
}

/** Why a document cannot become fax pages. */
export type RejectionCause =
  | 'encrypted'
  | 'damaged'
  | 'unsupported_type'
  | 'converter_missing'
  | 'empty'
  | 'too_many_pages'
  | 'too_large'
  | 'timeout'
  | 'memory'
  | 'crash'
  | 'limit'
  /** A cover form without any field that a cover knows, with scripts, or as XFA only. */
  | 'form_fields'
  | 'form_script'
  | 'form_xfa'
  /** A text of the cover does not fit, however small it is set. */
  | 'cover_overflow';

/** A document was refused. `message` says why in words that are safe to show: nothing of the content, no path. */
export class DocumentRejected extends Error {
  override readonly cause: RejectionCause;
  /** Index into the job's documents; undefined when it is not one document's fault. */
  readonly document: number | undefined;

  constructor(cause: RejectionCause, detail: string, document?: number) {
    super(detail);
    this.name = 'DocumentRejected';
    this.cause = cause;
    this.document = document;
  }
}

/** One line of the host report. */
export interface HostFinding {
  readonly level: 'green' | 'yellow' | 'red';
  /** Stable name by which an operator accepts a red line. */
  readonly code: 'sandbox_bubblewrap' | 'sandbox_namespace' | 'sandbox_none' | 'converter';
  readonly text: string;
}
