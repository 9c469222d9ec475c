/** Kinds of documents that take the same way through a child. */
export const WARM_UPS = ['pdf', 'tiff', 'image', 'text'] as const;

/** A kind of document that a child can be warmed up for. */
export type WarmUp = (typeof WARM_UPS)[number];

/** The kind that a document of `mediaType` belongs to. */
export function warmUpFor(mediaType: string): WarmUp {
  if (mediaType === 'application/pdf') return 'pdf';
  if (mediaType === 'image/tiff') return 'tiff';
  return mediaType.startsWith('image/') ? 'image' : 'text';
}
