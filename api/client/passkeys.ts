import type { Channel } from './channel.ts';
import { segment } from './query.ts';
import type { NewPasskey, Passkey, PasskeyOptions } from './types.ts';

/** The passkeys of the administrator who is logged in. */
export interface OwnPasskeys {
  /** What a browser needs to answer with one in this session; good for five minutes. */
  options(): Promise<PasskeyOptions>;
  /** What a browser needs to make one; the gateway asks first who is there. */
  begin(): Promise<PasskeyOptions>;
  /** The oldest first. */
  list(): Promise<Passkey[]>;
  /** From now on it opens the gateway without password and code. */
  add(passkey: NewPasskey): Promise<Passkey>;
  rename(id: string, name: string): Promise<Passkey>;
  /** Sessions that were opened with it end, this one included. */
  remove(id: string): Promise<void>;
}

/** @see OwnPasskeys */
export function createOwnPasskeys(channel: Channel): OwnPasskeys {
  const at = '/v1/admin/me/passkeys';
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  return {
    options: async () => (await read(`${at}/options`)) as PasskeyOptions,
    begin: async () => (await channel.json({ method: 'POST', path: `${at}/options` })) as PasskeyOptions,
    list: async () => ((await read(at)) as { items: Passkey[] }).items,
    add: async (passkey) => (await channel.json({ method: 'POST', path: at }, passkey)) as Passkey,
    rename: async (id, name) =>
      (await channel.json({ method: 'PATCH', path: `${at}/${segment(id)}` }, { name })) as Passkey,
    async remove(id) {
      await channel.json({ method: 'DELETE', path: `${at}/${segment(id)}` });
    },
  };
}
