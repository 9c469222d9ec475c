// The negative control: the judge of the kill test, on gateways from which a guard was taken away. Each case runs
// twice, with the guard and without it, and only the guarded one is sound.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FaxRecords } from '../../gateway/ports/fax-records.ts';
import { isSound, type Verdict } from './judge.ts';
import { inWorkshop, type Workshop } from './workshop.ts';

const ALL_PAGES = ['fax 0 page 1', 'fax 0 page 2', 'fax 0 page 3'];

/** A worker sleeps between the answer and gate 2; another takes the fax over, and the first wakes up in the middle. */
async function oversleep(workshop: Workshop, unguarded: Partial<FaxRecords>): Promise<Verdict> {
  const { records } = workshop;
  const asleep = Promise.withResolvers<void>();
  const awake = Promise.withResolvers<void>();
  const gate = unguarded.passGate2 ?? records.passGate2;
  const sleeper = workshop.worker('sleeper', {
    ...unguarded,
    async passGate2(...args) {
      asleep.resolve();
      await awake.promise;
      return gate(...args);
    },
  });
  const sleeping = sleeper.dispatch.work();
  await asleep.promise;
  const heir = workshop.worker('heir', {
    async pageConfirmed(...args) {
      const written = await records.pageConfirmed(...args);
      awake.resolve();
      await sleeping;
      return written;
    },
  });
  assert.equal(await heir.dispatch.reconcile(true), 1);
  await heir.dispatch.work();
  return workshop.judge();
}

/** A worker is killed when its first page has been confirmed; another goes on from the journal. */
async function dieBetweenPages(workshop: Workshop, unguarded: Partial<FaxRecords>): Promise<Verdict> {
  const { records } = workshop;
  const dead = Promise.withResolvers<void>();
  const confirm = unguarded.pageConfirmed ?? records.pageConfirmed;
  const victim = workshop.worker('victim', {
    ...unguarded,
    async pageConfirmed(...args) {
      await confirm(...args);
      victim.hangUp();
      dead.resolve();
      return new Promise<never>(() => {});
    },
  });
  void victim.dispatch.work();
  await dead.promise;
  const heir = workshop.worker('heir', unguarded);
  assert.equal(await heir.dispatch.reconcile(true), 1);
  await heir.dispatch.work();
  return workshop.judge();
}

const yes = async () => true;

describe('the judge finds pages that were printed twice', { concurrency: false }, () => {
  test('with gate 2, a worker that overslept its lease prints nothing', () =>
    inWorkshop(async (workshop) => {
      const verdict = await oversleep(workshop, {});
      assert.ok(isSound(verdict), JSON.stringify(verdict));
    }));

  test('without gate 2, it prints every page a second time', () =>
    inWorkshop(async (workshop) => {
      const verdict = await oversleep(workshop, { passGate2: yes, pageStarted: yes, pageConfirmed: yes });
      assert.deepEqual(verdict.twice.toSorted(), ALL_PAGES);
      assert.ok(!isSound(verdict));
    }));

  test('with the page journal, the call after a kill begins behind the last confirmed page', () =>
    inWorkshop(async (workshop) => {
      const verdict = await dieBetweenPages(workshop, {});
      assert.ok(isSound(verdict), JSON.stringify(verdict));
    }));

  test('without the page journal, it begins with page 1 again', () =>
    inWorkshop(async (workshop) => {
      const verdict = await dieBetweenPages(workshop, { pageStarted: yes, pageConfirmed: yes });
      assert.deepEqual(verdict.twice, ['fax 0 page 1']);
      assert.ok(!isSound(verdict));
    }));
});
