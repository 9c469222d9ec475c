import { parseArgs } from 'node:util';
import { backupCommands } from './cli/backup.ts';
import { COMMANDS, runCli } from './cli/index.ts';
import { render } from './cli/render.ts';
import { restoreCommands } from './cli/restore.ts';
import { ConfigError, clientEnvironment, readConfig, SETTINGS } from './config.ts';
import { demo } from './demo/index.ts';
import { importCommand } from './import/command.ts';
import { migrate } from './migrate.ts';
import { serve } from './serve.ts';

/** What this program does beside the command line client, which is also a package of its own. */
const GATEWAY_COMMANDS = `
The gateway itself, in this process:
  sealfax serve             run it as a service; settings in CONFIG.md
                            (--role api|worker|all: one process of a cluster)
  sealfax migrate [--check] bring the database up to date, or say what is to come
  sealfax import --from DIR move the gateway of a data directory to DATABASE_URL
  sealfax demo [FILE]       send one fax out and in again on this machine
`;

/** The one entry: `serve` and `demo` run a gateway in this process, `render` needs none, the others talk to one. */
async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  const environment = clientEnvironment();
  if (command === 'serve') return serve(readConfig(undefined, roleOf(rest)));
  if (command === 'import') return importCommand(rest, readConfig());
  if (command === 'migrate') return migrate(rest, readConfig());
  if (command === 'demo') return demo(rest, environment.NO_COLOR === undefined);
  const status = await runCli(argv, environment, undefined, {
    ...COMMANDS,
    render,
    ...backupCommands,
    ...restoreCommands,
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

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`sealfax: ${error.message}\n`);
  process.exitCode = 1;
}
