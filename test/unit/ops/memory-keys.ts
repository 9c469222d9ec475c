import type { KeyStore } from '../../../ops/keys/key-store.ts';

/** Lasting keys in memory, as processes of one gateway share them. */
export function memoryKeys(): KeyStore & { readonly rows: Map<string, Uint8Array> } {
  const rows = new Map<string, Uint8Array>();
  return {
    rows,
    read: async (name) => rows.get(name)?.slice(),
    async secret(name, make) {
      const known = rows.get(name);
      if (known !== undefined) return known.slice();
      const made = await make();
      if (!rows.has(name)) rows.set(name, made.slice());
      return rows.get(name)?.slice() ?? made;
    },
    async replace(name, bytes) {
      rows.set(name, bytes.slice());
      return bytes;
    },
  };
}
