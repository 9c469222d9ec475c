/**
 * What a phase can wait for. `answer`: a command or answer of the far station, put off while it is being heard; `limit`:
 * the end of the phase whatever is heard; `turn`: the carrier behind a final frame; `call`: the whole call.
 */
export type Alarm = 'answer' | 'limit' | 'turn' | 'call';

/** The times at which a machine has to be told that they have come. */
export class Alarms {
  readonly #due = new Map<Alarm, number>();

  /** Milliseconds of the machine's clock; a second time replaces the first. */
  set(alarm: Alarm, due: number): void {
    this.#due.set(alarm, due);
  }

  clear(alarm: Alarm): void {
    this.#due.delete(alarm);
  }

  clearAll(): void {
    this.#due.clear();
  }

  dueAt(alarm: Alarm): number | null {
    return this.#due.get(alarm) ?? null;
  }

  /** The earliest of them; null: none is set. */
  get next(): number | null {
    let next: number | null = null;
    for (const due of this.#due.values()) if (next === null || due < next) next = due;
    return next;
  }

  /** The earliest alarm whose time has come, which is cleared with this. */
  take(now: number): Alarm | null {
    const next = this.next;
    if (next === null || next > now) return null;
    for (const [alarm, due] of this.#due) {
      if (due !== next) continue;
      this.#due.delete(alarm);
      return alarm;
    }
    return null;
  }
}
