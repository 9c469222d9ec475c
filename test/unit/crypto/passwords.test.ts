import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  apiSecretVerifier,
  createPasswordHasher,
  dummyApiSecretVerifier,
  dummyPasswordHash,
  hashPassword,
  isApiSecret,
  newApiSecret,
  newKey,
  Slots,
  verifyApiSecret,
  verifyPassword,
} from '../../../crypto/index.ts';
import { rejectsWith } from './material.ts';

describe('passwords (Argon2id, RFC 9106)', () => {
  test('64 MiB, t = 3, one lane, and a salt of their own', async () => {
    const [a, b] = await Promise.all([hashPassword('secret'), hashPassword('secret')]);
    assert.match(a, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    assert.notEqual(a, b);
    assert.ok(await verifyPassword(a, 'secret'));
    assert.ok(!(await verifyPassword(a, 'Secret')));
    assert.ok(!(await verifyPassword(a, '')));
    assert.ok(!(await verifyPassword(a, 'x'.repeat(2_000))));
  });

  test('the two ways to write an accent are one password', async () => {
    assert.ok(await verifyPassword(await hashPassword('caf\u00e9'), 'cafe\u0301'));
  });

  test('empty and endless passwords are not set', async () => {
    await rejectsWith('password', hashPassword(''));
    await rejectsWith('password', hashPassword('é'.repeat(513)));
  });

  test('a stored hash with other costs is not verified', async () => {
    const weak = '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    await rejectsWith('password', verifyPassword(weak, 'a'));
    await rejectsWith('password', verifyPassword('', 'a'));
  });

  test('the dummy is a hash of the same form that nothing verifies against', async () => {
    const dummy = await dummyPasswordHash();
    assert.equal(dummy, await dummyPasswordHash());
    assert.match(dummy, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    assert.ok(!(await verifyPassword(dummy, 'secret')));
  });

  test('more log-ins than the queue holds are told to come later', async () => {
    const hasher = createPasswordHasher({ concurrent: 1, waiting: 0 });
    const first = hasher.hash('a');
    await rejectsWith('busy', hasher.hash('b'));
    assert.ok(await hasher.verify(await first, 'a'));
  });
});

describe('slots', () => {
  /** Work that ends when it is told to. */
  function held() {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { work: () => promise, release: resolve };
  }

  test('no more than the limit run at once, and a failure frees its slot', async () => {
    const slots = new Slots({ concurrent: 2, waiting: 10 });
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      throw new Error('over');
    };
    const results = await Promise.allSettled(Array.from({ length: 7 }, () => slots.run(work)));
    assert.equal(most, 2);
    assert.ok(results.filter(({ status }) => status === 'rejected').length === 7);
    assert.equal(await slots.run(async () => 5), 5);
  });

  test('strangers fill half of the queue; the other half is for preferred callers', async () => {
    const slots = new Slots({ concurrent: 1, waiting: 4 });
    const gate = held();
    const all = [slots.run(gate.work), slots.run(gate.work), slots.run(gate.work)];
    await rejectsWith('busy', slots.run(gate.work));
    all.push(slots.run(gate.work, true), slots.run(gate.work, true));
    await rejectsWith('busy', slots.run(gate.work, true));
    gate.release();
    await Promise.all(all);
  });

  test('turns alternate between preferred callers and strangers', async () => {
    const slots = new Slots({ concurrent: 1, waiting: 8 });
    const gate = held();
    const order: string[] = [];
    const turn = (name: string) => async () => void order.push(name);
    const all = [slots.run(gate.work), slots.run(turn('s1')), slots.run(turn('s2'))];
    all.push(slots.run(turn('p1'), true), slots.run(turn('p2'), true), slots.run(turn('p3'), true));
    gate.release();
    await Promise.all(all);
    assert.deepEqual(order, ['p1', 's1', 'p2', 's2', 'p3']);
  });
});

describe('API secrets', () => {
  test('160 bits behind a prefix; the form alone says what they are', () => {
    const secret = newApiSecret();
    assert.match(secret, /^sfk_[0-9a-hjkmnp-tv-z]{32}$/);
    assert.ok(isApiSecret(secret) && !isApiSecret(`${secret}a`) && !isApiSecret('sfk_') && !isApiSecret('password'));
    assert.notEqual(secret, newApiSecret());
  });

  test('the verifier belongs to one secret and one server key', () => {
    const serverKey = newKey();
    const secret = newApiSecret();
    const verifier = apiSecretVerifier(serverKey, secret);
    assert.ok(verifyApiSecret(serverKey, verifier, secret));
    assert.ok(!verifyApiSecret(serverKey, verifier, newApiSecret()));
    assert.ok(!verifyApiSecret(newKey(), verifier, secret));
    assert.ok(!verifyApiSecret(serverKey, dummyApiSecretVerifier(), secret));
    assert.ok(!verifyApiSecret(serverKey, new Uint8Array(0), secret));
  });
});
