import type { AudioMedia } from '../sdp/media.ts';
import { buildRtp, parseRtp } from './rtp.ts';
import { MOST_LATE } from './timers.ts';
import {
  type FaxTone,
  PACKET_SAMPLES,
  PACKET_TIME,
  type Playing,
  ToneEar,
  type TonePackets,
  toneAt,
  tonePackets,
} from './tones.ts';

/** Unpredictable numbers that a stream of RTP begins with (RFC 3550 §5.1). */
const SEED = 10;

/** Our side of the audio before T.38: plays the tones of a fax machine and listens for the other's. */
export class AudioStream {
  readonly #media: AudioMedia;
  readonly #playing: Playing;
  readonly #packets: TonePackets;
  readonly #seed: DataView;
  readonly #ear = new ToneEar();
  readonly #startedAt: number;
  #index = 0;
  #skipped = 0;

  /** @param random unpredictable octets */
  constructor(media: AudioMedia, playing: Playing, random: (octets: number) => Uint8Array, now: number) {
    const seed = random(SEED);
    this.#media = media;
    this.#playing = playing;
    this.#packets = tonePackets(media.codec);
    this.#seed = new DataView(seed.buffer, seed.byteOffset, seed.length);
    this.#startedAt = now;
  }

  /** When the next packet is due; null: nothing may be sent. */
  get deadline(): number | null {
    const { direction, remote } = this.#media;
    const sends = remote !== null && (direction === 'sendrecv' || direction === 'sendonly');
    return sends ? this.#startedAt + this.#index * PACKET_TIME : null;
  }

  /** The packets that are due. */
  time(now: number): Uint8Array[] {
    const due: Uint8Array[] = [];
    for (let at = this.deadline; at !== null && at <= now; at = this.deadline) {
      if (now - at > MOST_LATE) this.#skip(now);
      else due.push(this.#packet());
    }
    return due;
  }

  /** Takes what came to our port; answers a fax signal when it has just been recognised. */
  hear(datagram: Uint8Array): FaxTone | null {
    const packet = parseRtp(datagram);
    const { payloadType, codec } = this.#media;
    return packet?.payloadType === payloadType ? this.#ear.hear(codec, packet.payload) : null;
  }

  #packet(): Uint8Array {
    const index = this.#index++;
    const header = {
      // The first packet of a talkspurt (RFC 3551 §4.1).
      marker: index === 0,
      payloadType: this.#media.payloadType,
      sequence: this.#seed.getUint16(0) + index - this.#skipped,
      timestamp: this.#seed.getUint32(2) + index * PACKET_SAMPLES,
      ssrc: this.#seed.getUint32(6),
    };
    return buildRtp(header, toneAt(this.#playing, index, this.#packets));
  }

  /** Time that was slept through is silence on the line: the timestamp goes on, the sequence has no gap. */
  #skip(now: number): void {
    const index = Math.floor((now - this.#startedAt) / PACKET_TIME);
    this.#skipped += index - this.#index;
    this.#index = index;
  }
}
