import type { Submission } from '../../gateway/gateway.ts';

/** What an accepted submission answers. */
export type Answer = Awaited<ReturnType<Submission['commit']>>;
