/** An endpoint that could not be reached is left alone for so long, unless none of the others can be. Milliseconds. */
const REST = 60_000;

/**
 * The addresses of one API, any of which knows what the others know. Each key, such as the reference of a call, has a home
 * among them, the same in every process and after a restart: so calls take them in turn, and what belongs to one call goes
 * to one address as long as that can be reached.
 */
export class Endpoints {
  readonly #bases: readonly URL[];
  readonly #restUntil: number[];

  /** @param bases at least one */
  constructor(bases: readonly URL[]) {
    this.#bases = bases;
    this.#restUntil = bases.map(() => Number.NEGATIVE_INFINITY);
  }

  /** All of them, those to be asked first before the others; without a key in the order of the settings. */
  inOrder(key: string | undefined, now: number): readonly URL[] {
    const home = key === undefined ? 0 : fnv1a(key) % this.#bases.length;
    const turned = [...this.#bases.slice(home), ...this.#bases.slice(0, home)];
    const rests = (base: URL) => (this.#restUntil[this.#bases.indexOf(base)] ?? 0) > now;
    return [...turned.filter((base) => !rests(base)), ...turned.filter(rests)];
  }

  /** Nobody was reached there; true when that is news. */
  failed(base: URL, now: number): boolean {
    const place = this.#bases.indexOf(base);
    const news = (this.#restUntil[place] ?? 0) === Number.NEGATIVE_INFINITY;
    this.#restUntil[place] = now + REST;
    return news;
  }

  /** It was reached; true when that is news. */
  reached(base: URL): boolean {
    const place = this.#bases.indexOf(base);
    const news = this.#restUntil[place] !== Number.NEGATIVE_INFINITY;
    this.#restUntil[place] = Number.NEGATIVE_INFINITY;
    return news;
  }
}

/** FNV-1a, 32 bits: spreads what is alike. Not for secrets. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const octet of new TextEncoder().encode(text)) hash = Math.imul(hash ^ octet, 0x01000193);
  return hash >>> 0;
}
