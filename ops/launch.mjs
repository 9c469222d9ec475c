#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still say what is wrong. It finds a Node ≥ 24 (the one that npm installed
// beside the gateway, or the person's own) and runs the gateway with it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MAJOR = 24;
const here = dirname(fileURLToPath(import.meta.url));

function bundledNode() {
  const name = `node-linux-${process.arch}`;
  for (let dir = here; dirname(dir) !== dir; dir = dirname(dir)) {
    const candidate = join(dir, 'node_modules', name, 'bin', 'node');
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

const entry = existsSync(join(here, 'main.js')) ? join(here, 'main.js') : join(here, 'main.ts');

/**
 * How a process that only takes requests collects garbage: with the thread that makes it. V8's helpers cost two cores a
 * tenth of what they accept; more room for what is young makes up for them. A worker keeps the helpers: it collects
 * everything after a wipe, and must not stand still for long while it is in a call.
 */
function collectorFlags() {
  const [command, ...words] = process.argv.slice(2);
  const role = /--role[= ](\w+)/.exec(words.join(' '))?.[1] ?? process.env.SEALFAX_ROLE;
  return command === 'serve' && role === 'api' ? ['--single-threaded-gc', '--max-semi-space-size=32'] : [];
}

/** Begins again in the same process when V8 has to be told something that it takes only at its start. */
function startWith(flags) {
  if (flags.every((flag) => process.execArgv.includes(flag)) || process.execve === undefined) return;
  const args = [process.execPath, ...flags, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, args, process.env);
}

if (Number(process.versions.node.split('.')[0]) >= MAJOR) {
  startWith(collectorFlags());
  // Half of a start is stripping types and compiling; what was compiled once is kept beside the packages, where whoever
  // may write could change the packages too. Where it cannot be written, a start only takes longer.
  module.enableCompileCache?.(join(here, '..', 'node_modules', '.cache', 'sealfax'));
  // fsync takes its time in the same few threads that encrypt: with libuv's four, uploads would wait for each other's disk.
  process.env.UV_THREADPOOL_SIZE ??= '12';
  await import(pathToFileURL(entry).href);
} else {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `Sealfax needs Node ${MAJOR} or newer; this is ${process.version} and no newer one came with npm for ${process.platform} ${process.arch}.\n` +
        `Install Node ${MAJOR} and run the same command again.\n`,
    );
    process.exit(1);
  }
  relay(spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' }));
}

function relay(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Sealfax could not start its own Node: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}
