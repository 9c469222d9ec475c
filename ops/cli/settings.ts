import type { Command } from './command.ts';
import { clean, columns } from './text.ts';

/** `sealfax settings`: for administrators. */
export const settingCommands: Readonly<Record<string, Command>> = {
  settings: {
    summary: 'the settings of the gateway that answers, and where they were found; without secrets',
    usage: '[--given]',
    words: [0, 0],
    options: { given: { type: 'boolean', about: 'only those that somebody has given' } },
    async run(context, args) {
      const all = await (await context.admin()).settings();
      const settings = args.flag('given') ? all.filter(({ from }) => from !== 'default') : all;
      const rows = settings.map(({ variable, value, from }) => [
        ...[variable, from.replace('_', ' '), value === null ? 'is set, and not shown' : clean(value)],
      ]);
      if (context.json) for (const one of settings) context.show(one, '');
      else context.io.out(`${columns(['variable', 'from', 'value'], rows)}\n`);
      return 'ok';
    },
  },
};
