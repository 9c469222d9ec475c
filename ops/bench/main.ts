import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Benches in the order in which they run; each is a program of its own, so that none warms up the next. */
const BENCHES = ['crypto', 'codec', 'rendering', 'gateway', 'imaging', 'queue', 'scale'] as const;
/** Benches that fill the disk or take half an hour: run only when they are named. */
const LONG = ['cdr', 'console', 'reports', 't38'] as const;

/** `npm run bench [-- NAME… [--OPTION…]]`: runs the named benches, each with the options, or all. Answers the exit status. */
function main(words: readonly string[]): number {
  const firstOption = words.findIndex((word) => word.startsWith('--'));
  const names = firstOption < 0 ? words : words.slice(0, firstOption);
  const options = firstOption < 0 ? [] : words.slice(firstOption);
  const known: readonly string[] = [...BENCHES, ...LONG];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`no bench named ${unknown.join(', ')}; there are ${known.join(', ')}\n`);
    return 2;
  }
  const failed: string[] = [];
  for (const name of names.length > 0 ? names : BENCHES) {
    const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    process.stdout.write(`\n## ${name}\n\n`);
    const { status } = spawnSync(process.execPath, [file, ...options], { stdio: 'inherit' });
    if (status !== 0) failed.push(name);
  }
  for (const name of failed) process.stderr.write(`the bench ${name} failed\n`);
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
