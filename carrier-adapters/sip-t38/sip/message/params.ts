/**
 * Parameters by lower-case name, in order. A flag such as `lr` has the value ''; a quoted string keeps its quotes
 * (`unquote` takes them off).
 */
export type Params = ReadonlyMap<string, string>;

/** `;name=value…` as parameters are written. */
export function formatParams(params: Params): string {
  let text = '';
  for (const [name, value] of params) text += value === '' ? `;${name}` : `;${name}=${value}`;
  return text;
}
