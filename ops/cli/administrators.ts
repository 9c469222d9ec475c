import type { Account, Admin, Role, User } from '../../api/client/index.ts';
import { accountOf } from './account-lookup.ts';
import type { Arguments, Command, Option } from './command.ts';
import { CliError } from './exit-status.ts';
import { newPassword } from './password.ts';
import { columns } from './text.ts';

const ROLES: readonly Role[] = ['auditor', 'operator', 'admin', 'owner'];
const ROLE: Option = {
  type: 'string',
  value: 'ROLE',
  about: 'auditor (looks), operator (the day’s work), admin (accounts and users) or owner (administrators too)',
};
const ACCOUNT: Option = { type: 'string', value: 'ACCOUNT', about: 'for this account alone; for all when left out' };
const CIDR: Option = {
  type: 'string',
  multiple: true,
  value: 'RANGE',
  about: 'only from this CIDR range; may be repeated; from anywhere when left out',
};

/** `sealfax admin user …`: administrators and their roles, for owners. */
export const administratorCommands: Readonly<Record<string, Command>> = {
  'admin user list': {
    summary: 'the administrators, their roles, and the account of those who are for one',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const admin = await context.admin();
      const all = await admin.administrators();
      if (context.json) for (const one of all) context.show(one, '');
      else {
        const accounts = await admin.accounts();
        const rows = all.map((one) => administratorRow(one, accounts));
        context.io.out(`${columns(['user', 'id', 'role', 'for', 'state', 'from'], rows)}\n`);
      }
      return 'ok';
    },
  },
  'admin user add': {
    summary: 'a new administrator; the password is asked for on the terminal or read from standard input',
    usage: 'USER --role ROLE [--account ACCOUNT] [--cidr RANGE…]',
    words: [1, 1],
    options: { role: ROLE, account: ACCOUNT, cidr: CIDR },
    async run(context, args) {
      const role = roleOf(args);
      const admin = await context.admin();
      const wish = { name: args.words[0] ?? '', role, scope: args.text('account') ?? null, cidrs: args.all('cidr') };
      const made = await admin.createAdministrator({ ...wish, password: await newPassword(context) });
      context.show(made, `${made.name} ${made.id} ${made.role}`);
      return 'ok';
    },
  },
  'admin user role': {
    summary: 'another role, for all accounts or for one; ends the user’s sessions',
    usage: 'USER --role ROLE [--account ACCOUNT]',
    words: [1, 1],
    options: { role: ROLE, account: ACCOUNT },
    async run(context, args) {
      const role = roleOf(args);
      const admin = await context.admin();
      const { id } = await administratorOf(admin, args.words[0]);
      const account = args.text('account');
      const scope = account === undefined ? null : (await accountOf(admin, account)).id;
      const changed = await admin.changeUser(id, { role, scope });
      context.show(changed, `${changed.name} ${changed.role} ${account ?? 'all accounts'}`);
      return 'ok';
    },
  },
  'admin user disable': switching('end an administrator’s sessions and refuse log-ins', true),
  'admin user enable': switching('allow an administrator to log in again', false),
};

function switching(summary: string, disabled: boolean): Command {
  return {
    summary,
    usage: 'USER',
    words: [1, 1],
    options: {},
    async run(context, { words: [name] }) {
      const admin = await context.admin();
      const changed = await admin.changeUser((await administratorOf(admin, name)).id, { disabled });
      context.show(changed, `${changed.name} ${changed.disabled ? 'disabled' : 'enabled'}`);
      return 'ok';
    },
  };
}

/** @throws CliError usage */
function roleOf(args: Arguments): Role {
  const role = args.choice('role', ROLES);
  if (role === undefined) throw new CliError('usage', `--role is one of ${ROLES.join(', ')}`);
  return role;
}

/** By name or id. @throws CliError not_found */
export async function administratorOf(admin: Admin, name: string | undefined): Promise<User> {
  const found = (await admin.administrators()).find((one) => one.name === name || one.id === name);
  if (found === undefined) throw new CliError('not_found', `there is no administrator ${name}`);
  return found;
}

function administratorRow(
  { name, id, role, scope, disabled, totp, cidrs }: User,
  accounts: readonly Account[],
): string[] {
  const account = scope === null ? 'all' : (accounts.find((one) => one.id === scope)?.name ?? scope);
  const state = `${disabled ? 'disabled' : 'enabled'}${totp ? ', with a code' : ''}`;
  return [name, id, role ?? '', account, state, cidrs.length === 0 ? 'anywhere' : cidrs.join(' ')];
}
