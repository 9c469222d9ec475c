import type { LoginSession, SignInFacts } from '../../api/client/index.ts';
import { firstCode, userOf } from './administration.ts';
import type { Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { newPassword } from './password.ts';
import { columns } from './text.ts';

/** `sealfax me …` and `sealfax session …`: what an administrator logs in with, and who is logged in. */
export const signInCommands: Readonly<Record<string, Command>> = {
  me: {
    summary: 'what you log in with',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const facts = await (await context.admin()).signIn.facts();
      context.show(facts, textOf(facts));
      return 'ok';
    },
  },
  'me password': {
    summary: 'your new password, asked for on the terminal or read from standard input; your other sessions end',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      await (await context.admin()).signIn.setPassword(await newPassword(context));
      context.show({ changed: 'password' }, 'your password is changed');
      return 'ok';
    },
  },
  'me totp': {
    summary: 'your authenticator: a new secret, its first code, or none any more',
    usage: 'on|confirm|off',
    words: [1, 1],
    options: {},
    more: 'With "on" the secret is shown once. It holds from its first code on, which "confirm" asks for or reads from standard input.',
    async run(context, { words: [wish] }) {
      const { signIn } = await context.admin();
      if (wish === 'on') {
        const made = await signIn.newAuthenticator();
        context.show(made, `${made.secret}\n${made.uri}`);
      } else if (wish === 'confirm') {
        await signIn.confirmAuthenticator(await firstCode(context));
        context.show(
          { changed: 'totp' },
          'you log in with a code from now on; make recovery codes: sealfax me recovery',
        );
      } else if (wish === 'off') {
        await signIn.removeAuthenticator();
        context.show({ changed: 'totp' }, 'you log in without a code');
      } else throw new CliError('usage', `on, confirm or off, not "${wish}"`);
      return 'ok';
    },
  },
  'me recovery': {
    summary: 'ten new recovery codes, shown once, for a lost authenticator; earlier ones open nothing any more',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const codes = await (await context.admin()).signIn.newRecoveryCodes();
      context.show({ codes }, codes.join('\n'));
      return 'ok';
    },
  },
  'session list': {
    summary: 'where you are logged in, or a user (of the account "admin": an administrator)',
    usage: '[ACCOUNT USER]',
    words: [0, 2],
    options: {},
    async run(context, { words }) {
      const sessions = await (await context.admin()).signIn.sessions(await userIn(context, words));
      if (context.json) for (const one of sessions) context.show(one, '');
      else context.io.out(`${columns(['id', 'since', 'from', 'with', 'by', ''], sessions.map(rowOf))}\n`);
      return 'ok';
    },
  },
  'session end': {
    summary: 'ends your other sessions, or those of a user; or one of them',
    usage: '[ACCOUNT USER] [--session ID]',
    words: [0, 2],
    options: { session: { type: 'string', value: 'ID', about: 'this one alone, by its id in the list' } },
    async run(context, args) {
      const { signIn } = await context.admin();
      const user = await userIn(context, args.words);
      const session = args.text('session');
      if (session === undefined) await signIn.endSessions(user);
      else await signIn.endSession(session, user);
      context.show(
        { ended: session ?? 'all' },
        session === undefined ? 'the sessions have ended' : 'the session has ended',
      );
      return 'ok';
    },
  },
};

/** Whose sessions; undefined: one's own. @throws CliError usage, not_found */
async function userIn(context: Context, [account, name]: readonly string[]): Promise<string | undefined> {
  if (account === undefined) return undefined;
  if (name === undefined) throw new CliError('usage', 'a user is named by account and name');
  return (await userOf(await context.admin(), account, name)).id;
}

function textOf({ method, provenAt, password, totp, totpPending, recoveryCodes, passkeys }: SignInFacts): string {
  const waiting = totpPending ? ', one waits for its first code' : '';
  return [
    `logged in by       ${method}, ${provenAt}`,
    `password           ${password ? 'yes' : 'none'}`,
    `authenticator      ${totp ? 'yes' : 'none'}${waiting}`,
    `recovery codes     ${recoveryCodes}`,
    `passkeys           ${passkeys}`,
  ].join('\n');
}

function rowOf({ id, at, address, device, method, current }: LoginSession): string[] {
  return [id, at, address, device, method, current ? 'this one' : ''];
}
