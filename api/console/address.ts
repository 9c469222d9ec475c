/** Where the address points: `#/faxes/fax_1?state=failed` is path `/faxes/fax_1` with that query. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Parts of a path that a pattern such as `/faxes/:id` names, decoded. */
export type Parameters = Readonly<Record<string, string>>;

/** The place that a location's hash names; `/` when it names none. */
export function placeOf(hash: string): Place {
  const text = hash.replace(/^#/, '');
  const at = text.indexOf('?');
  const path = at < 0 ? text : text.slice(0, at);
  return { path: path.startsWith('/') ? path : '/', query: new URLSearchParams(at < 0 ? '' : text.slice(at + 1)) };
}

/** What `pattern` names in `path`; undefined when it does not fit. */
export function match(pattern: string, path: string): Parameters | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== text) return undefined;
      continue;
    }
    const decoded = decodedOf(text);
    if (decoded === undefined || decoded === '') return undefined;
    found[part.slice(1)] = decoded;
  }
  return found;
}

function decodedOf(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What a query may be made of; empty texts and undefined are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** The address of a page: `href('/faxes/:id', {id}, {tab: 'calls'})`. */
export function href(pattern: string, parameters: Parameters = {}, query: Query = {}): string {
  const path = pattern.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(parameters[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? `#${path}` : `#${path}?${text}`;
}
