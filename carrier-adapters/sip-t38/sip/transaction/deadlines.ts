/** An entry of the heap; it is stale once its owner has another `at`. */
interface Entry<Owner> {
  readonly owner: Owner;
  readonly at: number;
}

/**
 * Which owner is due next: a binary heap in which changed entries stay until they come up, so that setting costs the
 * logarithm of the owners. Stale entries are at most as many as live ones: beyond that the heap is made anew.
 */
export class Deadlines<Owner extends object> {
  readonly #at = new Map<Owner, number>();
  #heap: Entry<Owner>[] = [];

  /** Sets, moves or (null) takes off the deadline of an owner. */
  set(owner: Owner, at: number | null): void {
    if (at === null) this.#at.delete(owner);
    else if (this.#at.get(owner) !== at) {
      this.#at.set(owner, at);
      this.#push({ owner, at });
    }
    if (this.#heap.length > 2 * this.#at.size + 16) this.#rebuild();
  }

  /** The earliest deadline; null when there is none. */
  get next(): number | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (this.#at.get(top.owner) === top.at) return top.at;
      this.#pop();
    }
  }

  /** Takes off an owner that is due; undefined when none is. */
  take(now: number): Owner | undefined {
    const next = this.next;
    if (next === null || next > now) return undefined;
    const owner = this.#pop()?.owner;
    if (owner !== undefined) this.#at.delete(owner);
    return owner;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const [owner, at] of this.#at) this.#push({ owner, at });
  }

  #push(entry: Entry<Owner>): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= entry.at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): Entry<Owner> | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return top;
  }

  /** Puts an entry in the place of the top. */
  #sink(entry: Entry<Owner>): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child =
        (heap[right]?.at ?? Number.POSITIVE_INFINITY) < (heap[left]?.at ?? Number.POSITIVE_INFINITY) ? right : left;
      const below = heap[child];
      if (below === undefined || below.at >= entry.at) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = entry;
  }
}
