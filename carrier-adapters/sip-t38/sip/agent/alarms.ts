/** One thing to be done at a time. */
export interface Alarm {
  /** It will not ring; harmless when it has rung. */
  cancel(): void;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  ring: ((now: number) => void) | null;
}

/** Everything that an agent waits for, earliest first; of the same time in the order in which it was set. */
export class Alarms {
  /** A binary heap; cancelled entries stay until they come up or are too many. */
  #heap: Entry[] = [];
  #set = 0;
  #cancelled = 0;

  /** When the next one is due; null: none is set. */
  get next(): number | null {
    this.#dropCancelled();
    return this.#heap[0]?.at ?? null;
  }

  /** Entries in memory, those canceled but not yet swept included. */
  get held(): number {
    return this.#heap.length;
  }

  /** Calls `ring` once when `ringDue` is given a time of `at` or later. */
  set(at: number, ring: (now: number) => void): Alarm {
    const entry: Entry = { at, order: this.#set++, ring };
    this.#push(entry);
    return { cancel: () => this.#cancel(entry) };
  }

  /** Rings what is due, also what is set meanwhile and due already. */
  ringDue(now: number): void {
    for (;;) {
      const next = this.next;
      if (next === null || next > now) return;
      const entry = this.#pop();
      const ring = entry?.ring;
      if (entry) entry.ring = null;
      ring?.(now);
    }
  }

  #cancel(entry: Entry): void {
    if (entry.ring === null) return;
    entry.ring = null;
    this.#cancelled++;
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) this.#rebuild();
  }

  #rebuild(): void {
    const live = this.#heap.filter((entry) => entry.ring !== null);
    this.#heap = [];
    this.#cancelled = 0;
    for (const entry of live) this.#push(entry);
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.ring === null) {
      this.#pop();
      this.#cancelled--;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !earlier(entry, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || last === top) return top;
    let place = 0;
    for (;;) {
      const child = this.#earlierChild(place);
      const below = heap[child];
      if (below === undefined || !earlier(below, last)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return top;
  }

  #earlierChild(place: number): number {
    const left = this.#heap[2 * place + 1];
    const right = this.#heap[2 * place + 2];
    return left !== undefined && right !== undefined && earlier(right, left) ? 2 * place + 2 : 2 * place + 1;
  }
}

function earlier(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
