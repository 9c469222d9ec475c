// A whole gateway in a process of its own, which hands every key that it makes or derives to its test at once. The
// gateway is the real one: two of its folders are reached through modules that tell, and so do WebCrypto and the key
// handles of OpenSSL of what is imported into them.

import crypto from 'node:crypto';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { ACCOUNT, type GatewayFacts, USER } from './secrets.ts';
import { tell } from './tell.ts';

const WATCHED: Readonly<Record<string, string>> = {
  '/gateway/vault/index.ts': './watched-vault.ts',
  '/gateway/access/index.ts': './watched-access.ts',
};

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    if (!/\/ops\/[a-z-]+\.ts$/.test(context.parentURL ?? '')) return resolved;
    const found = Object.entries(WATCHED).find(([end]) => resolved.url.endsWith(end));
    return found === undefined ? resolved : { ...resolved, url: new URL(found[1], import.meta.url).href };
  },
});

/** Octets of a pseudorandom key of HKDF-SHA-512; HMAC keys of other lengths are salts, which are public. */
const PRK_SIZE = 64;

function watchWebCrypto(): void {
  const { subtle } = globalThis.crypto;
  const importKey = subtle.importKey.bind(subtle) as (...given: unknown[]) => Promise<unknown>;
  const deriveBits = subtle.deriveBits.bind(subtle);
  Object.defineProperty(subtle, 'importKey', {
    value: (format: unknown, key: unknown, algorithm: { readonly name?: string }, ...rest: unknown[]) => {
      const secret = algorithm.name === 'AES-GCM' || algorithm.name === 'HMAC';
      if (format === 'raw' && secret && key instanceof Uint8Array) {
        if (algorithm.name === 'AES-GCM' || key.length === PRK_SIZE) tell('derived', key);
      }
      return importKey(format, key, algorithm, ...rest);
    },
  });
  Object.defineProperty(subtle, 'deriveBits', {
    value: async (...given: Parameters<typeof deriveBits>) => {
      const bits = await deriveBits(...given);
      tell('derived', new Uint8Array(bits));
      return bits;
    },
  });
}

/** Of the AES keys that the gateway makes of octets, and of nothing else: Node itself makes its handles elsewhere. */
function watchSecretKeys(): void {
  const { createSecretKey } = crypto;
  Object.defineProperty(crypto, 'createSecretKey', {
    value: (key: Uint8Array) => {
      tell('derived', key);
      return createSecretKey(key);
    },
  });
  syncBuiltinESMExports();
}

watchWebCrypto();
watchSecretKeys();
const { startGateway } = await import('../../../ops/gateway.ts');
const { readConfig } = await import('../../../ops/config.ts');

const gateway = await startGateway(readConfig());
const admin = gateway.firstStart?.admin;
if (admin === undefined) throw new Error('the data directory is not new');
const facts: GatewayFacts = { admin, user: gateway.connection(ACCOUNT, USER) };
process.stdout.write(`${JSON.stringify(facts)}\n`);
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)));
