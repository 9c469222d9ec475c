import { answerOffer } from '../sdp/answer.ts';
import type { Ability, AudioAbility, Codec, Endpoint, ErrorCorrection, Media, T38Ability } from '../sdp/media.ts';
import { type Offered, offerAudio, offerT38, readAnswer } from '../sdp/offer.ts';
import { parseSdp } from '../sdp/parse.ts';
import { warningValue } from '../sdp/refusal.ts';
import { openSession, type SdpSession } from '../sdp/session.ts';

/** What can be had at our media port. */
export interface Abilities {
  readonly local: Endpoint;
  readonly codecs: readonly Codec[];
  readonly maxBitRate: number;
  readonly errorCorrection: ErrorCorrection;
}

/** An answer to an offer: a description of ours and what it means, or what its refusal says. */
export type Answered =
  | { readonly ok: true; readonly sdp: string; readonly media: Media }
  | { readonly ok: false; readonly warning: string; readonly detail: string };

/** Latest version of T.38 that is spoken: 0, as every gateway of the field does. */
const VERSION = 0;

/** Our side of the session descriptions of one call (RFC 3264): offers, answers, and the one that is open. */
export class Descriptions {
  readonly #audio: AudioAbility;
  readonly #t38: T38Ability;
  #session: SdpSession;
  #open: Offered | null = null;

  /** @param id decimal digits, different for each call */
  constructor(id: string, { local, codecs, maxBitRate, errorCorrection }: Abilities) {
    this.#session = openSession(id);
    this.#audio = { local, codecs };
    this.#t38 = { local, version: VERSION, maxBitRate, errorCorrection };
  }

  /** Whether an offer of ours awaits its answer. */
  get waiting(): boolean {
    return this.#open !== null;
  }

  offer(kind: Media['kind']): string {
    const offered = kind === 'audio' ? offerAudio(this.#session, this.#audio) : offerT38(this.#session, this.#t38);
    this.#session = offered.session;
    this.#open = offered;
    return offered.sdp;
  }

  /** What the far side's answer to our offer means; a string says why it is none. */
  answered(sdp: string): Media | string {
    const offered = this.#open;
    this.#open = null;
    if (offered === null) return 'an answer without an offer';
    const read = readAnswer(offered, parseSdp(sdp));
    return read.ok ? read.media : read.refusal.text;
  }

  /** Our offer was refused: the session stays as it was. */
  refused(): void {
    this.#open = null;
  }

  /** Answers the far side's offer. @param agent our name in a Warning header */
  answer(sdp: string, agent: string): Answered {
    const able: Ability = { audio: this.#audio, t38: this.#t38, prefer: 't38' };
    const answer = answerOffer(this.#session, parseSdp(sdp), able);
    if (!answer.ok) return { ok: false, warning: warningValue(answer.refusal, agent), detail: answer.refusal.text };
    this.#session = answer.session;
    return { ok: true, sdp: answer.sdp, media: answer.media };
  }
}
