import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Fields that all packages share with the project. */
interface ProjectPackage {
  readonly version: string;
  readonly license: string;
}

/** One published package. */
interface PackagePlan {
  readonly name: string;
  /** Folder below the output, and the name of its files in ops/packages. */
  readonly folder: string;
  readonly description: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Files that are written beside what the compiler makes. */
  readonly files: Readonly<Record<string, string>>;
}

/** The launcher of the packed CLI: plain JavaScript beside what the compiler makes. */
const LAUNCHER = `#!/usr/bin/env node
import { runCli } from './ops/cli/index.js';

process.exitCode = await runCli(process.argv.slice(2), process.env);
`;

const PACKAGES: readonly PackagePlan[] = [
  {
    name: '@sealfax/client',
    folder: 'client',
    description: 'Client of a Sealfax gateway: send and receive faxes over sealed sessions',
    fields: {
      exports: {
        '.': {
          types: './api/client/index.d.ts',
          browser: './api/client/browser.js',
          default: './api/client/index.js',
        },
        './browser': { types: './api/client/browser.d.ts', default: './api/client/browser.js' },
      },
      sideEffects: false,
    },
    files: {},
  },
  {
    name: '@sealfax/cli',
    folder: 'cli',
    description: 'Command line of a Sealfax gateway: send, receive and administer',
    fields: { bin: { sealfax: 'sealfax.js' }, exports: { './package.json': './package.json' } },
    files: { 'sealfax.js': LAUNCHER },
  },
];

/**
 * Builds the published packages below `out`, each complete in its folder: JavaScript for Node 20, types, README, licence
 * and package.json. What stood there before is removed. Throws with the compiler's words when it finds a fault.
 */
export function buildPackages(out: string): void {
  const project = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as ProjectPackage;
  for (const plan of PACKAGES) buildPackage(plan, join(out, plan.folder), project);
}

function buildPackage(plan: PackagePlan, directory: string, project: ProjectPackage): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  compile(join(ROOT, 'ops', 'packages', `${plan.folder}.tsconfig.json`), directory);
  nameCompiledFiles(directory);
  for (const [name, text] of Object.entries(plan.files)) {
    writeFileSync(join(directory, name), text);
    if (text.startsWith('#!')) chmodSync(join(directory, name), 0o755);
  }
  copyFileSync(join(ROOT, 'ops', 'packages', `${plan.folder}.README.md`), join(directory, 'README.md'));
  copyFileSync(join(ROOT, 'LICENSE'), join(directory, 'LICENSE'));
  const { version, license } = project;
  const manifest = {
    name: plan.name,
    version,
    description: plan.description,
    license,
    type: 'module',
    engines: { node: '>=20.3' },
    ...plan.fields,
  };
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function compile(project: string, outDir: string): void {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const done = spawnSync(process.execPath, [compiler, '-p', project, '--outDir', outDir], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`the compiler refuses ${project}:\n${done.stdout}${done.stderr}`);
}

/** The compiler rewrites `.ts` specifiers in JavaScript but not in declarations; there are no `.ts` files beside them. */
function nameCompiledFiles(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const path = join(directory, name);
    const text = readFileSync(path, 'utf8').replace(/(from |import\()(["'])(\.[^"']*)\.ts\2/g, '$1$2$3.js$2');
    writeFileSync(path, text);
  }
}

if (process.argv[1] !== undefined && pathToFileURL(resolve(process.argv[1])).href === import.meta.url) {
  const out = join(ROOT, 'dist');
  buildPackages(out);
  process.stdout.write(`${PACKAGES.map(({ name, folder }) => `${name} in ${join(out, folder)}`).join('\n')}\n`);
}
