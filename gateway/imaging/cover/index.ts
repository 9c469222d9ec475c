/**
 * The sample letter as PDF, one A4 page, always the same bytes. The typesetter is loaded only when it is asked for:
 * most who import imaging never set a page.
 */
export async function sampleLetter(): Promise<Uint8Array> {
  const letter = await import('./sample-letter.ts');
  return letter.sampleLetter();
}
