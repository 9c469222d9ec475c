import type { Carrier } from '../../api/client/index.ts';
import type { Command } from './command.ts';
import { REASON, reasonOf } from './reason.ts';
import { columns } from './text.ts';

/** `sealfax carrier …`: for administrators. */
export const carrierCommands: Readonly<Record<string, Command>> = {
  'carrier list': {
    summary: 'carriers: calls, waiting faxes, limits and pauses',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const all = await (await context.admin()).carriers();
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(['carrier', 'calls', 'waiting', 'calls/s', 'state'], all.map(carrierRow))}\n`);
      return 'ok';
    },
  },
  'carrier pause': {
    summary: 'no new calls over a carrier for now; live ones go on, faxes wait',
    usage: 'CARRIER --reason TEXT',
    words: [1, 1],
    options: { reason: REASON },
    async run(context, args) {
      const paused = await (await context.admin()).pauseCarrier(args.words[0] ?? '', reasonOf(args));
      context.show(paused, carrierRow(paused).join('  '));
      return 'ok';
    },
  },
  'carrier resume': {
    summary: 'end the pause of a carrier',
    usage: 'CARRIER',
    words: [1, 1],
    options: {},
    async run(context, { words: [name = ''] }) {
      const resumed = await (await context.admin()).resumeCarrier(name);
      context.show(resumed, carrierRow(resumed).join('  '));
      return 'ok';
    },
  },
};

function carrierRow({ name, calls, waiting, maxCalls, callsPerSecond, paused }: Carrier): string[] {
  const state = paused === null ? 'open' : `paused: ${paused.reason}`;
  return [name, `${calls} of ${maxCalls ?? '∞'}`, String(waiting), String(callsPerSecond ?? '∞'), state];
}
