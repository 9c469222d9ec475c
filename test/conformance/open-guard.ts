import type { DestinationGuard } from '../../gateway/ports/destination-guard.ts';

/** A guard that lets everything through, for tests of what stands behind it. */
export const openGuard: DestinationGuard = {
  admit: async (_account, _own, to) => to.map(() => ({ hold: null, abroad: false })),
  recheck: async () => undefined,
};
