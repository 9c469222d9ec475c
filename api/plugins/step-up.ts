import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../gateway/gateway.ts';
import { principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';

/** How old a proof of who asks may be, ms: for dangerous acts, and for changes of what the user logs in with. */
const PROOF_AGE = { recent: 10 * 60_000, again: 2 * 60_000 };

/** `recent`: within ten minutes. `again`: just now, which is what "the old password again" is in other places. */
export type StepUp = keyof typeof PROOF_AGE;

/**
 * Whoever found a session open cannot do what is dangerous: its user has to have proven who it is, at the log-in or since.
 *
 * @throws ApiError step_up_required
 */
export async function checkStepUp({ gateway }: ApiContext, { session }: Principal, wanted: StepUp): Promise<void> {
  if (session === null) return;
  const { access, clock } = gateway;
  const isProven = (at: number | undefined): boolean => at !== undefined && clock.now() - at <= PROOF_AGE[wanted];
  if (isProven(session.login?.provenAt)) return;
  // Another gateway may have heard the proof: what the store knows counts.
  const now = await access.sessions.get(session.sid, clock.now());
  if (!isProven(now?.login?.provenAt)) throw new ApiError('step_up_required');
}

/**
 * Whoever came in by an identity provider makes no other way in for itself: what ends at the provider would not end here.
 * Owners may give it one.
 *
 * @throws ApiError identity_refused
 */
export function checkOwnWayIn({ session }: Principal): void {
  if (session?.login?.method !== 'oidc') return;
  throw new ApiError('identity_refused', 'you signed in by an identity provider: an owner may give you another way in');
}

/** As `checkStepUp`, for a route of which only some uses are dangerous. */
export async function requireStepUp(context: ApiContext, request: FastifyRequest): Promise<void> {
  await checkStepUp(context, principalOf(request), 'recent');
}
