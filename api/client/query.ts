/** What a filter may hold; undefined is left out, a list repeats its name. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;

/** `path` with `query` behind it, percent-encoded. */
export function withQuery(path: string, query: object): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query) as [string, QueryValue][]) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** One segment of a path. */
export function segment(text: string | number): string {
  return encodeURIComponent(String(text));
}
