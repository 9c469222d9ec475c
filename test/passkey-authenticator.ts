import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign as signOctets } from 'node:crypto';
import type { PasskeyAssertion, PasskeyRegistration } from '../gateway/gateway.ts';

/** What a browser and an authenticator can be made to say in another way than they should. */
export interface Said {
  type?: string;
  challenge?: string;
  origin?: string;
  /** Further members of the client data. */
  client?: Record<string, unknown>;
  /** Name whose hash the authenticator signs for. */
  rpId?: string;
  /** Of the authenticator data: present 1, verified 4, eligible for backup 8, backed up 16, key 64. */
  flags?: number;
  counter?: number;
  /** Octets that the client data has in the place of its JSON. */
  clientOctets?: Buffer;
  userHandle?: string | null;
  id?: string;
  /** Attestation format and statement. */
  fmt?: string;
  attStmt?: Map<string | number, Cbor>;
}

type Cbor = number | string | Buffer | Map<string | number, Cbor> | readonly Cbor[];

const sha256 = (octets: Buffer | string) => createHash('sha256').update(octets).digest();

/** RFC 8949 §4.2, as far as WebAuthn uses it. */
function cbor(value: Cbor): Buffer {
  const head = (major: number, count: number): Buffer => {
    if (count < 24) return Buffer.of((major << 5) | count);
    if (count < 256) return Buffer.of((major << 5) | 24, count);
    return Buffer.of((major << 5) | 25, count >> 8, count & 255);
  };
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) {
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
  }
  return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
}

/** A key of a passkey: its COSE_Key, and how it signs. */
interface Key {
  readonly cose: Buffer;
  sign(octets: Buffer): Buffer;
}

/** The kinds of keys that passkeys have, as RFC 9053 and RFC 8230 write them. */
export const PASSKEY_KINDS = {
  es256: (): Key => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const key = new Map<number, Cbor>([
      ...([
        [1, 2],
        [3, -7],
        [-1, 1],
      ] as const),
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    return signer(key, privateKey, 'sha256');
  },
  eddsa: (): Key => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    const key = new Map<number, Cbor>([
      ...([
        [1, 1],
        [3, -8],
        [-1, 6],
      ] as const),
      [-2, Buffer.from(x, 'base64url')],
    ]);
    return signer(key, privateKey, null);
  },
  rs256: (): Key => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const { n = '' } = publicKey.export({ format: 'jwk' });
    const modulus = Buffer.from(n, 'base64url');
    const key = new Map<number, Cbor>([
      ...([
        [1, 3],
        [3, -257],
      ] as const),
      [-1, modulus],
      [-2, Buffer.of(1, 0, 1)],
    ]);
    return signer(key, privateKey, 'sha256');
  },
  es512: (): Key => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const key = new Map<number, Cbor>([
      ...([
        [1, 2],
        [3, -36],
        [-1, 3],
      ] as const),
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    return signer(key, privateKey, 'sha512');
  },
} as const;

function signer(key: Map<number, Cbor>, privateKey: KeyObject, hash: string | null): Key {
  return { cose: cbor(key), sign: (octets) => signOctets(hash, octets, privateKey) };
}

/** One passkey with the browser around it, made of Node's own primitives: what the gateway's library has not written. */
export class PasskeyAuthenticator {
  readonly origin: string;
  readonly id = randomBytes(32).toString('base64url');
  counter = 0;
  readonly #key: Key;

  constructor(origin: string, kind: keyof typeof PASSKEY_KINDS = 'es256') {
    this.origin = origin;
    this.#key = PASSKEY_KINDS[kind]();
  }

  /** What `navigator.credentials.create` answers. */
  register(challenge: string, said: Said = {}): PasskeyRegistration {
    const client = this.#clientData('webauthn.create', challenge, said);
    const id = Buffer.from(this.id, 'base64url');
    const key = Buffer.concat([Buffer.alloc(16), Buffer.of(id.length >> 8, id.length & 255), id, this.#key.cose]);
    const authData = Buffer.concat([this.#authData({ flags: 0x5d, ...said }), key]);
    const attStmt = said.attStmt ?? new Map();
    const object = new Map<string, Cbor>([
      ['fmt', said.fmt ?? 'none'],
      ['attStmt', attStmt],
      ['authData', authData],
    ]);
    const attestationObject = cbor(object).toString('base64url');
    return { id: said.id ?? this.id, clientDataJSON: client.text, attestationObject, transports: ['internal'] };
  }

  /** The statement of a key about itself (`packed` without certificates). */
  selfAttested(challenge: string, alg: number): PasskeyRegistration {
    const plain = this.register(challenge);
    const authData = Buffer.from(plain.attestationObject, 'base64url').subarray(-this.#authDataSize());
    const hash = sha256(Buffer.from(plain.clientDataJSON, 'base64url'));
    const sig = this.#key.sign(Buffer.concat([authData, hash]));
    return this.register(challenge, {
      fmt: 'packed',
      attStmt: new Map<string, Cbor>([
        ['alg', alg],
        ['sig', sig],
      ]),
    });
  }

  /** What `navigator.credentials.get` answers; `user` is what stands for the holder. */
  answer(challenge: string, user: string | null = null, said: Said = {}): PasskeyAssertion {
    const client = this.#clientData('webauthn.get', challenge, said);
    const authData = this.#authData({ flags: 0x1d, ...said });
    const signature = this.#key.sign(Buffer.concat([authData, sha256(client.octets)]));
    return {
      id: said.id ?? this.id,
      clientDataJSON: client.text,
      authenticatorData: authData.toString('base64url'),
      signature: signature.toString('base64url'),
      userHandle: said.userHandle === undefined ? user : said.userHandle,
    };
  }

  #clientData(type: string, challenge: string, said: Said): { readonly octets: Buffer; readonly text: string } {
    const fields = {
      type: said.type ?? type,
      challenge: said.challenge ?? challenge,
      origin: said.origin ?? this.origin,
      crossOrigin: false,
      ...said.client,
    };
    const octets = said.clientOctets ?? Buffer.from(JSON.stringify(fields));
    return { octets, text: octets.toString('base64url') };
  }

  #authData({ rpId = new URL(this.origin).hostname, flags = 0, counter = this.counter }: Said): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.of(flags), count]);
  }

  #authDataSize(): number {
    return 37 + 16 + 2 + 32 + this.#key.cose.length;
  }
}
