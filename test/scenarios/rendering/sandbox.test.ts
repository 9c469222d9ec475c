import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { DEFAULT_LIMITS, type SandboxKind, sandboxFinding } from '../../../gateway/rendering/index.ts';
import { childCommand, detectSandbox, readablePaths } from '../../../gateway/rendering/sandbox.ts';

/** What a child tries; each answer is `ok` or the code of the error. */
const ATTEMPTS = `
import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
const [port, root, parent] = process.argv.slice(-3);
const attempt = (action) => { try { action(); return 'ok'; } catch (error) { return error.code ?? error.message; } };
const socket = await new Promise((resolve) => {
  try {
    connect(Number(port), '127.0.0.1').on('connect', () => resolve('ok')).on('error', (error) => resolve(error.code));
  } catch (error) { resolve(error.code); }
});
const places = ['/', '/tmp', '/var/tmp', root, root + '/gateway/rendering', root + '/node_modules', '/dev/shm'];
const report = {
  socket,
  passwd: attempt(() => readFileSync('/etc/passwd')),
  list: attempt(() => readdirSync('/etc')),
  writes: places.map((place) => attempt(() => writeFileSync(place + '/sealfax-attempt', 'x'))),
  overwrite: attempt(() => writeFileSync(root + '/gateway/rendering/child.ts', 'x', { flag: 'r+' })),
  shell: attempt(() => { const { error, status } = spawnSync('/bin/sh', ['-c', 'exit 0']); if (error || status !== 0) throw error ?? new Error('status'); }),
  signal: attempt(() => process.kill(Number(parent), 0)),
  environment: Object.keys(process.env).filter((name) => /SEALFAX|HOME|SECRET/.test(name)),
};
process.stdout.write(JSON.stringify(report));
`;

interface Report {
  socket: string;
  passwd: string;
  list: string;
  writes: string[];
  overwrite: string;
  shell: string;
  signal: string;
  environment: string[];
}

const root = new URL('../../../', import.meta.url).pathname.replace(/\/$/, '');
const asRoot = process.getuid?.() === 0;

/** Runs the attempts under `kind`; as an ordinary user when `uid` says so. */
function attempts(kind: SandboxKind, port: number, uid?: number): Promise<Report> {
  const program = ['--input-type=module', '-e', ATTEMPTS, '--', String(port), root, String(process.pid)];
  const { file, args, env } = childCommand(kind, DEFAULT_LIMITS, program);
  return new Promise((resolve, reject) => {
    const user = uid === undefined ? {} : { uid, gid: uid };
    execFile(file, [...args], { env, cwd: '/', ...user }, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout) as Report);
    });
  });
}

describe('the sandbox of a rendering child', async () => {
  const best = await detectSandbox(DEFAULT_LIMITS);
  const server = createServer((socket) => socket.destroy());
  let port = 0;
  let connections = 0;
  before(async () => {
    server.on('connection', () => connections++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  after(() => server.close());

  const users: [string, number | undefined][] = [['as the user who runs the tests', undefined]];
  if (asRoot) users.push(['as an ordinary user', 65_534]);
  for (const [who, uid] of users) {
    const skip = best === 'bubblewrap' ? false : 'bubblewrap is not installed or may not be used here';
    test(`bubblewrap, ${who}: no socket, no /etc/passwd, no file, no process`, { skip }, async () => {
      const report = await attempts('bubblewrap', port, uid);
      assert.notEqual(report.socket, 'ok');
      assert.equal(report.passwd, 'ENOENT');
      assert.equal(report.list, 'ENOENT');
      for (const code of report.writes) assert.match(code, /^(EROFS|ENOENT|EACCES)$/);
      assert.match(report.overwrite, /^(EROFS|EACCES)$/);
      assert.notEqual(report.shell, 'ok');
      assert.equal(report.signal, 'ESRCH');
      assert.deepEqual(report.environment, []);
      assert.equal(connections, 0);
    });
  }

  const noNamespace = best === 'none' ? 'unshare may not be used here' : false;
  test('unshare with Node permissions: no socket, no /etc/passwd, no file, no process', {
    skip: noNamespace,
  }, async () => {
    const report = await attempts('namespace', port);
    assert.notEqual(report.socket, 'ok');
    assert.equal(report.passwd, 'ERR_ACCESS_DENIED');
    for (const code of [...report.writes, report.overwrite]) assert.equal(code, 'ERR_ACCESS_DENIED');
    assert.equal(report.shell, 'ERR_ACCESS_DENIED');
    assert.equal(connections, 0);
  });

  test('the host report is green, yellow or red as the sandbox is full, partial or missing', () => {
    const levels = (['bubblewrap', 'namespace', 'none'] as const).map((kind) => sandboxFinding(kind).level);
    assert.deepEqual(levels, ['green', 'yellow', 'red']);
  });

  test('a child sees node, its libraries, the code that renders and its packages, nothing else', () => {
    for (const path of readablePaths()) {
      const known = path === process.execPath || path.startsWith(root) || /\/(node_modules|package\.json)$/.test(path);
      assert.ok(known || /^\/(usr\/)?lib.*\.so/.test(path), path);
      for (const folder of ['ops', 'api', 'carrier-adapters', 'gateway/records']) {
        assert.ok(!path.startsWith(`${root}/${folder}`), path);
      }
    }
  });
});
