import { readFileSync } from 'node:fs';
import type { Account, Admin, Policy, Scope, User } from '../../api/client/index.ts';
import { accountOf } from './account-lookup.ts';
import type { Arguments, Command, Option } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { newPassword } from './password.ts';
import { REASON, reasonOf } from './reason.ts';
import { defined } from './send.ts';
import { columns, moment } from './text.ts';

const CIDR: Option = {
  type: 'string',
  multiple: true,
  value: 'RANGE',
  about: 'only from this CIDR range; may be repeated; from anywhere when left out',
};
const POLICY: Option = {
  type: 'string',
  multiple: true,
  value: 'NAME=VALUE',
  about: 'policy, such as retries=5 or imageLife=call; may be repeated',
};

/** `sealfax account …`, `cidr …`: for administrators. */
export const accountCommands: Readonly<Record<string, Command>> = {
  'account list': {
    summary: 'all accounts',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const all = await (await context.admin()).accounts();
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(['account', 'id', 'state', 'title', 'from'], all.map(accountRow))}\n`);
      return 'ok';
    },
  },
  'account create': {
    summary: 'a new customer',
    usage: 'NAME [--title TEXT] [--policy NAME=VALUE…] [--cidr RANGE…]',
    words: [1, 1],
    options: { title: { type: 'string', value: 'TEXT', about: 'name for people' }, policy: POLICY, cidr: CIDR },
    async run(context, args) {
      const account = { name: args.words[0] ?? '', cidrs: args.all('cidr'), policy: policyOf(args.all('policy')) };
      const made = await (await context.admin()).createAccount({
        ...account,
        ...defined({ title: args.text('title') }),
      });
      context.show(made, `${made.name} ${made.id}`);
      return 'ok';
    },
  },
  'account pause': {
    summary: 'accept and call nothing for an account for now; live calls go on',
    usage: 'ACCOUNT --reason TEXT',
    words: [1, 1],
    options: { reason: REASON },
    async run(context, args) {
      const admin = await context.admin();
      const { id } = await accountOf(admin, args.words[0]);
      const paused = await admin.pauseAccount(id, reasonOf(args));
      context.show(paused, accountRow(paused).join('  '));
      return 'ok';
    },
  },
  'account resume': {
    summary: 'end the pause of an account',
    usage: 'ACCOUNT',
    words: [1, 1],
    options: {},
    async run(context, { words: [name] }) {
      const admin = await context.admin();
      const resumed = await admin.resumeAccount((await accountOf(admin, name)).id);
      context.show(resumed, accountRow(resumed).join('  '));
      return 'ok';
    },
  },
  'account change': {
    summary: 'title, policy, paused or disabled',
    usage: 'ACCOUNT [--title TEXT] [--policy NAME=VALUE…] [--pause|--resume] [--disable|--enable]',
    words: [1, 1],
    options: {
      title: { type: 'string', value: 'TEXT', about: 'name for people' },
      policy: POLICY,
      pause: { type: 'boolean', about: 'accept and call nothing for now' },
      resume: { type: 'boolean', about: 'end a pause' },
      disable: { type: 'boolean', about: 'end all sessions and refuse log-ins' },
      enable: { type: 'boolean', about: 'allow log-ins again' },
    },
    async run(context, args) {
      const admin = await context.admin();
      const policy = policyOf(args.all('policy'));
      const change = defined({
        title: args.text('title'),
        policy: Object.keys(policy).length === 0 ? undefined : policy,
        paused: either(args, 'pause', 'resume'),
        disabled: either(args, 'disable', 'enable'),
      });
      const changed = await admin.changeAccount((await accountOf(admin, args.words[0])).id, change);
      context.show(changed, accountRow(changed).join('  '));
      return 'ok';
    },
  },
  'account close': {
    summary: 'end an account: sessions end, faxes are cancelled, images wiped; after some days it is erased',
    usage: 'ACCOUNT --days N',
    words: [1, 1],
    options: { days: { type: 'string', value: 'N', about: 'so long it may be opened again; 0 to 365' } },
    more: 'Its call detail records and the audit log stay as long as their own rules say; its numbers rest for 30 days at least.',
    async run(context, args) {
      const days = args.number('days', 0, 365);
      if (days === undefined) throw new CliError('usage', '--days N: for how long may it be opened again?');
      const admin = await context.admin();
      const closed = await admin.closeAccount((await accountOf(admin, args.words[0])).id, days);
      context.show(closed, `${closed.name} is closed; nobody can open it again from ${closed.eraseAt} on`);
      return 'ok';
    },
  },
  'account reopen': {
    summary: 'open an account that was closed; its webhooks stay off',
    usage: 'ACCOUNT',
    words: [1, 1],
    options: {},
    async run(context, { words: [name] }) {
      const admin = await context.admin();
      const opened = await admin.reopenAccount((await accountOf(admin, name)).id);
      context.show(opened, accountRow(opened).join('  '));
      return 'ok';
    },
  },
  'cidr list': {
    summary: 'from where an account, or one of its users, may log in',
    usage: 'ACCOUNT [USER]',
    words: [1, 2],
    options: {},
    async run(context, { words: [account, user] }) {
      const admin = await context.admin();
      const { cidrs } = user === undefined ? await accountOf(admin, account) : await userOf(admin, account, user);
      context.show(cidrs, cidrs.length === 0 ? 'from anywhere' : cidrs.join('\n'));
      return 'ok';
    },
  },
  'cidr set': {
    summary: 'replace the ranges of an account or user; ends the sessions that they exclude',
    usage: 'ACCOUNT [USER] [--cidr RANGE…]',
    words: [1, 2],
    options: { cidr: CIDR },
    async run(context, args) {
      const admin = await context.admin();
      const [account, user] = args.words;
      const cidrs = args.all('cidr');
      if (user === undefined) await admin.changeAccount((await accountOf(admin, account)).id, { cidrs });
      else await admin.changeUser((await userOf(admin, account, user)).id, { cidrs });
      context.show(cidrs, cidrs.length === 0 ? 'from anywhere' : cidrs.join('\n'));
      return 'ok';
    },
  },
};

const SCOPES: readonly Scope[] = ['send', 'read', 'inbound', 'webhooks', 'reports'];
const SCOPE: Option = {
  type: 'string',
  multiple: true,
  value: 'SCOPE',
  about: `what an API user may do: ${SCOPES.join(', ')}; may be repeated; everything when left out`,
};

/** @throws CliError usage */
function scopesOf(args: Arguments): Scope[] | undefined {
  const wanted = args.all('scope').map((text) => {
    const scope = SCOPES.find((one) => one === text);
    if (scope === undefined) throw new CliError('usage', `a scope is one of ${SCOPES.join(', ')}, not "${text}"`);
    return scope;
  });
  return wanted.length === 0 ? undefined : wanted;
}

/** `sealfax user …`: for administrators. USER is a name within the account; `admin` as account means administrators. */
export const userCommands: Readonly<Record<string, Command>> = {
  'user list': {
    summary: 'users of an account, or with "admin" the administrators',
    usage: 'ACCOUNT',
    words: [1, 1],
    options: {},
    async run(context, { words: [account] }) {
      const all = await usersOf(await context.admin(), account);
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(['user', 'id', 'state', 'may', 'from'], all.map(userRow))}\n`);
      return 'ok';
    },
  },
  'user create': {
    summary: 'a new user; an API user gets a generated secret, shown once',
    usage: 'ACCOUNT USER [--password] [--cidr RANGE…] [--scope SCOPE…]',
    words: [2, 2],
    options: {
      password: { type: 'boolean', about: 'ask for a password instead of making a secret' },
      cidr: CIDR,
      scope: SCOPE,
    },
    async run(context, args) {
      const [account, name = ''] = args.words;
      if (account === 'admin') throw new CliError('usage', 'administrators are added with "sealfax admin user add"');
      const admin = await context.admin();
      const cidrs = args.all('cidr');
      const { id } = await accountOf(admin, account);
      const password = args.flag('password') ? { password: await newPassword(context) } : {};
      const scopes = scopesOf(args);
      const made = await admin.createUser(id, { name, cidrs, ...defined({ scopes }), ...password });
      context.show(made, [`${made.name} ${made.id}`, ...(made.secret === null ? [] : [made.secret])].join('\n'));
      return 'ok';
    },
  },
  'user change': {
    summary: 'disable, enable, or register a log-in key',
    usage: 'ACCOUNT USER [--disable|--enable] [--client-key FILE] [--scope SCOPE…]',
    words: [2, 2],
    options: {
      disable: { type: 'boolean', about: 'end all sessions and refuse log-ins' },
      enable: { type: 'boolean', about: 'allow log-ins again' },
      'client-key': {
        type: 'string',
        value: 'FILE',
        about: 'P-521 public key (SPKI, base64url) for log-in by signature',
      },
      scope: SCOPE,
    },
    async run(context, args) {
      const admin = await context.admin();
      const user = await userOf(admin, args.words[0], args.words[1]);
      const file = args.text('client-key');
      const clientKey = file === undefined ? undefined : readFileSync(file, 'utf8').trim();
      const changed = await admin.changeUser(
        user.id,
        defined({ disabled: either(args, 'disable', 'enable'), clientKey, scopes: scopesOf(args) }),
      );
      context.show(changed, userRow(changed).join('  '));
      return 'ok';
    },
  },
  'user secret': {
    summary: 'a new API secret, shown once; the old one goes on beside it for a day',
    usage: 'ACCOUNT USER [--overlap HOURS | --end-old]',
    words: [2, 2],
    options: {
      overlap: { type: 'string', value: 'HOURS', about: 'so long the old secret goes on; 0: it ends at once' },
      'end-old': { type: 'boolean', about: 'make none, and end the old one now' },
    },
    more: 'Who still logs in with the old secret stands in the audit log: `login` with oldSecret.',
    async run(context, args) {
      const admin = await context.admin();
      const { id, name } = await userOf(admin, args.words[0], args.words[1]);
      if (args.flag('end-old')) {
        context.show(await admin.endOldSecret(id), `${name} has one secret`);
        return 'ok';
      }
      const hours = args.number('overlap', 0, 720);
      const secret = await admin.rotateSecret(id, hours === undefined ? undefined : hours * 3_600);
      context.show({ secret }, secret);
      return 'ok';
    },
  },
  'user connection': {
    summary: 'the connection string of a user again, without its secret',
    usage: 'ACCOUNT USER',
    words: [2, 2],
    options: {},
    more: 'It holds the pins that are right now: of the root, and of the next one when it was announced.',
    async run(context, { words: [account, name] }) {
      const admin = await context.admin();
      const text = await admin.connection((await userOf(admin, account, name)).id);
      context.show(text, text.connection);
      return 'ok';
    },
  },
  'user totp': {
    summary: 'ask a user for a time-based code at log-in, or no longer; the secret is shown once',
    usage: 'on|confirm|off ACCOUNT USER',
    words: [3, 3],
    options: {},
    more: [
      'With "on" the secret of an authenticator is shown, and as a URI for a QR code. It holds from its first code on,',
      'which "confirm" asks for, or reads from standard input. Then, and with "off", the user’s sessions end.',
    ].join('\n'),
    async run(context, { words: [wish, account, name] }) {
      if (wish !== 'on' && wish !== 'confirm' && wish !== 'off')
        throw new CliError('usage', `on, confirm or off, not "${wish}"`);
      const admin = await context.admin();
      const user = await userOf(admin, account, name);
      if (wish === 'on') {
        const made = await admin.enableTotp(user.id);
        context.show(made, `${made.secret}\n${made.uri}`);
      } else if (wish === 'confirm') {
        await admin.confirmTotp(user.id, await firstCode(context));
        context.show({ changed: user.id }, `${user.name} logs in with a code from now on`);
      } else {
        await admin.disableTotp(user.id);
        context.show({ changed: user.id }, `${user.name} logs in without a code`);
      }
      return 'ok';
    },
  },
  'user password': {
    summary: 'a new password, asked for on the terminal or read from standard input',
    usage: 'ACCOUNT USER',
    words: [2, 2],
    options: {},
    async run(context, { words: [account, name] }) {
      const admin = await context.admin();
      const user = await userOf(admin, account, name);
      await admin.setPassword(user.id, await newPassword(context));
      context.show({ changed: user.id }, `the password of ${user.name} is changed`);
      return 'ok';
    },
  },
};

/** From a person, or from standard input where nobody can be asked. @throws CliError usage */
export async function firstCode({ io }: Context): Promise<string> {
  const asked = (await io.secret('First code of the authenticator')) ?? new TextDecoder().decode(await io.input());
  const code = asked.replaceAll(/\s/g, '');
  if (/^\d{6}$/.test(code)) return code;
  throw new CliError('usage', 'the first code of the authenticator has six digits');
}

async function usersOf(admin: Admin, account: string | undefined): Promise<User[]> {
  return account === 'admin' ? admin.administrators() : admin.users((await accountOf(admin, account)).id);
}

/** By name or id; the account `admin` is that of the administrators. @throws CliError not_found */
export async function userOf(admin: Admin, account: string | undefined, name: string | undefined): Promise<User> {
  const found = (await usersOf(admin, account)).find((one) => one.name === name || one.id === name);
  if (found === undefined) throw new CliError('not_found', `${account} has no user ${name}`);
  return found;
}

function either(args: Arguments, yes: string, no: string): boolean | undefined {
  if (args.flag(yes) && args.flag(no)) throw new CliError('usage', `${yes} or ${no}, not both`);
  if (args.flag(yes)) return true;
  return args.flag(no) ? false : undefined;
}

/** `NAME=VALUE` with numbers, true, false and null as themselves; the gateway checks the names. */
function policyOf(texts: readonly string[]): Partial<Policy> {
  const entries = texts.map((text): [string, PolicyValue] => {
    const at = text.indexOf('=');
    if (at < 1) throw new CliError('usage', '--policy is NAME=VALUE');
    const name = text.slice(0, at);
    const value = text.slice(at + 1);
    return [name, LISTS.includes(name) ? listValue(value) : policyValue(value)];
  });
  return Object.fromEntries(entries) as Partial<Policy>;
}

type PolicyValue = string | number | boolean | null | readonly string[];

/** Fields that are lists: written with commas, nothing for none. */
const LISTS: readonly string[] = ['destinations', 'neverDial', 'carrierTags'];

function listValue(text: string): PolicyValue {
  if (text === 'null') return null;
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function policyValue(text: string): PolicyValue {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  if (text === 'null') return null;
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

function accountRow({ name, id, disabled, paused, closedAt, erasedAt, title, cidrs }: Account): string[] {
  const open = disabled ? 'disabled' : paused ? 'paused' : 'enabled';
  const state = erasedAt !== null ? 'erased' : closedAt !== null ? 'closed' : open;
  return [name, id, state, title, cidrs.length === 0 ? 'anywhere' : cidrs.join(' ')];
}

function userRow({ name, id, disabled, totp, role, scopes, oldSecretUntil, cidrs }: User): string[] {
  const old = oldSecretUntil === null ? '' : `, old secret until ${moment(oldSecretUntil)}`;
  const state = `${disabled ? 'disabled' : 'enabled'}${totp ? ', with a code' : ''}${old}`;
  const may = role ?? (scopes.length === SCOPES.length ? 'everything' : scopes.join(' '));
  return [name, id, state, may, cidrs.length === 0 ? 'anywhere' : cidrs.join(' ')];
}
