import { accountOf } from './account-lookup.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import type { ExitName } from './exit-status.ts';
import { writeNewFile } from './new-file.ts';
import { defined } from './send.ts';
import { columns, moment } from './text.ts';

/** `sealfax audit`: for administrators. */
export const audit: Command = {
  summary: 'the audit log, newest first, or all of it as a file that can be verified',
  usage: '[ACCOUNT] [--limit N] | --export FILE [--since TIME] [--until TIME]',
  words: [0, 1],
  options: {
    limit: { type: 'string', value: 'N', about: 'at most so many; 100 when left out' },
    export: {
      type: 'string',
      value: 'FILE',
      about: 'write it with its chain and signed heads; "-" is standard output',
    },
    since: { type: 'string', value: 'TIME', about: 'export: from the signed head before it' },
    until: { type: 'string', value: 'TIME', about: 'export: to the signed head after it' },
  },
  more: 'The file holds everything of all accounts; `sealfax verify audit FILE` checks it anywhere, without the gateway.',
  async run(context, args) {
    const file = args.text('export');
    return file === undefined ? show(context, args) : write(context, args, file);
  },
};

async function show(context: Context, args: Arguments): Promise<ExitName> {
  const admin = await context.admin();
  const [name] = args.words;
  const account = name === undefined ? undefined : (await accountOf(admin, name)).id;
  const { items: entries } = await admin.audit(defined({ account, limit: args.number('limit', 1, 500) }));
  if (context.json) for (const one of entries) context.show(one, '');
  else {
    const rows = entries.map(({ at, actor, address, action, object }) => [
      moment(at),
      actor,
      address ?? '–',
      action,
      object ?? '',
    ]);
    context.io.out(`${columns(['time', 'who', 'from', 'did', 'to'], rows)}\n`);
  }
  return 'ok';
}

async function write(context: Context, args: Arguments, file: string): Promise<ExitName> {
  const admin = await context.admin();
  const lines = admin.auditExport(defined({ since: args.text('since'), until: args.text('until') }));
  if (file !== '-') await writeNewFile(file, lines);
  else for await (const chunk of lines) await context.io.bytes(chunk);
  return 'ok';
}
