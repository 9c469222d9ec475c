import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildPackages } from '../../ops/build.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NUMBER = '+15550100100';

/** Another Node than this one on PATH, of major version `major`. */
function nodeOf(major: number): string | undefined {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return candidates.find((node) => existsSync(node) && version(node).startsWith(`v${major}.`));
}

function version(node: string): string {
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

interface Started {
  readonly child: ChildProcess;
  readonly connection: string;
  readonly secret: string;
  readonly adminConnection: string;
  readonly adminSecret: string;
}

/** A gateway as a person starts it, with everything it says at its first start. */
async function startGateway(dataDir: string): Promise<Started> {
  const environment = {
    ...process.env,
    ...{ SEALFAX_DATA_DIR: dataDir, SEALFAX_PORT: '0', SEALFAX_LOOPBACK_SPEED: 'instant', SEALFAX_LOG_LEVEL: 'error' },
  };
  const child = spawn(process.execPath, [join(ROOT, 'ops', 'main.ts'), 'serve'], { env: environment, cwd: ROOT });
  let said = '';
  let complained = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complained += chunk.toString();
  });
  const secret = /secret\s+(sfk_\S+)/;
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (secret.test(said)) break;
  }
  // Leaving the loop closed the stream for reading; what the gateway says later is of no use here.
  const found = (pattern: RegExp) => pattern.exec(said)?.[1] ?? assert.fail(`no ${pattern} in ${said}${complained}`);
  return {
    child,
    secret: found(secret),
    connection: found(/API user\s+(sealfax:\S+)/),
    adminConnection: found(/owner\s+(sealfax:\S+)/),
    adminSecret: found(/password\s+(\S+)/),
  };
}

const SEND = `
import { connect, fileDocument } from '@sealfax/client';
const client = connect(process.env.SEALFAX_CONNECTION, process.env.SEALFAX_SECRET, { device: 'packed' });
const fax = await client.faxes.send({ to: '${NUMBER}', documents: [fileDocument('letter.txt')] });
const { state, pagesConfirmed } = await client.faxes.wait(fax.id);
await client.close();
console.log(JSON.stringify({ state, pagesConfirmed }));
`;

const TYPED = `
import { type Client, connect, type Fax } from '@sealfax/client';
import { connect as connectInBrowser } from '@sealfax/client/browser';
export const client: Client = connect('', '');
export const other: Client = connectInBrowser('', '');
export async function send(): Promise<Fax['state']> {
  const fax = await client.faxes.send({ to: '+49', documents: [new Uint8Array(1)] });
  // @ts-expect-error a state is not a number
  const wrong: number = fax.state;
  return wrong === 0 ? 'queued' : fax.state;
}
`;

describe('the packed packages', () => {
  const npm = spawnSync('npm', ['--version'], { encoding: 'utf8' }).status === 0;
  const skip = npm ? false : 'npm is not on PATH';
  let folder = '';
  let gateway: Started | undefined;
  let environment: NodeJS.ProcessEnv = {};

  function run(command: string, args: readonly string[], cwd: string): string {
    const done = spawnSync(command, [...args], { cwd, env: environment, encoding: 'utf8', timeout: 120_000 });
    assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  before(async () => {
    if (!npm) return;
    folder = await mkdtemp(join(tmpdir(), 'sealfax-packed-'));
    const started = await startGateway(join(folder, 'data'));
    gateway = started;
    environment = {
      PATH: process.env.PATH,
      HOME: folder,
      npm_config_cache: join(folder, 'cache'),
      npm_config_update_notifier: 'false',
      SEALFAX_CONNECTION: started.connection,
      SEALFAX_SECRET: started.secret,
      SEALFAX_ADMIN_CONNECTION: started.adminConnection,
      SEALFAX_ADMIN_SECRET: started.adminSecret,
    };
    buildPackages(join(folder, 'dist'));
    for (const name of ['client', 'cli'])
      run('npm', ['pack', '--pack-destination', folder], join(folder, 'dist', name));
    const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    assert.equal(tarballs.length, 2);
    await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    await writeFile(join(folder, 'letter.txt'), 'Dear reader,\n\nthis came from a package.\n');
    await writeFile(join(folder, 'send.mjs'), SEND);
    const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    run('npm', ['install', ...quiet, ...tarballs.map((name) => `./${name}`)], folder);
  });

  after(async () => {
    if (gateway !== undefined) {
      const ended = once(gateway.child, 'exit');
      gateway.child.kill('SIGTERM');
      await ended;
    }
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  });

  test('bring nothing else with them', { skip }, async () => {
    const installed = await readdir(join(folder, 'node_modules'));
    assert.deepEqual(
      installed.filter((name) => !name.startsWith('.')),
      ['@sealfax'],
    );
  });

  test('have types that stand alone', { skip }, async () => {
    await writeFile(join(folder, 'typed.ts'), TYPED);
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const compilerOptions = {
      ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'] },
      types: [],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
    run(process.execPath, [compiler, '-p', '.'], folder);
  });

  for (const major of [20, 24]) {
    const node = nodeOf(major);
    const without = skip || (node === undefined ? `no Node ${major} on PATH` : false);

    test(`the client sends a fax on Node ${major}`, { skip: without }, () => {
      const said = run(node ?? '', ['send.mjs'], folder);
      assert.deepEqual(JSON.parse(said), { state: 'delivered', pagesConfirmed: 1 });
    });

    test(`the CLI sends a fax on Node ${major}`, { skip: without }, () => {
      const sealfax = join('node_modules', '@sealfax', 'cli', 'sealfax.js');
      const said = run(node ?? '', [sealfax, 'send', 'letter.txt', '--to', NUMBER, '--json'], folder);
      assert.equal(JSON.parse(said).state, 'delivered');
      assert.match(run(node ?? '', [sealfax, 'account', 'list'], folder), /Main account/);
    });
  }
});
