import type { Account, Admin, CarrierNumber, FaxNumber, HeldNumber } from '../../api/client/index.ts';
import { accountOf } from './account-lookup.ts';
import type { Arguments, Command, Option } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { defined } from './send.ts';
import { clean, columns } from './text.ts';

const LABEL: Option = { type: 'string', value: 'TEXT', about: 'what it is for' };
const SUBADDRESS: Option = {
  type: 'string',
  value: 'DIGITS',
  about: 'a subaddress (T.30 SUB) of the number, which accounts may share, instead of the number itself',
};
/** Numbers that are read in one go. */
const AT_ONCE = 500;

/** `sealfax number …`: for administrators, and for accounts that look at their own. */
export const numberCommands: Readonly<Record<string, Command>> = {
  'number list': {
    summary: 'fax numbers: of the account itself; for administrators of any account, or with --all of all',
    usage: '[ACCOUNT | --all]',
    words: [0, 1],
    options: { all: { type: 'boolean', about: 'those of all accounts, with their subaddresses' } },
    async run(context, args) {
      if (args.flag('all')) return listAll(context);
      const numbers = await numbersOf(context, args.words[0]);
      if (context.json) for (const one of numbers) context.show(one, '');
      else context.io.out(`${columns(['number', 'subaddress', 'label'], numbers.map(numberRow))}\n`);
      return 'ok';
    },
  },
  'number add': {
    summary: 'give a fax number, or a subaddress of one, to an account',
    usage: 'ACCOUNT NUMBER [--subaddress DIGITS] [--label TEXT]',
    words: [2, 2],
    options: { subaddress: SUBADDRESS, label: LABEL },
    async run(context, args) {
      const admin = await context.admin();
      const { id } = await accountOf(admin, args.words[0]);
      const added = await give(admin, id, args);
      context.show(added, [added.number, added.subaddress ?? ''].join('  ').trimEnd());
      return 'ok';
    },
  },
  'number remove': {
    summary: 'take a fax number, or a subaddress of one, from an account',
    usage: 'ACCOUNT NUMBER [--subaddress DIGITS]',
    words: [2, 2],
    options: { subaddress: SUBADDRESS },
    async run(context, args) {
      const admin = await context.admin();
      const [name, number = ''] = args.words;
      const { id } = await accountOf(admin, name);
      const subaddress = args.text('subaddress');
      if (subaddress === undefined) await admin.removeNumber(id, number);
      else await takeSubaddress(admin, id, number, subaddress);
      const removed = [number, subaddress ?? ''].join('  ').trimEnd();
      context.show({ removed: number, ...defined({ subaddress }) }, `${removed} removed`);
      return 'ok';
    },
  },
  'number subaddresses': {
    summary: 'whether a number receives by itself (`shared`), or by its subaddresses alone (`only`)',
    usage: 'NUMBER shared|only',
    words: [2, 2],
    options: {},
    async run(context, { words: [number = '', rule] }) {
      if (rule !== 'shared' && rule !== 'only') throw new CliError('usage', 'write shared or only');
      const held = await (await context.admin()).setSubaddressOnly(number, rule === 'only');
      context.show(held, `${held.number}  ${ruleText(held)}`);
      return 'ok';
    },
  },
  'number import': {
    summary: 'numbers that a carrier says we have; with --account, those that nobody has become its own',
    usage: 'CARRIER [--account ACCOUNT] [--number NUMBER…]',
    words: [1, 1],
    options: {
      account: { type: 'string', value: 'ACCOUNT', about: 'who gets them; without it nothing is changed' },
      number: { type: 'string', multiple: true, value: 'NUMBER', about: 'only this one; may be repeated' },
    },
    more: 'A number that an account has already stays with it; take it from there first (number remove).',
    async run(context, args) {
      const admin = await context.admin();
      const [carrier = ''] = args.words;
      const account = args.text('account');
      return account === undefined
        ? listAt(context, admin, carrier)
        : bring(context, admin, carrier, await accountOf(admin, account), args.all('number'));
    },
  },
};

async function numbersOf(context: Context, account: string | undefined): Promise<FaxNumber[]> {
  if (account === undefined) return (await context.client()).numbers();
  const admin = await context.admin();
  return admin.numbers((await accountOf(admin, account)).id);
}

function give(admin: Admin, account: string, args: Arguments): Promise<FaxNumber> {
  const number = args.words[1] ?? '';
  const label = defined({ label: args.text('label') });
  const subaddress = args.text('subaddress');
  return subaddress === undefined
    ? admin.addNumber(account, { number, ...label })
    : admin.addSubaddress(number, subaddress, { account, ...label });
}

/** Only what is the account's own is taken: a slip of the pen is not another account's loss. */
async function takeSubaddress(admin: Admin, account: string, number: string, subaddress: string): Promise<void> {
  const own = await admin.numbers(account);
  const digits = (text: string) => text.replace(/[^0-9]/g, '');
  const found = own.some((one) => one.subaddress === digits(subaddress) && digits(one.number) === digits(number));
  if (!found) throw new CliError('not_found', 'the account has no such subaddress of this number');
  await admin.removeSubaddress(number, subaddress);
}

async function listAll(context: Context): Promise<'ok'> {
  const admin = await context.admin();
  const names = new Map((await admin.accounts()).map(({ id, name }) => [id, name]));
  const rows: string[][] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await admin.allNumbers({ limit: AT_ONCE, ...defined({ after }) });
    if (context.json) for (const one of page.items) context.show(one, '');
    rows.push(...page.items.flatMap((held) => heldRows(held, names)));
    after = page.next;
  }
  if (!context.json) context.io.out(`${columns(['number', 'subaddress', 'account', 'label'], rows)}\n`);
  return 'ok';
}

async function listAt(context: Context, admin: Admin, carrier: string): Promise<'ok'> {
  const numbers = await admin.carrierNumbers(carrier);
  const names = new Map((await admin.accounts()).map(({ id, name }) => [id, name]));
  if (context.json) for (const one of numbers) context.show(one, '');
  else {
    const rows = numbers.map((one) => carrierRow(one, names));
    context.io.out(`${columns(['number', 'account', 'label'], rows)}\n`);
  }
  return 'ok';
}

async function bring(
  context: Context,
  admin: Admin,
  carrier: string,
  account: Account,
  numbers: readonly string[],
): Promise<'ok'> {
  const chosen = numbers.length === 0 ? {} : { numbers: [...numbers] };
  const { added, kept } = await admin.importNumbers(carrier, { account: account.id, ...chosen });
  const lines = [
    ...added.map(({ number }) => `${number}  ${account.name}`),
    `${added.length} added, ${kept.length} stay as they are`,
  ];
  context.show({ added, kept }, lines.join('\n'));
  return 'ok';
}

function numberRow({ number, subaddress, label }: FaxNumber): string[] {
  return [number, subaddress ?? '', clean(label)];
}

function heldRows(held: HeldNumber, names: ReadonlyMap<string, string>): string[][] {
  const { number, account, label, subaddresses } = held;
  const owner = [number, ruleText(held), names.get(account) ?? account, clean(label)];
  const others = subaddresses.map((one) => [
    ...['', one.subaddress],
    ...[names.get(one.account) ?? one.account, clean(one.label)],
  ]);
  return [owner, ...others];
}

function ruleText({ subaddressOnly }: HeldNumber): string {
  return subaddressOnly ? 'refused without' : 'any';
}

function carrierRow({ number, label, account }: CarrierNumber, names: ReadonlyMap<string, string>): string[] {
  return [number, account === null ? 'nobody' : (names.get(account) ?? account), clean(label)];
}
