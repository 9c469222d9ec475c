import type { ChildPipe } from './pipe.ts';

/** What a child works on: its pipe, the key of the fax, and which document is at fault if something fails now. */
export interface Assignment {
  readonly pipe: ChildPipe;
  /** 32 octets. */
  dek: Uint8Array;
  /** Index of the document being read or drawn; null for the cover and between documents. */
  document: number | null;
}
