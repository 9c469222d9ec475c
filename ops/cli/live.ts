import type { Live, LiveCall } from '../../api/client/index.ts';
import type { Command } from './command.ts';
import { clean, columns, pagesText } from './text.ts';

const HEAD = ['fax', 'state', 'pages', 'from', 'to', 'carrier', 'line'];

/** `sealfax live`: for administrators. */
export const live: Command = {
  summary: 'calls in progress, page by page, and what waits behind them',
  usage: '[--follow]',
  words: [0, 0],
  options: {
    account: { type: 'string', value: 'ID', about: 'of this account alone' },
    follow: { type: 'boolean', short: 'f', about: 'again whenever something has changed, until it is interrupted' },
  },
  async run(context, args) {
    const admin = await context.admin();
    const account = args.text('account');
    const query = account === undefined ? {} : { account };
    const show = (now: Live) => context.show(now, liveText(now));
    if (!args.flag('follow')) {
      show(await admin.live(query));
      return 'ok';
    }
    for await (const now of admin.watchLive(query, context.signal)) show(now);
    return 'ok';
  },
};

/** What is going on in a few lines. */
function liveText({ at, calls, liveCalls, faxes }: Live): string {
  const waiting = Object.entries(faxes).map(([state, count]) => `${count} ${state}`);
  const head = `${at}  ${liveCalls} in a call${waiting.length === 0 ? '' : `, of all: ${waiting.join(', ')}`}`;
  return calls.length === 0 ? head : `${head}\n${columns(HEAD, calls.map(callRow))}`;
}

function callRow({ fax, state, pages, pagesConfirmed, from, to, carrier, line, cancelAsked }: LiveCall): string[] {
  const speed = line === null ? '–' : `${line.modulation} ${line.rate}`;
  const doing = cancelAsked ? `${state}, is being ended` : state;
  return [fax, doing, pagesText(pagesConfirmed, pages), clean(from ?? '–'), clean(to), carrier, speed];
}
