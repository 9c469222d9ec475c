import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What the provider remembers, for as long as the test runs. */
export class ProviderMemory implements Adapter {
  static readonly #kept = new Map<string, AdapterPayload>();
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  #key(id: string): string {
    return `${this.#kind}:${id}`;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    ProviderMemory.#kept.set(this.#key(id), payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return ProviderMemory.#kept.get(this.#key(id));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#search((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#search((payload) => payload.userCode === userCode);
  }

  async consume(id: string): Promise<void> {
    const payload = ProviderMemory.#kept.get(this.#key(id));
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    ProviderMemory.#kept.delete(this.#key(id));
  }

  async revokeByGrantId(grant: string): Promise<void> {
    for (const [key, { grantId }] of ProviderMemory.#kept) if (grantId === grant) ProviderMemory.#kept.delete(key);
  }

  #search(fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    const own = [...ProviderMemory.#kept].filter(([key]) => key.startsWith(this.#key('')));
    return own.map(([, payload]) => payload).find(fits);
  }
}
