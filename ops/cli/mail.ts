import type { Admin, Notices, NoticeTopic, OutboxMail } from '../../api/client/index.ts';
import { accountOf } from './account-lookup.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { clean, columns, moment } from './text.ts';

const TOPICS: readonly NoticeTopic[] = [
  'administrators',
  'audit',
  'backups',
  'budgets',
  'carriers',
  'destinations',
  'erasure',
];
const STATES: readonly OutboxMail['state'][] = ['waiting', 'sent', 'given_up'];

/** `sealfax mail …`: notices by mail, for administrators. */
export const mailCommands: Readonly<Record<string, Command>> = {
  mail: {
    summary: 'mails that wait, and those of the last 30 days that were sent or given up',
    usage: '[--state STATE] [--account ACCOUNT] [--limit N]',
    words: [0, 0],
    options: {
      state: { type: 'string', value: 'STATE', about: `one of ${STATES.join(', ')}` },
      account: { type: 'string', value: 'ACCOUNT', about: 'about this account alone' },
      limit: { type: 'string', value: 'N', about: 'at most so many, the newest first (50)' },
    },
    async run(context, args) {
      const admin = await context.admin();
      const [state, account] = [args.choice('state', STATES), args.text('account')];
      const { items, sends } = await admin.mail.outbox({
        ...(state === undefined ? {} : { state }),
        ...(account === undefined ? {} : { account: (await accountOf(admin, account)).id }),
        limit: args.number('limit', 1, 500) ?? 50,
      });
      if (context.json) for (const one of items) context.show(one, '');
      else context.io.out(`${sends ? '' : `${NO_SERVER}\n`}${columns(HEAD, items.map(rowOf))}\n`);
      return 'ok';
    },
  },
  'mail notices': {
    summary: 'where notices go and what of: yours, those of an account, or of another administrator',
    usage: '[--account ACCOUNT | --user ADMINISTRATOR] [--to ADDRESS…] [--topic TOPIC…] [--none]',
    words: [0, 0],
    options: {
      account: { type: 'string', value: 'ACCOUNT', about: 'of this account' },
      user: { type: 'string', value: 'ADMINISTRATOR', about: 'of this administrator; for owners' },
      to: { type: 'string', multiple: true, value: 'ADDRESS', about: 'they go there from now on; may be repeated' },
      topic: {
        type: 'string',
        multiple: true,
        value: 'TOPIC',
        about: `and also of ${TOPICS.join(', ')}; may be repeated`,
      },
      none: { type: 'boolean', about: 'no notices any more' },
    },
    more: 'Without --to, --topic and --none it shows them. With --to and without --topic the topics stay, and the other way around.',
    async run(context, args) {
      const admin = await context.admin();
      const of = await ownerOf(admin, args);
      const before = await of.read();
      const wish = wishOf(args, before);
      const now = wish === undefined ? before : await of.save(wish);
      context.show(now, noticesText(now));
      return 'ok';
    },
  },
  'mail try': {
    summary: 'send a message to see whether it arrives',
    usage: 'ADDRESS',
    words: [1, 1],
    options: {},
    async run(context, { words: [to = ''] }) {
      await (await context.admin()).mail.try(to);
      context.show({ to, queued: true }, 'it is in the outbox: sealfax mail');
      return 'ok';
    },
  },
};

const NO_SERVER = 'This gateway has no server for mails (SEALFAX_SMTP_URL): nothing is sent.';
const HEAD = ['written', 'about', 'to', 'state', 'tries', 'last error'];

function rowOf({ createdAt, kind, to, state, attempts, lastError }: OutboxMail): string[] {
  const said = lastError === null ? '' : clean(lastError);
  return [moment(createdAt), kind.replaceAll('_', ' '), clean(to), state.replace('_', ' '), String(attempts), said];
}

interface Owner {
  read(): Promise<Notices>;
  save(wish: Pick<Notices, 'addresses' | 'topics'>): Promise<Notices>;
}

/** @throws CliError usage, not_found */
async function ownerOf(admin: Admin, args: Arguments): Promise<Owner> {
  const { mail } = admin;
  const [account, user] = [args.text('account'), args.text('user')];
  if (account !== undefined && user !== undefined) throw new CliError('usage', '--account or --user, not both');
  if (account !== undefined) {
    return { read: () => mail.ofAccount(account), save: (wish) => mail.setOfAccount(account, wish) };
  }
  if (user === undefined) return { read: () => mail.mine(), save: (wish) => mail.setMine(wish) };
  const found = (await admin.administrators()).find(({ id, name }) => name === user || id === user);
  if (found === undefined) throw new CliError('not_found', `there is no administrator ${user}`);
  return { read: () => mail.of(found.id), save: (wish) => mail.setOf(found.id, wish) };
}

/** Undefined: nothing is to be changed. @throws CliError usage */
function wishOf(args: Arguments, before: Notices): Pick<Notices, 'addresses' | 'topics'> | undefined {
  const [to, topics] = [args.all('to'), args.all('topic')];
  if (args.flag('none')) {
    if (to.length + topics.length > 0) throw new CliError('usage', '--none alone');
    return { addresses: [], topics: [] };
  }
  if (to.length + topics.length === 0) return undefined;
  const wrong = topics.find((topic) => !(TOPICS as readonly string[]).includes(topic));
  if (wrong !== undefined) throw new CliError('usage', `--topic is one of ${TOPICS.join(', ')}`);
  return {
    addresses: to.length === 0 ? before.addresses : [...to],
    topics: topics.length === 0 ? before.topics : TOPICS.filter((topic) => topics.includes(topic)),
  };
}

function noticesText({ addresses, topics, sends }: Notices): string {
  const lines = [
    addresses.length === 0 ? 'no notices are sent' : `to ${addresses.map(clean).join(', ')}`,
    ...(topics.length === 0 ? [] : [`also of ${topics.join(', ')}`]),
    ...(sends ? [] : [NO_SERVER]),
  ];
  return lines.join('\n');
}

/** For the commands of reports, which name readers likewise. @throws CliError not_found */
export async function readerIds(context: Context, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const all = await (await context.admin()).administrators();
  return names.map((name) => {
    const found = all.find((one) => one.name === name || one.id === name);
    if (found === undefined) throw new CliError('not_found', `there is no administrator ${name}`);
    return found.id;
  });
}
