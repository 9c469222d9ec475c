import { type Config, ConfigError } from './config.ts';
import { DataDirectoryError } from './data-directory.ts';
import { type RunningGateway, startGateway } from './gateway.ts';
import { HostReportError } from './host-report.ts';
import { KeyDirectoryError } from './keys/key-directory.ts';
import { createLog } from './logging/log.ts';
import { PostgresError } from './postgres/index.ts';

/** `sealfax serve`: runs until a signal. The first SIGTERM or SIGINT drains, the second ends live calls. Answers the exit status. */
export async function serve(config: Config): Promise<number> {
  const log = createLog(config.logLevel);
  const started = performance.now();
  const signals = watchSignals();
  let gateway: RunningGateway;
  try {
    gateway = await startGateway(config, log);
  } catch (error) {
    process.stderr.write(`${startError(error)}\n`);
    return 1;
  }
  announce(gateway, (performance.now() - started) / 1_000);
  await signals.next();
  log.info({}, 'draining: no new calls, running ones end');
  process.stdout.write('Draining: no new calls; running ones end. A second signal ends them now.\n');
  await Promise.race([gateway.drain(), signals.next()]);
  await gateway.stop();
  process.stdout.write('Stopped.\n');
  return 0;
}

/** Signals in order of arrival, from the call on. */
function watchSignals(): { next(): Promise<NodeJS.Signals> } {
  const waiting: ((signal: NodeJS.Signals) => void)[] = [];
  const arrived: NodeJS.Signals[] = [];
  const take = (signal: NodeJS.Signals): void => {
    const first = waiting.shift();
    if (first === undefined) arrived.push(signal);
    else first(signal);
  };
  // Taken so that Node does not open its inspector, and with it every key, to whoever may signal us.
  process.on('SIGUSR1', () => undefined);
  process.on('SIGTERM', take);
  process.on('SIGINT', take);
  return {
    next: () =>
      new Promise((resolve) => {
        const first = arrived.shift();
        if (first === undefined) waiting.push(resolve);
        else resolve(first);
      }),
  };
}

function announce(gateway: RunningGateway, seconds: number): void {
  const { facts, firstStart, report } = gateway;
  const out = (line: string) => process.stdout.write(`${line}\n`);
  out(
    `Sealfax listens on ${gateway.url} (${facts.database}, ready in ${seconds.toFixed(1)} s, process ${process.pid})`,
  );
  if (facts.metrics !== null) out(`Metrics at ${facts.metrics}`);
  for (const line of report.lines) out(line);
  if (firstStart === null) return;
  out('');
  out('This is the first start. These secrets are shown once; keep them.');
  out('');
  out(`  owner      ${firstStart.admin.connection}`);
  out(`  password   ${firstStart.admin.password}`);
  out('');
  out(`  API user   ${firstStart.api.connection}`);
  out(`  secret     ${firstStart.api.secret}`);
  out('');
}

/** What an operator can act upon gets its message; everything else its stack. */
function startError(error: unknown): string {
  const known = [ConfigError, DataDirectoryError, KeyDirectoryError, PostgresError, HostReportError];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return `sealfax: ${error.message}`;
  return `sealfax: the start failed\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
