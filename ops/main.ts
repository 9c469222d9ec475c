import { COMMANDS, runCli } from './cli/index.ts';
import { render } from './cli/render.ts';
import { ConfigError, clientEnvironment, readConfig } from './config.ts';
import { demo } from './demo/index.ts';
import { serve } from './serve.ts';

/** The one entry: `serve` and `demo` run a gateway in this process, `render` needs none, the others talk to one. */
async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  const environment = clientEnvironment();
  if (command === 'serve') return serve(readConfig());
  if (command === 'demo') return demo(rest, environment.NO_COLOR === undefined);
  return runCli(argv, environment, undefined, { ...COMMANDS, render });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`sealfax: ${error.message}\n`);
  process.exitCode = 1;
}
