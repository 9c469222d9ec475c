import { COMMANDS, runCli } from './cli/index.ts';
import { render } from './cli/render.ts';
import { ConfigError, clientEnvironment, readConfig } from './config.ts';
import { demo } from './demo/index.ts';
import { serve } from './serve.ts';

/** What this program does beside the command line client, which is also a package of its own. */
const GATEWAY_COMMANDS = `
The gateway itself, in this process:
  sealfax serve             run it as a service; settings in CONFIG.md
  sealfax demo [FILE]       send one fax out and in again on this machine
`;

/** The one entry: `serve` and `demo` run a gateway in this process, `render` needs none, the others talk to one. */
async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  const environment = clientEnvironment();
  if (command === 'serve') return serve(readConfig());
  if (command === 'demo') return demo(rest, environment.NO_COLOR === undefined);
  const status = await runCli(argv, environment, undefined, { ...COMMANDS, render });
  const isOverview = command === undefined || ['help', '--help', '-h'].includes(command);
  if (isOverview && rest.length === 0) process.stdout.write(GATEWAY_COMMANDS);
  return status;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`sealfax: ${error.message}\n`);
  process.exitCode = 1;
}
