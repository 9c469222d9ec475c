import { audioOffer, readAudio } from './audio.ts';
import type { MediaDescription, SessionDescription } from './description.ts';
import type { AudioAbility, Media, Refusal, T38Ability } from './media.ts';
import { refusalFor } from './refusal.ts';
import { closed, type Described, describe, type SdpSession } from './session.ts';
import { readT38, t38Offer } from './t38.ts';

/** An offer of ours that waits for its answer. `slot`: its line, from 0. */
export type Offered = Described & { readonly slot: number } & (
    | { readonly kind: 'audio'; readonly able: AudioAbility }
    | { readonly kind: 't38'; readonly able: T38Ability }
  );

/** What an answer means; or that there is nothing to be had, and the session goes on as it was before the offer. */
export type Negotiated =
  | { readonly ok: true; readonly media: Media }
  | { readonly ok: false; readonly refusal: Refusal };

/** Offers audio alone: at first, and to go back from T.38. */
export function offerAudio(session: SdpSession, able: AudioAbility): Offered {
  return { kind: 'audio', able, ...offer(session, able.local.address, audioOffer(able)) };
}

/** Offers T.38 in the place of the audio line (T.38 annex D). */
export function offerT38(session: SdpSession, able: T38Ability): Offered {
  return { kind: 't38', able, ...offer(session, able.local.address, t38Offer(able)) };
}

/** Reads the far end's answer (null: it could not be parsed). */
export function readAnswer(offered: Offered, answer: SessionDescription | null): Negotiated {
  if (answer === null) return { ok: false, refusal: refusalFor('no-description') };
  const wanted = offered.kind === 'audio' ? 'audio' : 'image';
  // Some peers answer one line with two: the one in its place counts, else the first of its kind.
  const isMeant = (one: MediaDescription | undefined) => one?.kind === wanted && one.port !== 0;
  const inPlace = answer.media[offered.slot];
  const line = isMeant(inPlace) ? inPlace : answer.media.find(isMeant);
  if (line === undefined) return { ok: false, refusal: refusalFor('refused') };
  const media = offered.kind === 'audio' ? readAudio(answer, line, offered.able) : readT38(answer, line, offered.able);
  return typeof media === 'string' ? { ok: false, refusal: refusalFor(media) } : { ok: true, media };
}

/** The line in use is replaced; all others stay closed in their places (RFC 3264 §8). */
function offer(session: SdpSession, address: string, line: MediaDescription): Described & { slot: number } {
  const slot = Math.max(
    0,
    session.lines.findIndex(({ port }) => port !== 0),
  );
  const lines = session.lines.map(closed);
  lines[slot] = line;
  return { slot, ...describe(session, address, lines) };
}
