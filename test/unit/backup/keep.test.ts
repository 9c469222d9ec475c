import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expired } from '../../../ops/backup/keep.ts';
import { backupName, parseBackupName } from '../../../ops/backup/name.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 15, 12);
const PIN = 'a-b_cdefghijkl';

function stored(pin: string, ...ages: number[]) {
  return ages.map((age, index) => ({
    name: backupName(pin, NOW - age, `bak_${String(index).padStart(26, '0')}`),
    bytes: 1,
  }));
}

describe('which backups are kept', () => {
  test('the newest ones, and the newest of each day for some days', () => {
    const all = stored(PIN, 0, 15 * MINUTE, 30 * MINUTE, 45 * MINUTE, DAY, DAY + MINUTE, 2 * DAY, 3 * DAY, 4 * DAY);
    const gone = expired(all, PIN, { newest: 2, days: 3 }, NOW);
    const names = (...ages: number[]) =>
      ages.map((age) => all.find(({ name }) => parseBackupName(name)?.at === NOW - age)?.name);
    assert.deepEqual(gone, names(4 * DAY, DAY + MINUTE, 45 * MINUTE, 30 * MINUTE));
  });

  test('the newest one stays, however old it is', () => {
    assert.deepEqual(expired(stored(PIN, 400 * DAY), PIN, { newest: 1, days: 0 }, NOW), []);
  });

  test('those of another gateway at the same target, and files of other names, are left alone', () => {
    const others = [...stored('zzzzzzzzzz', 10 * DAY, 11 * DAY), { name: 'notes.txt', bytes: 1 }];
    const ours = stored(PIN, 0, 10 * DAY);
    const gone = expired([...others, ...ours], PIN, { newest: 1, days: 0 }, NOW);
    assert.deepEqual(gone, [ours[1]?.name]);
  });

  test('a clock that was ahead does not make the newest backups old', () => {
    const all = stored(PIN, -DAY, 0, 15 * MINUTE);
    assert.deepEqual(expired(all, PIN, { newest: 3, days: 0 }, NOW), []);
  });
});

describe('names of backups', () => {
  test('say gateway and time, and are read again', () => {
    const [{ name } = { name: '' }] = stored(PIN, 0);
    assert.equal(name, 'sealfax-abcdefgh-20260615T120000Z-00000000.sfb');
    assert.deepEqual(parseBackupName(name), { name, gateway: 'abcdefgh', at: NOW });
  });
  for (const name of [
    '',
    'sealfax-abcdefgh-20261332T120000Z-00000000.sfb',
    '../sealfax-a-20260615T120000Z-00000000.sfb',
    'sealfax-a-20260615T120000Z-00000000.sfb.part',
  ]) {
    test(`${JSON.stringify(name)} is none`, () => assert.equal(parseBackupName(name), undefined));
  }
});
