import type { Endpoint } from '../sdp/media.ts';

/**
 * Who may send to a media port: the address that the far side named, and of its ports the one that sends first. With
 * `latch` (a peer behind NAT) the first sender of all, wherever it is; so does one that named no address. Once decided, it
 * stands until the next negotiation, and a stranger's packets change nothing.
 */
export class MediaSource {
  readonly #named: Endpoint | null;
  readonly #latch: boolean;
  #heard: Endpoint | null = null;

  constructor(named: Endpoint | null, latch: boolean) {
    this.#named = named;
    this.#latch = latch || named === null;
  }

  /** Whether a packet from there is the far side's. @param isMedia whether it can be media at all: only such a one decides */
  accepts(from: Endpoint, isMedia: () => boolean): boolean {
    if (this.#heard !== null) return this.#heard.address === from.address && this.#heard.port === from.port;
    if ((!this.#latch && this.#named?.address !== from.address) || !isMedia()) return false;
    this.#heard = { address: from.address, port: from.port };
    return true;
  }

  /** Where to send to; null: not known yet. */
  get target(): Endpoint | null {
    return this.#latch ? (this.#heard ?? this.#named) : this.#named;
  }
}
