/** Times of the dispatch stage in milliseconds; sources in QUEUE (“Never lost, never twice”). */
export interface DispatchSettings {
  /** Live outbound calls at once in this worker. */
  readonly calls: number;
  /** How often the poller looks for what the bell missed. */
  readonly poll: number;
  /** How often orphaned calls are looked for while running. */
  readonly reconcile: number;
  /** A claim holds for so long without renewal. */
  readonly lease: number;
  /** How often a claim is renewed. */
  readonly renew: number;
  /** Own lease not renewed for so long: the worker fences itself. Less than `lease` by the time that a far machine needs to hang up. */
  readonly fenceAfter: number;
  /** A renewal tick so late says that this process slept: it fences itself. */
  readonly lateTick: number;
  /** Another worker's call is taken over so long after its lease ran out: T1 + T2 of T.30 are at most 47 s together with the fence. */
  readonly grace: number;
  /** Work found in one look. */
  readonly batch: number;
}

/** The times that follow from a lease of `lease` ms, in the proportions of QUEUE (90, 15, 60, 30, 30 s). */
export function leaseTimes(
  lease: number,
): Pick<DispatchSettings, 'reconcile' | 'lease' | 'renew' | 'fenceAfter' | 'lateTick' | 'grace'> {
  const third = lease / 3;
  return { reconcile: third, lease, renew: lease / 6, fenceAfter: 2 * third, lateTick: third, grace: third };
}

export const DISPATCH_SETTINGS: DispatchSettings = {
  calls: 30,
  poll: 2_000,
  ...leaseTimes(90_000),
  batch: 100,
};
