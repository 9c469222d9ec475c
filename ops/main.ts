import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError, clientEnvironment, readConfig, SETTINGS } from './config.ts';

/** What this program does beside the command line client, which is also a package of its own. */
const GATEWAY_COMMANDS = `
The gateway itself, in this process
  serve             run it as a service; its settings are environment variables, see CONFIG.md
                    (--role api|worker|all: one process of a cluster)
  migrate           bring the database up to date; --check says what is to come
  rescue USER       let an administrator in again who has lost every way
  import --from DIR move the gateway of a data directory to DATABASE_URL
  demo [FILE]       send one fax out and in again on this machine
  version           which Sealfax this is
`;

/** Commands that run a gateway in this process or work on its records. Each loads what it needs, half of a start, when it is called. */
const OWN: Readonly<Record<string, (rest: readonly string[]) => Promise<number>>> = {
  serve: async (rest) => (await import('./serve.ts')).serve(readConfig(undefined, roleOf(rest))),
  import: async (rest) => (await import('./import/command.ts')).importCommand(rest, readConfig()),
  migrate: async (rest) => (await import('./migrate.ts')).migrate(rest, readConfig()),
  rescue: async (rest) => (await import('./rescue.ts')).rescue(rest, readConfig()),
  version: async () => version(),
  demo: async (rest) => (await import('./demo/index.ts')).demo(rest, clientEnvironment().NO_COLOR === undefined),
};

/** `sealfax version`. */
function version(): number {
  const { version: own } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Project;
  process.stdout.write(`sealfax ${own}, Node ${process.versions.node}\n`);
  return 0;
}

interface Project {
  readonly version: string;
}

/** Whether somebody asks what a command of ours takes; the demo tells it by itself. */
const asksForHelp = (command: string | undefined, rest: readonly string[]): boolean =>
  command !== 'demo' && rest.some((word) => word === '--help' || word === '-h');

/** The one entry: our own commands, `render`, which needs no gateway, and those that talk to one. */
async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  if (command === '--version') return version();
  const own = command !== undefined && Object.hasOwn(OWN, command) ? OWN[command] : undefined;
  if (own === undefined) return client(argv);
  if (!asksForHelp(command, rest)) return own(rest);
  process.stdout.write(GATEWAY_COMMANDS.trimStart());
  return 0;
}

async function client(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  const [{ exitStatus }, { COMMANDS, runCli }, { render }, { backupCommands }, { restoreCommands }, { trunkCommands }] =
    await Promise.all([
      import('./cli/exit-status.ts'),
      import('./cli/index.ts'),
      import('./cli/render.ts'),
      import('./cli/backup.ts'),
      import('./cli/restore.ts'),
      import('./cli/trunks.ts'),
    ]);
  // “sealfax … | head”: a client without a reader has nothing more to do, and says nothing about it.
  process.stdout.on('error', () => process.exit(exitStatus('unread')));
  const status = await runCli(argv, clientEnvironment(), undefined, {
    ...COMMANDS,
    render,
    ...backupCommands,
    ...restoreCommands,
    ...trunkCommands,
  });
  const isOverview = command === undefined || ['help', '--help', '-h'].includes(command);
  if (isOverview && rest.length === 0) process.stdout.write(GATEWAY_COMMANDS);
  return status;
}

/** `--role` as the setting that it is. @throws ConfigError */
function roleOf(argv: readonly string[]): Readonly<Record<string, string>> {
  try {
    const { values } = parseArgs({ args: [...argv], options: { role: { type: 'string' } } });
    return values.role === undefined ? {} : { [SETTINGS.role.variable]: values.role };
  } catch {
    throw new ConfigError('serve', 'takes --role api, worker or all, and nothing else', '');
  }
}

/** Whoever read what we say may have gone (EPIPE): faxes are not to end with it. */
function outliveReaders(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
}

try {
  outliveReaders();
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`sealfax: ${error.message}\n`);
  process.exitCode = 1;
}
