import { earliest } from './deadline.ts';

/** Named deadlines of one machine, each set at most once at a time. */
export class Alarms<Name extends string> {
  readonly #times = new Map<Name, number>();

  /** The earliest of them; null: none is set. */
  get deadline(): number | null {
    return this.#times.size === 0 ? null : earliest([...this.#times.values()]);
  }

  has(name: Name): boolean {
    return this.#times.has(name);
  }

  set(name: Name, at: number): void {
    this.#times.set(name, at);
  }

  clear(name: Name): void {
    this.#times.delete(name);
  }

  clearAll(): void {
    this.#times.clear();
  }

  /** Those that are due, the earliest first; they are set no more. */
  due(now: number): Name[] {
    const due = [...this.#times].filter(([, at]) => at <= now).sort(([, one], [, other]) => one - other);
    for (const [name] of due) this.#times.delete(name);
    return due.map(([name]) => name);
  }
}
