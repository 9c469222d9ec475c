/** A number to look for, or how one begins. */
export interface NumberFilter {
  readonly number?: string;
  readonly prefix?: string;
}

/** A number as people write it, without what only makes it easier to read. */
export function plainNumber(text: string): string {
  return text.replaceAll(/[\s()./-]/g, '');
}

/** What a person typed: `+4930*` is every number that begins with `+4930`; nothing is no filter. */
export function numberFilter(text: string): NumberFilter {
  const plain = plainNumber(text);
  if (plain === '' || plain === '*') return {};
  return plain.endsWith('*') ? { prefix: plain.slice(0, -1) } : { number: plain };
}

/** The other way round. */
export function numberText({ number = '', prefix }: { [K in keyof NumberFilter]?: string | undefined }): string {
  return prefix === undefined ? number : `${prefix}*`;
}
