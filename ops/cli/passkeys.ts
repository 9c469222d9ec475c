import type { Passkey } from '../../api/client/index.ts';
import { administratorOf } from './administrators.ts';
import type { Command } from './command.ts';
import { clean, columns } from './text.ts';

/** `sealfax admin passkey …`: passkeys of administrators, for owners. They are made in the console. */
export const passkeyCommands: Readonly<Record<string, Command>> = {
  'admin passkey list': {
    summary: 'the passkeys of an administrator',
    usage: 'USER',
    words: [1, 1],
    options: {},
    async run(context, { words: [name] }) {
      const admin = await context.admin();
      const all = await admin.passkeysOf((await administratorOf(admin, name)).id);
      if (context.json) for (const one of all) context.show(one, '');
      else
        context.io.out(`${columns(['passkey', 'name', 'for', 'kept', 'added', 'last used'], all.map(passkeyRow))}\n`);
      return 'ok';
    },
  },
  'admin passkey remove': {
    summary: 'a passkey that is lost or stolen opens nothing any more; sessions that were opened with it end',
    usage: 'USER PASSKEY',
    words: [2, 2],
    options: {},
    async run(context, { words: [name, passkey = ''] }) {
      const admin = await context.admin();
      await admin.removePasskeyOf((await administratorOf(admin, name)).id, passkey);
      context.show({ passkey, removed: true }, `${passkey} is removed`);
      return 'ok';
    },
  },
};

function passkeyRow({ id, name, host, synced, createdAt, usedAt }: Passkey): string[] {
  return [id, clean(name), host, synced ? 'copied' : 'one device', createdAt, usedAt ?? 'never'];
}
