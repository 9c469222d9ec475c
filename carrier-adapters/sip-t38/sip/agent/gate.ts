import { canonicalAddress, Network, parseAddress } from './address.ts';
import { Buckets } from './bucket.ts';
import { MESSAGES, NEW_REQUESTS, SOURCES } from './limits.ts';
import type { Trunk } from './trunk.ts';

/** What is known of a source address. */
interface Source {
  /** Null: no address at all. */
  readonly canonical: string | null;
  /** Trunks whose calls may come from it. */
  readonly trunks: readonly Trunk[];
}

/**
 * Decides whose traffic is looked at: that of the trunks' addresses, and of those that a live dialog or request of ours
 * goes to. All else is dropped unread, and so is what comes in excess.
 */
export class Gate {
  readonly #peers: readonly { readonly trunk: Trunk; readonly networks: readonly Network[] }[];
  readonly #resolved = new Map<Trunk, ReadonlySet<string>>();
  /** Canonical addresses with the number of those that go there. */
  readonly #learned = new Map<string, number>();
  readonly #sources = new Map<string, Source>();
  readonly #messages = new Buckets(MESSAGES, SOURCES);
  readonly #newRequests = new Buckets(NEW_REQUESTS, SOURCES);

  constructor(trunks: readonly Trunk[]) {
    this.#peers = trunks.map((trunk) => ({
      trunk,
      networks: trunk.peers.map(Network.parse).filter((network) => network !== null),
    }));
  }

  /** The addresses that the hosts of a trunk have now. */
  setResolved(trunk: Trunk, addresses: readonly string[]): void {
    this.#resolved.set(trunk, new Set(addresses.map(canonicalAddress).filter((address) => address !== null)));
    this.#sources.clear();
  }

  /** We send there, so what comes back is looked at until the function given is called. */
  learn(address: string): () => void {
    const canonical = canonicalAddress(address);
    if (canonical === null) return () => {};
    this.#learned.set(canonical, (this.#learned.get(canonical) ?? 0) + 1);
    let live = true;
    return () => {
      if (live) this.#forget(canonical);
      live = false;
    };
  }

  /** Whether anything of this source may be read now. */
  admits(address: string, now: number): boolean {
    const { canonical, trunks } = this.#source(address);
    if (canonical === null || (trunks.length === 0 && !this.#learned.has(canonical))) return false;
    return this.#messages.take(canonical, now);
  }

  /** Whether this source may begin something new now. */
  admitsNew(address: string, now: number): boolean {
    const { canonical, trunks } = this.#source(address);
    return canonical !== null && trunks.length > 0 && this.#newRequests.take(canonical, now);
  }

  /** Trunks whose calls come from this address. */
  trunksOf(address: string): readonly Trunk[] {
    return this.#source(address).trunks;
  }

  #source(address: string): Source {
    const known = this.#sources.get(address);
    if (known !== undefined) return known;
    if (this.#sources.size >= SOURCES) this.#sources.clear();
    const source = this.#find(address);
    this.#sources.set(address, source);
    return source;
  }

  #find(address: string): Source {
    const octets = parseAddress(address);
    const canonical = canonicalAddress(address);
    if (octets === null || canonical === null) return { canonical: null, trunks: [] };
    const trunks = this.#peers
      .filter(
        ({ trunk, networks }) =>
          this.#resolved.get(trunk)?.has(canonical) === true || networks.some((network) => network.contains(octets)),
      )
      .map(({ trunk }) => trunk);
    return { canonical, trunks };
  }

  #forget(canonical: string): void {
    const users = (this.#learned.get(canonical) ?? 0) - 1;
    if (users > 0) this.#learned.set(canonical, users);
    else this.#learned.delete(canonical);
  }
}
