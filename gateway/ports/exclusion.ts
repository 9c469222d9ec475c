/**
 * One at a time among all processes that share the records. Who holds a name is known to the database server and to
 * nobody else: when the holder dies, or its connection breaks, the next one may begin. So `work` must be harmless when
 * it runs twice at once after such a break; what it writes is guarded by the records as everything else is.
 */
export interface Exclusion {
  /** Waits until nobody else works under `name`. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Runs `work` only when nobody works under `name` now. */
  tryExclusively<T>(
    name: string,
    work: () => Promise<T>,
  ): Promise<{ readonly ran: true; readonly value: T } | { readonly ran: false }>;
}
