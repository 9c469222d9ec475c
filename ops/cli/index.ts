import { ApiProblem } from '../../api/client/index.ts';
import { accountCommands, userCommands } from './administration.ts';
import { administratorCommands } from './administrators.ts';
import { alertCommands } from './alerts.ts';
import { approvalCommands } from './approvals.ts';
import { audit } from './audit.ts';
import { budgetCommands } from './budgets.ts';
import { call } from './call.ts';
import { carrierHealthCommands, lessonCommands } from './carrier-health.ts';
import { carrierCommands } from './carriers.ts';
import { cdrSummary } from './cdr-summary.ts';
import { type Command, parseCommand } from './command.ts';
import { createContext, type Environment } from './context.ts';
import { coverCommands } from './covers.ts';
import { CliError, exitOfError, exitStatus, fileFault } from './exit-status.ts';
import { cancel, inbox, preview, receipt, resend, status } from './faxes.ts';
import { commandHelp, mainHelp } from './help.ts';
import { identityCommands } from './identities.ts';
import { type CliIo, processIo } from './io.ts';
import { keyCommands } from './keys.ts';
import { live } from './live.ts';
import { mailCommands } from './mail.ts';
import { numberCommands } from './numbers.ts';
import { passkeyCommands } from './passkeys.ts';
import { purgeCommands } from './purges.ts';
import { receive } from './receive.ts';
import { cdr, events } from './reports.ts';
import { restorationCommands } from './restoration.ts';
import { routeCommands } from './routes.ts';
import { reportCommands } from './saved-reports.ts';
import { exitTable, send } from './send.ts';
import { settingCommands } from './settings.ts';
import { signInCommands } from './sign-in.ts';
import { clean } from './text.ts';
import { verify } from './verify.ts';
import { webhookCommands } from './webhooks.ts';
import { why } from './why.ts';

export type { Command } from './command.ts';
export type { Environment } from './context.ts';
export type { CliIo } from './io.ts';

/** Commands by name. */
export type Commands = Readonly<Record<string, Command>>;

/** Every command that talks to a gateway, in the order of the help. */
export const COMMANDS: Commands = {
  send,
  status,
  cancel,
  resend,
  preview,
  receipt,
  inbox,
  receive,
  call,
  why,
  cdr,
  'cdr summary': cdrSummary,
  ...reportCommands,
  events,
  verify,
  ...webhookCommands,
  ...accountCommands,
  ...numberCommands,
  ...coverCommands,
  ...userCommands,
  ...administratorCommands,
  ...signInCommands,
  ...passkeyCommands,
  ...identityCommands,
  audit,
  ...mailCommands,
  ...approvalCommands,
  ...carrierCommands,
  ...carrierHealthCommands,
  ...lessonCommands,
  live,
  ...routeCommands,
  ...budgetCommands,
  ...alertCommands,
  ...settingCommands,
  ...purgeCommands,
  ...keyCommands,
  ...restorationCommands,
};

/**
 * Runs one command line (without the program's name) and answers the exit status; `sealfax help exit` lists them.
 * Nothing is thrown, nothing exits.
 *
 * @param environment the variables of `clientEnvironment` in ops/config.ts
 * @param commands what may be run; a gateway's own package knows more commands than the CLI alone
 */
export async function runCli(
  argv: readonly string[],
  environment: Environment,
  io: CliIo = processIo(),
  commands: Commands = COMMANDS,
): Promise<number> {
  const found = findCommand(argv, commands);
  if (found === undefined) return help(argv, io, commands);
  const interrupt = new AbortController();
  const release = io.onInterrupt(() => interrupt.abort());
  try {
    return exitStatus(await runCommand(found, environment, io, interrupt.signal));
  } catch (error) {
    io.err(`sealfax: ${messageOf(error)}\n`);
    if (error instanceof CliError && error.exit === 'usage') io.err(`Try: sealfax ${found.name} --help\n`);
    return exitStatus(interrupt.signal.aborted ? 'interrupted' : exitOfError(error));
  } finally {
    release();
  }
}

interface Found {
  readonly name: string;
  readonly command: Command;
  readonly rest: readonly string[];
}

/** The command named by the first three words, by two, or by one. */
function findCommand(argv: readonly string[], commands: Commands): Found | undefined {
  for (const length of [3, 2, 1]) {
    const name = argv.slice(0, length).join(' ');
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command !== undefined) return { name, command, rest: argv.slice(length) };
  }
  return undefined;
}

async function runCommand({ name, command, rest }: Found, environment: Environment, io: CliIo, signal: AbortSignal) {
  const args = parseCommand(command, rest);
  if (args.flag('help')) {
    io.out(commandHelp(name, command));
    return 'ok';
  }
  const context = createContext(io, environment, {
    json: args.flag('json'),
    connection: args.text('connection'),
    totp: args.flag('totp'),
    signal,
  });
  try {
    return await command.run(context, args);
  } finally {
    await context.close();
  }
}

function help(argv: readonly string[], io: CliIo, commands: Commands): number {
  const [first = 'help', second] = argv;
  if (first === 'help' && second === 'exit') io.out(exitTable());
  else if (['help', '--help', '-h'].includes(first)) io.out(mainHelp(commands, second));
  else if (
    Object.keys(commands).some((name) => name.startsWith(`${first} `)) &&
    (second === undefined || second === '--help')
  ) {
    io.out(mainHelp(commands, first));
  } else {
    const words = argv.slice(0, 2).filter((word) => !word.startsWith('-'));
    const near = nearest(words.join(' '), commands);
    const hint = near === undefined ? '' : `Did you mean: sealfax ${near}\n`;
    io.err(`sealfax: there is no command "${clean(words.join(' '))}"\n${hint}Try: sealfax help\n`);
    return exitStatus('usage');
  }
  return exitStatus('ok');
}

/** The command that was meant, when `words` are two letters away from it at most. */
function nearest(words: string, commands: Commands): string | undefined {
  const ranked = Object.keys(commands)
    .flatMap((name) => [words, words.split(' ')[0] ?? ''].map((typed) => ({ name, steps: steps(typed, name) })))
    .sort((a, b) => a.steps - b.steps);
  return ranked.find(({ name, steps: far }) => far <= 2 && far <= name.length / 2)?.name;
}

/** Letters that have to be put in, taken out or replaced to make `b` of `a` (Levenshtein). */
function steps(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [down, letter] of [...a.slice(0, 40)].entries()) {
    const next = [down + 1];
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (letter === b[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** What went wrong, for a person: message, code, and each field at fault. */
function messageOf(error: unknown): string {
  if (error instanceof ApiProblem) {
    const reason = error.reason === undefined ? '' : `, ${error.reason}`;
    const fields = error.errors
      .map(({ pointer, detail }) => `\n  ${pointer}${detail === error.message ? '' : `: ${detail}`}`)
      .join('');
    return clean(`${error.message} (${error.code}${reason})`) + fields.split('\n').map(clean).join('\n');
  }
  return error instanceof Error ? clean(fileFault(error) ?? error.message) : 'something went wrong';
}
