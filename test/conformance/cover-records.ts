import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { COVER_FORMS } from '../../gateway/fax/cover.ts';
import { type AccountId, newId } from '../../gateway/fax/ids.ts';
import type { CoverRecords, CoverRow } from '../../gateway/ports/cover-records.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, T0, type World } from './fax-records-world.ts';

const actor = { who: 'local', address: '192.0.2.1' };
const refused = (code: string) => ({ name: 'AccountError', code });

/** The contract of CoverRecords; every backend passes it. */
export function coverRecordsConformance(name: string, makeRecords: () => Promise<Backend>): void {
  describe(`CoverRecords on ${name}`, () => {
    let backend: Backend;
    let covers: CoverRecords;
    let world: World;
    before(async () => {
      backend = await makeRecords();
      covers = backend.records.covers;
      world = createWorld(backend.records);
    });
    after(() => backend.stop());

    const rowOf = (account: AccountId, coverName: string): CoverRow => ({
      account,
      name: coverName,
      fields: ['to', 'note'],
      pages: 2,
      bytes: 12_345,
      sealed: new Uint8Array([0, 1, 2, 255]),
      createdAt: T0,
    });
    const plain = (row: CoverRow | undefined) =>
      row === undefined ? undefined : { ...row, sealed: new Uint8Array(row.sealed) };

    test('a cover is kept, listed by name and removed, by its own account only', async () => {
      const [a, b] = [(await world.account()).id, (await world.account()).id];
      for (const one of ['winter', 'clinic', 'Über-uns']) await covers.addCover(rowOf(a, one), actor);
      assert.deepEqual(plain(await covers.cover(a, 'clinic')), rowOf(a, 'clinic'));
      const listed = await covers.covers(a);
      assert.deepEqual(
        listed.map((one) => one.name),
        ['clinic', 'winter', 'Über-uns'],
      );
      const { sealed: _, ...facts } = rowOf(a, 'clinic');
      assert.deepEqual(listed[0], facts, 'a list does not carry the sealed forms');
      assert.equal(await covers.cover(b, 'clinic'), undefined);
      assert.deepEqual(await covers.covers(b), []);
      assert.equal(await covers.removeCover(b, 'clinic', actor, T0), false);
      assert.equal(await covers.removeCover(a, 'clinic', actor, T0 + 1), true);
      assert.equal(await covers.removeCover(a, 'clinic', actor, T0 + 2), false);
      assert.equal(await covers.cover(a, 'clinic'), undefined);
    });

    test('a name is taken once in an account, and free again when its cover is gone', async () => {
      const [a, b] = [(await world.account()).id, (await world.account()).id];
      await covers.addCover(rowOf(a, 'one'), actor);
      await covers.addCover(rowOf(b, 'one'), actor);
      await assert.rejects(covers.addCover(rowOf(a, 'one'), actor), refused('name_taken'));
      await covers.removeCover(a, 'one', actor, T0);
      await covers.addCover(rowOf(a, 'one'), actor);
    });

    test('an account that is none has no covers', async () => {
      const nobody = newId('acc', () => 'acc_00000000000000000000000000');
      await assert.rejects(covers.addCover(rowOf(nobody, 'one'), actor), refused('account_unknown'));
    });

    test('the limit holds for all that add at once', async () => {
      const { id } = await world.account();
      const names = Array.from({ length: COVER_FORMS + 5 }, (_, index) => `cover-${index}`);
      const results = await Promise.allSettled(names.map((one) => covers.addCover(rowOf(id, one), actor)));
      const failed = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.code);
      assert.deepEqual(
        failed,
        Array.from({ length: 5 }, () => 'too_many_covers'),
      );
      assert.equal((await covers.covers(id)).length, COVER_FORMS);
      const [first] = await covers.covers(id);
      assert.ok(first !== undefined);
      await assert.rejects(covers.addCover(rowOf(id, 'more'), actor), refused('too_many_covers'));
      await assert.rejects(covers.addCover(rowOf(id, first.name), actor), refused('name_taken'));
    });

    test('every change stands in the audit log, a refused one does not', async () => {
      const { id } = await world.account();
      await covers.addCover(rowOf(id, 'one'), actor);
      await assert.rejects(covers.addCover(rowOf(id, 'one'), actor));
      await covers.removeCover(id, 'one', actor, T0 + 5);
      await covers.removeCover(id, 'one', actor, T0 + 6);
      const log = await backend.records.accounts.auditLog({ account: id, limit: 10 });
      const entries = log.filter(({ action }) => action.startsWith('cover.'));
      assert.deepEqual(
        entries.map(({ at, actor: who, action, object, detail }) => ({ at, who, action, object, detail })),
        [
          { at: T0 + 5, who: 'local', action: 'cover.remove', object: 'one', detail: {} },
          { at: T0, who: 'local', action: 'cover.add', object: 'one', detail: { pages: 2, bytes: 12_345 } },
        ],
      );
    });
  });
}
