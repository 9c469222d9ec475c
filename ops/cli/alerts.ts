import type { Command } from './command.ts';
import { clean, columns, moment } from './text.ts';

/** `sealfax alerts`: for administrators, and for whatever watches the gateway. */
export const alertCommands: Readonly<Record<string, Command>> = {
  alerts: {
    summary: 'what waits for a person, and what to do about it',
    usage: '',
    words: [0, 0],
    options: {},
    more: 'Nothing is printed when nothing waits. With --json one object a line; `level` is fault or warning.',
    async run(context) {
      const alerts = await (await context.admin()).alerts();
      if (context.json) {
        for (const one of alerts) context.show(one, '');
        return 'ok';
      }
      const rows = alerts.map(({ level, title, since, advice }) => [
        ...[level, since === null ? '–' : moment(since), clean(title), clean(advice)],
      ]);
      if (rows.length > 0) context.io.out(`${columns(['level', 'since', 'what', 'what to do'], rows)}\n`);
      return 'ok';
    },
  },
};
