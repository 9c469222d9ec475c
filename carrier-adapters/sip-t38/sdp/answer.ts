import { audioAnswer, readAudio } from './audio.ts';
import type { MediaDescription, SessionDescription } from './description.ts';
import type { Ability, Media, Refusal } from './media.ts';
import { type Reason, refusalFor } from './refusal.ts';
import { closed, type Described, describe, type SdpSession } from './session.ts';
import { readT38, t38Answer } from './t38.ts';

/** An answer that can be sent, with what it means; or why the offer is refused and the session stays as it was. */
export type Answer =
  | ({ readonly ok: true; readonly media: Media } & Described)
  | { readonly ok: false; readonly refusal: Refusal };

/** What became of one line of an offer. */
type Tried = Media | Reason;

/**
 * Answers an offer (RFC 3264 §6) with one stream: of the preferred kind where the offer has it, else of the other. All
 * other lines are refused in their places, SRTP and DTLS lines among them; so is the second of two image lines.
 */
export function answerOffer(session: SdpSession, offer: SessionDescription | null, able: Ability): Answer {
  if (offer === null) return { ok: false, refusal: refusalFor('no-description') };
  const tried = offer.media.map((line) => tryLine(offer, line, able));
  const other = able.prefer === 't38' ? 'audio' : 't38';
  const taken = [able.prefer, other].map((kind) =>
    tried.findIndex((one) => typeof one === 'object' && one.kind === kind),
  );
  const slot = taken.find((index) => index >= 0) ?? -1;
  const media = tried[slot];
  if (media === undefined || typeof media !== 'object') return { ok: false, refusal: refusalFor(worst(offer, tried)) };
  const lines = offer.media.map((line, i) => (i === slot ? answerLine(media) : closed(line)));
  return { ok: true, media, ...describe(session, media.local.address, lines) };
}

function tryLine(offer: SessionDescription, line: MediaDescription, { audio, t38 }: Ability): Tried {
  if (line.port === 0) return 'refused';
  if (line.kind === 'audio' && audio !== null) return readAudio(offer, line, audio);
  if (line.kind === 'image' && t38 !== null) return readT38(offer, line, t38);
  return 'kind';
}

function answerLine(media: Media): MediaDescription {
  return media.kind === 'audio' ? audioAnswer(media) : t38Answer(media);
}

/** What to say of an offer without any line for us: what is wrong with the first one that is wanted. */
function worst(offer: SessionDescription, tried: readonly Tried[]): Reason {
  const found = tried.find((one, i) => typeof one === 'string' && offer.media[i]?.port !== 0);
  return typeof found === 'string' ? found : 'kind';
}
