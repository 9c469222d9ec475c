import { runDemo } from './demo.ts';
import { DEMO_HELP, type DemoOptions, DemoUsage, readDemoOptions } from './options.ts';
import { showResult } from './report.ts';
import { silentView, textView } from './view.ts';

/** `sealfax demo`. Answers the exit status: 0 only if every step of the way happened; 2 for a wrong command line. */
export async function demo(argv: readonly string[], colour: boolean): Promise<number> {
  let options: DemoOptions;
  try {
    options = readDemoOptions(argv);
  } catch (error) {
    return complain(error, 2);
  }
  if (options.help) {
    process.stdout.write(DEMO_HELP);
    return 0;
  }
  const view = options.json ? silentView : textView(process.stdout, colour);
  try {
    const result = await runDemo(options, view);
    if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    else showResult(result, view);
    return 0;
  } catch (error) {
    view.end();
    return complain(error, error instanceof DemoUsage ? 2 : 1);
  }
}

function complain(error: unknown, status: number): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`demo: ${message}\n${status === 2 ? `\n${DEMO_HELP}` : ''}`);
  return status;
}
