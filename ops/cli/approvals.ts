import type { Admin, Destination, DestinationLook, WaitingDestination } from '../../api/client/index.ts';
import { accountOf } from './account-lookup.ts';
import type { Command } from './command.ts';
import type { Context } from './context.ts';
import { columns, moment, pairs } from './text.ts';

/** `sealfax destination list|check|approve|deny|reset`: for administrators. */
export const approvalCommands: Readonly<Record<string, Command>> = {
  'destination list': {
    summary: 'countries that an account may call; without ACCOUNT, those that held faxes wait for',
    usage: '[ACCOUNT]',
    words: [0, 1],
    options: {},
    async run(context, { words: [account] }) {
      const admin = await context.admin();
      if (account === undefined) return listWaiting(context, admin);
      const all = await admin.destinations((await accountOf(admin, account)).id);
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(['country', 'state', 'held', 'until', 'decided'], all.map(placeRow))}\n`);
      return 'ok';
    },
  },
  'destination check': {
    summary: 'where a number is, what it is, and whether it may be called, at all or by an account',
    usage: 'NUMBER [ACCOUNT]',
    words: [1, 2],
    options: {},
    async run(context, { words: [number = '', account] }) {
      const admin = await context.admin();
      const id = account === undefined ? undefined : (await accountOf(admin, account)).id;
      const look = await admin.lookAtDestination(number, id);
      context.show(look, lookText(look));
      return 'ok';
    },
  },
  'destination approve': {
    summary: 'let an account call a country; its held faxes go on',
    usage: 'ACCOUNT COUNTRY',
    words: [2, 2],
    options: {},
    run: (context, { words: [account, country] }) =>
      decide(context, account, (admin, id) => admin.decideDestination(id, country ?? '', 'approved')),
  },
  'destination deny': {
    summary: 'let an account not call a country; its held faxes fail, further ones are refused',
    usage: 'ACCOUNT COUNTRY',
    words: [2, 2],
    options: {},
    run: (context, { words: [account, country] }) =>
      decide(context, account, (admin, id) => admin.decideDestination(id, country ?? '', 'denied')),
  },
  'destination reset': {
    summary: 'take back what was decided about a country: the next faxes wait again',
    usage: 'ACCOUNT COUNTRY',
    words: [2, 2],
    options: {},
    run: (context, { words: [account, country] }) =>
      decide(context, account, (admin, id) => admin.resetDestination(id, country ?? '')),
  },
};

async function decide(
  context: Context,
  account: string | undefined,
  act: (admin: Admin, account: string) => Promise<Destination>,
): Promise<'ok'> {
  const admin = await context.admin();
  const now = await act(admin, (await accountOf(admin, account)).id);
  context.show(now, placeRow(now).slice(0, 2).join('  '));
  return 'ok';
}

async function listWaiting(context: Context, admin: Admin): Promise<'ok'> {
  const [waiting, accounts] = await Promise.all([admin.waitingDestinations(), admin.accounts()]);
  const nameOf = (id: string) => accounts.find((one) => one.id === id)?.name ?? id;
  const row = ({ account, place, faxes, since, until }: WaitingDestination) => [
    nameOf(account),
    place,
    String(faxes),
    moment(since),
    moment(until),
  ];
  if (context.json) for (const one of waiting) context.show(one, '');
  else context.io.out(`${columns(['account', 'country', 'held', 'since', 'until'], waiting.map(row))}\n`);
  return 'ok';
}

function placeRow({ place, state, waiting, until, decided }: Destination): string[] {
  const when = decided === null ? '' : `${moment(decided.at)} ${decided.by}`;
  return [place, state, String(waiting), until === null ? '–' : moment(until), when];
}

function lookText({ number, place, class: kind, line, refusal, held }: DestinationLook): string {
  const taken = held === true ? 'taken, and held until its country is approved' : 'taken';
  return pairs({
    number,
    country: place,
    kind: kind ?? 'ordinary',
    line,
    'a fax is': refusal === null ? taken : `refused: ${refusal.sentence} (${refusal.reason})`,
  });
}
