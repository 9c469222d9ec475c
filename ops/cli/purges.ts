import type { CarrierPurge } from '../../api/client/index.ts';
import type { Command } from './command.ts';
import { clean, columns, moment } from './text.ts';

/** `sealfax purges`, `sealfax purges retry`: for administrators. */
export const purgeCommands: Readonly<Record<string, Command>> = {
  purges: {
    summary: 'copies of faxes that carriers keep still',
    usage: '[--carrier CARRIER] [--all] [--limit N]',
    words: [0, 0],
    options: {
      carrier: { type: 'string', value: 'CARRIER', about: 'of one carrier' },
      all: { type: 'boolean', about: 'those that are gone as well' },
      limit: { type: 'string', value: 'N', about: 'at most so many, the newest first (50)' },
    },
    async run(context, args) {
      const admin = await context.admin();
      const carrier = args.text('carrier');
      const filter = { ...(carrier === undefined ? {} : { carrier }), ...(args.flag('all') ? { all: true } : {}) };
      const { items } = await admin.purges({ ...filter, limit: args.number('limit', 1, 500) ?? 50 });
      if (context.json) for (const one of items) context.show(one, '');
      else context.io.out(`${columns(HEAD, items.map(rowOf))}\n`);
      return 'ok';
    },
  },
  'purges retry': {
    summary: 'have a carrier erase its copy now, and again for a week',
    usage: 'CALL',
    words: [1, 1],
    options: {},
    async run(context, { words: [call = ''] }) {
      const purge = await (await context.admin()).retryPurge(call);
      context.show(purge, columns(HEAD, [rowOf(purge)]));
      return 'ok';
    },
  },
};

const HEAD = ['call', 'carrier', 'copy', 'tries', 'since', 'next try', 'the carrier says'];

function rowOf(one: CarrierPurge): string[] {
  const { call, carrier, outcome, tries, since, nextAt, detail } = one;
  const next = nextAt === null ? 'none' : moment(nextAt);
  return [call, clean(carrier), outcome, String(tries), moment(since), next, clean(detail ?? '')];
}
