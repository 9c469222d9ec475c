import { RecordsError } from '../gateway/records/index.ts';
import { BackupError } from './backup/errors.ts';
import { type Config, ConfigError } from './config.ts';
import { DataDirectoryError } from './data-directory.ts';
import type { FirstStart } from './first-start.ts';
import { type RunningProcess, startProcess } from './gateway.ts';
import { HostReportError } from './host-report.ts';
import { ImportError } from './import/errors.ts';
import { KeyDirectoryError } from './keys/key-directory.ts';
import { createLog } from './logging/log.ts';
import { PostgresError } from './postgres/index.ts';

/**
 * `sealfax serve`: runs until a signal. The first SIGTERM or SIGINT drains, the second ends live calls; so does the loss
 * of the records to another gateway. Answers the exit status.
 */
export async function serve(config: Config): Promise<number> {
  const log = createLog(config.logLevel);
  const started = performance.now();
  const signals = watchSignals();
  let running: RunningProcess;
  try {
    running = await startProcess(config, log);
  } catch (error) {
    process.stderr.write(`${startError(error)}\n`);
    return 1;
  }
  announce(running, (performance.now() - started) / 1_000);
  const lost = running.lost.then(() => 'lost' as const);
  if ((await Promise.race([signals.next(), lost])) === 'lost') return taken(running);
  log.info({}, 'draining: no new calls, running ones end');
  process.stdout.write('Draining: no new calls; running ones end. A second signal ends them now.\n');
  await Promise.race([running.drain(), signals.next(), lost]);
  await running.stop();
  process.stdout.write('Stopped.\n');
  return 0;
}

/** Another gateway works on our records: whatever we still do is refused by the fences. */
async function taken(running: RunningProcess): Promise<number> {
  process.stderr.write('sealfax: another gateway has taken the database of this one, which ends\n');
  await running.stop();
  return 1;
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

function announce({ role, door, facts, report }: RunningProcess, seconds: number): void {
  const where = `${facts.database}, ready in ${seconds.toFixed(1)} s, process ${process.pid}`;
  const lines = [
    door === null ? `Sealfax works as a worker (${where})` : `Sealfax listens on ${door.url} (${where})`,
    ...(door === null || door.adminUrl === door.url ? [] : [`Administrators come in at ${door.adminUrl}`]),
    ...(role === 'api' ? ['Workers render and call; this process takes requests.'] : []),
    ...(facts.metrics === null ? [] : [`Metrics at ${facts.metrics}`]),
    ...report.lines,
    ...(door?.firstStart == null ? [] : secretsOf(door.firstStart, `${door.adminUrl}/console`)),
  ];
  // In one piece: a program that waits for the first line has the secrets with it.
  process.stdout.write(`${lines.join('\n')}\n`);
}

function secretsOf({ admin, api }: FirstStart, console: string): string[] {
  return [
    '',
    'This is the first start. These secrets are shown once; keep them.',
    '',
    `  console    ${console}`,
    `  owner      ${admin.connection}`,
    `  password   ${admin.password}`,
    '',
    `  API user   ${api.connection}`,
    `  secret     ${api.secret}`,
    '',
  ];
}

/** What an operator can act upon gets its message; everything else its stack. */
export function startError(error: unknown): string {
  const known = [
    ConfigError,
    DataDirectoryError,
    KeyDirectoryError,
    PostgresError,
    HostReportError,
    RecordsError,
    BackupError,
    ImportError,
  ];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return `sealfax: ${error.message}`;
  return `sealfax: the start failed\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
