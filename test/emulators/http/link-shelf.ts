import { randomBytes } from 'node:crypto';
import { writePages } from '../../../carrier-adapters/http/index.ts';
import type { MediaLink, OutgoingCall } from '../../../gateway/ports/carrier-adapter.ts';

interface Shelved {
  readonly call: OutgoingCall;
  open: boolean;
  fetched: boolean;
}

/** The links of a gateway on a bench: one GET each, and none when it is taken away. */
export class LinkShelf {
  readonly #origin: string;
  readonly #links = new Map<string, Shelved>();
  /** What was asked of links, in order. */
  readonly wanted: Parameters<MediaLink['open']>[0][] = [];
  /** Accounts do not allow links. */
  forbidden = false;
  /** The records do not answer. */
  broken = false;

  constructor(origin: string) {
    this.#origin = origin;
  }

  linkFor(call: OutgoingCall): MediaLink {
    let shelved: Shelved | undefined;
    return {
      open: async (wanted) => {
        if (this.broken) throw new Error('the records do not answer');
        if (this.forbidden) return undefined;
        this.wanted.push(wanted);
        const url = new URL(`/media/${randomBytes(32).toString('base64url')}/${call.reference}.tiff`, this.#origin);
        shelved = { call, open: true, fetched: false };
        this.#links.set(url.href, shelved);
        return url;
      },
      revoke: async () => {
        if (this.broken) throw new Error('the records do not answer');
        if (shelved !== undefined) shelved.open = false;
        return shelved?.fetched === true ? 'seen' : 'unseen';
      },
    };
  }

  /** What the carrier gets. */
  async fetch(url: string): Promise<{ readonly status: number; readonly content: Uint8Array }> {
    const shelved = this.#links.get(url);
    if (shelved === undefined || !shelved.open || shelved.fetched) return { status: 404, content: new Uint8Array(0) };
    shelved.fetched = true;
    return { status: 200, content: await writePages(shelved.call.pages) };
  }
}
