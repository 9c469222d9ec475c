// Builds the console: api/console → api/console/dist, static files that the gateway serves at /console. Plain
// JavaScript, so that `npm ci` can run it with whatever Node it has.
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../api/console/', import.meta.url));

/** Throws with the bundler's words when the source has a fault. */
async function buildConsole() {
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    envDir: false,
    base: '/console/',
    logLevel: 'warn',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: 'dist',
      emptyOutDir: true,
      target: 'es2023',
      // Every byte comes from a file of this server: nothing inline, or the page's own policy would refuse it.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      sourcemap: false,
      reportCompressedSize: false,
    },
  });
}

try {
  await buildConsole();
  process.stdout.write(`console: ${readdirSync(`${root}dist/assets`).length} files in api/console/dist/assets\n`);
} catch (error) {
  // Half a console is worse than none: the gateway says that there is none, and goes on.
  rmSync(`${root}dist`, { recursive: true, force: true });
  process.stderr.write(`console: not built: ${error instanceof Error ? error.message : error}\n`);
  // `npm ci` goes on without it: with --omit=dev there is no bundler, and an old Node may not run it.
  process.exitCode = process.argv.includes('--if-possible') ? 0 : 1;
}
