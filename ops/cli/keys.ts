import type { GatewayKey, RotatedKey } from '../../api/client/index.ts';
import type { Command } from './command.ts';
import { CliError } from './exit-status.ts';
import { writeNewFile } from './new-file.ts';
import { columns, moment } from './text.ts';

const ROTATED: readonly RotatedKey[] = ['handshake', 'receipt', 'webhook', 'next-root', 'root'];

/** `sealfax keys …`: for administrators; docs/operations/key-ceremony.md says when. */
export const keyCommands: Readonly<Record<string, Command>> = {
  'keys list': {
    summary: 'the keys of the gateway, their ages, and what each signs',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const keys = await (await context.admin()).keys();
      if (context.json) for (const one of keys) context.show(one, '');
      else context.io.out(`${table(keys)}\n`);
      return 'ok';
    },
  },
  'keys rotate': {
    summary: 'another key in the place of one; sessions go on, what the old one signed stays valid',
    usage: ROTATED.join('|'),
    words: [1, 1],
    options: {},
    more: '"next-root" makes and announces another root, "root" lets it take over. Only owners rotate keys.',
    async run(context, { words: [word] }) {
      const key = ROTATED.find((one) => one === word);
      if (key === undefined) throw new CliError('usage', `a key is one of ${ROTATED.join(', ')}`);
      const keys = await (await context.admin()).rotateKey(key);
      if (context.json) for (const one of keys) context.show(one, '');
      else context.io.out(`${table(keys.filter(({ state }) => state !== 'retired'))}\n`);
      return 'ok';
    },
  },
  'keys statement': {
    summary: 'the public keys of the gateway, signed by its root, as a file for auditors and customers',
    usage: '[--out FILE]',
    words: [0, 0],
    options: { out: { type: 'string', value: 'FILE', about: 'a new file; standard output when left out' } },
    more: '`sealfax verify statement FILE --pin PIN` checks it anywhere, without the gateway.',
    async run(context, args) {
      const file = `${JSON.stringify(await (await context.admin()).keyStatement(), null, 2)}\n`;
      const out = args.text('out');
      if (out === undefined) context.io.out(file);
      else await writeNewFile(out, octets(file));
      return 'ok';
    },
  },
};

function table(keys: readonly GatewayKey[]): string {
  const rows = keys.map(({ use, kid, state, since, until, about }) => {
    return [use, kid ?? '–', state, since === null ? '–' : moment(since), until === null ? '–' : moment(until), about];
  });
  return columns(['key', 'id', 'state', 'since', 'until', 'what it does'], rows);
}

async function* octets(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
