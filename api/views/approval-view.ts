import type { PlaceState } from '../../gateway/gateway.ts';
import type { WaitingPlace } from '../../gateway/ports/guard-records.ts';
import type { PlaceView, WaitingPlaceView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** A country of an account as administrators see it. */
export function placeView({ place, state, waiting, until, decided }: PlaceState): PlaceView {
  const by = decided === null ? null : { at: isoTime(decided.at), by: decided.by };
  return { place, state, waiting, until: isoTimeOrNull(until), decided: by };
}

/** Held faxes of one account and country. */
export function waitingPlaceView({ account, place, faxes, since, until }: WaitingPlace): WaitingPlaceView {
  return { account, place, faxes, since: isoTime(since), until: isoTime(until) };
}
