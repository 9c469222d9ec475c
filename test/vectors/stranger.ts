// A client written from crypto/SPEC.md alone: it imports nothing of crypto/ and shares no helper with it. It runs over
// any WebCrypto, so that the published vectors are checked by a second program and by other implementations.

/** The part of WebCrypto that is used. */
export interface ForeignSubtle {
  importKey(...args: readonly unknown[]): Promise<unknown>;
  deriveBits(...args: readonly unknown[]): Promise<ArrayBuffer>;
  digest(...args: readonly unknown[]): Promise<ArrayBuffer>;
  sign(...args: readonly unknown[]): Promise<ArrayBuffer>;
  verify(...args: readonly unknown[]): Promise<boolean>;
  decrypt(...args: readonly unknown[]): Promise<ArrayBuffer>;
}

const ascii = (text: string) => Buffer.from(text, 'latin1');
const label = (word: string) => ascii(`sfx1 ${word}\0`);
const unhex = (text: string) => Buffer.from(text, 'hex');
const un64 = (text: string) => Buffer.from(text, 'base64url');

function big(value: number, octets: number): Buffer {
  const buffer = Buffer.alloc(octets);
  buffer.writeUIntBE(value, octets - Math.min(octets, 6), Math.min(octets, 6));
  return buffer;
}

/** The stranger's whole client over one WebCrypto. */
export function stranger(subtle: ForeignSubtle) {
  async function hmac(key: Uint8Array, message: Uint8Array): Promise<Buffer> {
    const handle = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-512' }, false, ['sign']);
    return Buffer.from(await subtle.sign('HMAC', handle, message));
  }

  async function expand(prk: Uint8Array, info: Uint8Array, length: number): Promise<Buffer> {
    const t1 = await hmac(prk, Buffer.concat([info, Uint8Array.of(1)]));
    const t2 = await hmac(prk, Buffer.concat([t1, info, Uint8Array.of(2)]));
    return Buffer.concat([t1, t2]).subarray(0, length);
  }

  async function jwsHolds(jws: string, jwk: unknown): Promise<boolean> {
    const [head, body, tail = ''] = jws.split('.');
    const key = await subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-521' }, true, ['verify']);
    return subtle.verify({ name: 'ECDSA', hash: 'SHA-512' }, key, un64(tail), ascii(`${head}.${body}`));
  }

  async function records(okm: Buffer, keySize: number, aad: Buffer, wire: Buffer): Promise<Buffer> {
    const key = await subtle.importKey('raw', okm.subarray(0, keySize), { name: 'AES-GCM' }, false, ['decrypt']);
    const plain: Buffer[] = [];
    for (let at = 0, i = 0; at === 0 || at < wire.length; at += 65_552, i++) {
      const nonce = Buffer.from(okm.subarray(32, 44));
      if (at + 65_552 >= wire.length) nonce.writeUInt8(nonce.readUInt8(7) ^ 1, 7);
      nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ i) >>> 0, 8);
      const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: aad, tagLength: 128 };
      plain.push(Buffer.from(await subtle.decrypt(algorithm, key, wire.subarray(at, at + 65_552))));
    }
    return Buffer.concat(plain);
  }

  return {
    /** Keys of a handshake whose ephemeral private key is given; throws when a signature or fin is wrong. */
    async handshake(ch: string, answer: string, privateJwk: unknown) {
      const { hello, stmt, fin } = JSON.parse(answer);
      const body = (jws: string, part: number) => JSON.parse(un64(jws.split('.')[part] ?? '').toString());
      const certified = body(stmt, 1).keys[0].jwk;
      if (!(await jwsHolds(stmt, body(stmt, 0).jwk)) || !(await jwsHolds(hello, certified)))
        throw new Error('signature');
      const ecdh = { name: 'ECDH', namedCurve: 'P-521' };
      const peer = un64(body(hello, 1).epk);
      const jwk = {
        kty: 'EC',
        crv: 'P-521',
        x: peer.subarray(1, 67).toString('base64url'),
        y: peer.subarray(67).toString('base64url'),
      };
      const share = await subtle.importKey('jwk', jwk, ecdh, true, []);
      const own = await subtle.importKey('jwk', privateJwk, ecdh, false, ['deriveBits']);
      const z = Buffer.from(await subtle.deriveBits({ name: 'ECDH', public: share }, own, 528));
      const parts = [ch, hello, stmt].flatMap((text) => [big(text.length, 4), ascii(text)]);
      const th = Buffer.from(await subtle.digest('SHA-512', Buffer.concat([label('transcript'), ...parts])));
      const prk = await hmac(th, z);
      const key = (word: string) => expand(prk, Buffer.concat([label(word), th]), 64);
      const proof = (await hmac(await key('s fin'), th)).subarray(0, 32);
      if (!proof.equals(un64(fin))) throw new Error('fin');
      const [c2s, s2c] = [await key('c2s'), await key('s2c')];
      return { z: hexOf(z), th: hexOf(th), prk: hexOf(prk), c2s: hexOf(c2s), s2c: hexOf(s2c) };
    },

    /** Head and body of a message; `rsalt` is the request's salt for a response. */
    async message(
      session: { sid: string; c2s: string; s2c: string },
      keySize: number,
      sealed: string,
      rsalt = '00'.repeat(32),
    ) {
      const octets = un64(sealed);
      const header = octets.subarray(0, 96);
      const secret = unhex(header[4] === 1 ? session.c2s : session.s2c);
      const info = [label('msg'), header.subarray(4, 5), header.subarray(8, 64), unhex(rsalt)];
      const okm = await expand(secret, Buffer.concat(info), 76);
      if (!okm.subarray(44).equals(header.subarray(64))) throw new Error('commit');
      const plain = await records(okm, keySize, header, octets.subarray(96));
      const end = 4 + plain.readUInt32BE(0);
      return { head: JSON.parse(plain.subarray(4, end).toString()), body: plain.subarray(end) };
    },

    /** Plaintext of a stored object. */
    async object(dek: string, fax: string, name: string, sealed: string): Promise<Buffer> {
      const octets = un64(sealed);
      const header = octets.subarray(0, 72);
      const where = Buffer.concat([big(fax.length, 2), ascii(fax), big(name.length, 2), ascii(name)]);
      const prk = await hmac(header.subarray(8, 40), unhex(dek));
      const okm = await expand(prk, Buffer.concat([label('object'), Uint8Array.of(1), where]), 76);
      if (!okm.subarray(44).equals(header.subarray(40))) throw new Error('commit');
      return records(okm, 32, Buffer.concat([header, where]), octets.subarray(72));
    },
  };
}

const hexOf = (buffer: Buffer) => buffer.toString('hex');
