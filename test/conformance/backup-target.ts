import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BackupError } from '../../ops/backup/errors.ts';
import { backupName } from '../../ops/backup/name.ts';
import type { BackupTarget } from '../../ops/backup/target.ts';

/** A target for the suite, empty at first. */
export interface TargetBackend {
  readonly target: BackupTarget;
  /** The same place with something wrong: it cannot be reached, or refuses us. */
  readonly broken: BackupTarget;
  /** Puts a file that is no backup beside the backups. */
  litter(name: string): Promise<void>;
  /** What lies there, backups or not. */
  names(): Promise<string[]>;
  /** Size of a file that the target stores in its longest way. */
  readonly large: number;
  stop(): Promise<void>;
}

const code = (wanted: string) => (error: unknown) => error instanceof BackupError && error.code === wanted;

let made = 0;
function freshName(): string {
  made += 1;
  return backupName('pinpinpin', Date.UTC(2026, 0, 1) + made * 1_000, `bak_${String(made).padStart(26, '0')}`);
}

/** What every target of backups does. */
export function backupTargetSuite(
  name: string,
  start: () => Promise<TargetBackend>,
  skip: string | false = false,
): void {
  describe(`backup target: ${name}`, { skip }, () => {
    let backend: TargetBackend;
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sealfax-target-'));
      backend = await start();
    });
    after(async () => {
      await backend.stop();
      await rm(folder, { recursive: true, force: true });
    });

    async function local(bytes: Uint8Array): Promise<string> {
      const path = join(folder, `local-${made}-${bytes.length}`);
      await writeFile(path, bytes);
      return path;
    }

    test('an empty target has no backups', async () => {
      assert.deepEqual(await backend.target.list(), []);
    });

    test('what was put is listed in order of its name and comes back as it was', async () => {
      const names = [freshName(), freshName(), freshName(), freshName()];
      const bytes = randomBytes(1_000);
      for (const each of [...names].reverse()) await backend.target.put(each, await local(bytes));
      const listed = await backend.target.list();
      assert.deepEqual(
        listed,
        names.map((each) => ({ name: each, bytes: 1_000 })),
      );
      const back = join(folder, 'back');
      await backend.target.fetch(names[2] ?? '', back);
      assert.deepEqual(await readFile(back), bytes);
    });

    test('a large file goes through whole, and nothing is left beside it', async () => {
      const each = freshName();
      const bytes = randomBytes(backend.large);
      await backend.target.put(each, await local(bytes));
      const back = join(folder, 'large');
      await backend.target.fetch(each, back);
      assert.ok(bytes.equals(await readFile(back)));
      const others = (await backend.names()).filter((found) => !/\.sfb$/.test(found));
      assert.deepEqual(others, []);
    });

    test('a name that is taken is refused, whatever the size, and the backup under it stays', async () => {
      const each = freshName();
      await backend.target.put(each, await local(randomBytes(10)));
      await assert.rejects(backend.target.put(each, await local(randomBytes(11))), code('target_exists'));
      await assert.rejects(backend.target.put(each, await local(randomBytes(backend.large))), code('target_exists'));
      assert.equal((await backend.target.list()).find((one) => one.name === each)?.bytes, 10);
    });

    test('files that are no backups are neither listed nor disturbed', async () => {
      await backend.litter('notes.txt');
      await backend.litter('sealfax-x-20260101T000000Z-00000000.sfb.old');
      const listed = await backend.target.list();
      assert.ok(listed.every((one) => one.name.endsWith('.sfb')));
      assert.ok((await backend.names()).includes('notes.txt'));
    });

    test('what is removed is gone; removing it again is no error', async () => {
      const each = freshName();
      await backend.target.put(each, await local(randomBytes(10)));
      await backend.target.remove(each);
      await backend.target.remove(each);
      assert.equal(
        (await backend.target.list()).some((one) => one.name === each),
        false,
      );
    });

    test('a backup that is not there is not found, and no file is left', async () => {
      const into = join(folder, 'nothing');
      await assert.rejects(backend.target.fetch(freshName(), into), code('not_found'));
      await assert.rejects(readFile(into), { code: 'ENOENT' });
    });

    test('a target that cannot be used says so, and names itself', async () => {
      const path = await local(randomBytes(10));
      const told = (error: unknown) =>
        code('target_failed')(error) && String(error).includes(backend.broken.description);
      await assert.rejects(backend.broken.put(freshName(), path), told);
    });
  });
}
