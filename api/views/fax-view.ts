import type { z } from 'zod';
import { causeFacts } from '../../gateway/fax/cause.ts';
import { REVIEW } from '../../gateway/fax/destination.ts';
import type { Call, Fax } from '../../gateway/fax/fax.ts';
import type { CallInProgress } from '../../gateway/ports/fax-records.ts';
import { maskedNumber, maskedText } from '../masking.ts';
import type { AdminFaxView, CallView, FaxView, LiveCallView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** A fax as callers see it. */
export function faxView(fax: Fax): FaxView {
  return {
    id: fax.id,
    direction: fax.direction,
    batch: fax.batch,
    user: fax.user,
    state: fax.state,
    from: fax.from,
    to: fax.to,
    remoteId: fax.remoteId,
    subaddress: fax.subaddress,
    pages: fax.pages,
    pagesConfirmed: fax.pagesConfirmed,
    attempts: fax.attempts,
    retries: fax.retries,
    retryInterval: fax.retryInterval,
    priority: fax.priority,
    scheduledAt: isoTimeOrNull(fax.notBefore),
    deadline: isoTimeOrNull(fax.deadline),
    nextCallAt: isoTimeOrNull(fax.nextCallAt),
    cause: fax.cause,
    detail: fax.detail,
    action: fax.cause === null ? null : causeFacts(fax.cause).action,
    retryable: fax.cause !== null && causeFacts(fax.cause).retryable,
    resolution: fax.options.resolution,
    tags: fax.tags,
    documents: fax.documents,
    imageExists: fax.imageExists,
    imageLife: fax.policy.imageLife,
    held: heldView(fax),
    leasedUntil: isoTimeOrNull(fax.leasedUntil),
    acknowledgedAt: isoTimeOrNull(fax.acknowledgedAt),
    sealedKey: fax.sealedKey,
    createdAt: isoTime(fax.createdAt),
    updatedAt: isoTime(fax.updatedAt),
    finishedAt: isoTimeOrNull(fax.finishedAt),
  };
}

/** A fax as administrators see it. */
export function adminFaxView(fax: Fax): AdminFaxView {
  const reviewUntil = fax.held === REVIEW ? isoTimeOrNull(fax.heldUntil) : null;
  return { ...faxView(fax), account: fax.account, reviewUntil };
}

/** A fax without the beginnings of its numbers, wherever they stand. */
export function maskedFax(fax: AdminFaxView): AdminFaxView {
  const tags = Object.fromEntries(Object.entries(fax.tags).map(([name, value]) => [name, maskedText(value)]));
  const detail = fax.detail === null ? null : maskedText(fax.detail);
  return { ...fax, ...numbersOf(fax, maskedNumber), detail, tags };
}

/** A call in progress; `shown` is what its numbers go through. */
export function liveCallView(
  { intendedAt, answeredAt, ...call }: CallInProgress,
  shown: (number: string) => string,
): LiveCallView {
  const times = { startedAt: isoTime(intendedAt), answeredAt: isoTimeOrNull(answeredAt) };
  return { ...call, ...numbersOf(call, shown), ...times };
}

/** The numbers of both sides as `shown` makes them. */
function numbersOf(
  { from, to, remoteId }: Pick<FaxView, 'from' | 'to' | 'remoteId'>,
  shown: (number: string) => string,
): Pick<FaxView, 'from' | 'to' | 'remoteId'> {
  const known = (number: string | null) => (number === null ? null : shown(number));
  return { from: known(from), to: shown(to), remoteId: known(remoteId) };
}

function heldView({ held, heldUntil }: Fax): FaxView['held'] {
  return held === null || held === REVIEW || heldUntil === null ? null : { place: held, until: isoTime(heldUntil) };
}

/** A call of a fax. */
export function callView(call: Call): z.infer<typeof CallView> {
  const { id, carrier, state, firstPage, pageStarted, pagesConfirmed } = call;
  const times = { startedAt: isoTime(call.intendedAt), answeredAt: isoTimeOrNull(call.answeredAt) };
  return { id, carrier, state, firstPage, pageStarted, pagesConfirmed, ...times, endedAt: isoTimeOrNull(call.endedAt) };
}
