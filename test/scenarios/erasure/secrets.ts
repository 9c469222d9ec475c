/** What a secret is that the watched gateway tells its test of. */
export const SECRET_KINDS = ['dek', 'kek', 'destroyed', 'c2s', 's2c', 'public', 'derived'] as const;

/** See {@link SECRET_KINDS}: `destroyed` names a KEK whose end has been ordered, `public` what only looks like a key. */
export type SecretKind = (typeof SECRET_KINDS)[number];

/** Descriptor of the child on which secrets leave it: for each one kind, length, octets. */
export const SECRETS_FD = 3;

/** What the watched gateway prints when it listens. */
export interface GatewayFacts {
  readonly admin: { readonly connection: string; readonly password: string };
  readonly user: string;
}

/** The account and user that `GatewayFacts.user` is a connection string of. */
export const ACCOUNT = 'erasure';
export const USER = 'app';

/** Takes the stream of secrets apart, on the test's side. */
export class SecretReader {
  #left: Buffer = Buffer.alloc(0);
  readonly #told: (kind: SecretKind, bytes: Uint8Array) => void;

  constructor(told: (kind: SecretKind, bytes: Uint8Array) => void) {
    this.#told = told;
  }

  push(chunk: Buffer): void {
    this.#left = Buffer.concat([this.#left, chunk]);
    for (;;) {
      const [kind = 0, length = 0] = this.#left;
      if (this.#left.length < 2 || this.#left.length < 2 + length) return;
      const name = SECRET_KINDS[kind];
      if (name !== undefined) this.#told(name, new Uint8Array(this.#left.subarray(2, 2 + length)));
      this.#left = this.#left.subarray(2 + length);
    }
  }
}
