import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { generateSigningKey, hex, importSigningKey, newKey, verifyReceipt } from '../../../crypto/index.ts';
import { type FaxId, parseId } from '../../../gateway/fax/ids.ts';
import { createRecords } from '../../../gateway/records/index.ts';
import { createImageLoss, createRetention } from '../../../gateway/retention/index.ts';
import { createEpochRoll, createFileVault, createSlotFileStore } from '../../../gateway/vault/index.ts';
import { silentLog, startTestPostgres } from '../../postgres.ts';
import { filesBelow, HandClock, Notes, readBack } from '../../unit/vault/setting.ts';
import type { ChildWork } from './killed-child.ts';

const CHILD = new URL('killed-child.ts', import.meta.url).pathname;
const KILLS = 5;

/** Runs the child until it has said `steps` lines, kills it at once, and answers what it said. */
async function killAfter(work: ChildWork, steps: number): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [CHILD, JSON.stringify(work)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  let trouble = '';
  child.stderr?.on('data', (chunk) => (trouble += String(chunk)));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)));
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === steps) child.kill('SIGKILL');
  }
  assert.equal(await ended, 'SIGKILL', trouble);
  return said;
}

test('a vault that is killed again and again loses no live image, and wipes every ended one with both receipts', async () => {
  const postgres = await startTestPostgres();
  const directory = await mkdtemp(join(tmpdir(), 'vault-killed-'));
  const receiptKey = await generateSigningKey();
  const rootKey = newKey();
  const work: ChildWork = {
    database: postgres.config,
    directory: join(directory, 'vault'),
    slots: join(directory, 'keys', 'epochs.slots'),
    rootKey: hex(rootKey),
    receiptPem: new TextDecoder().decode(receiptKey.privatePem),
  };
  const pool = postgres.pool();
  const records = createRecords({ pool, log: silentLog });
  await records.migrate();

  const said: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) said.push(...(await killAfter(work, 5 + Math.floor(Math.random() * 40))));
  const named = (word: string): FaxId[] =>
    said
      .filter((line) => line.startsWith(`${word} `))
      .flatMap((line) => parseId('fax', line.slice(word.length + 1)) ?? []);
  assert.deepEqual(named('lost'), []);
  assert.ok(named('wiped').length > 0);

  // The last start: an hour later, so that abandoned uploads have expired.
  const clock = new HandClock();
  clock.at = Date.now() + 3_600_000;
  const notes = new Notes();
  const store = await createSlotFileStore({ path: work.slots, rootKey });
  const shared = { records: records.vault, clock, log: notes.log, metrics: notes.metrics };
  const key = await importSigningKey(work.receiptPem);
  const vault = createFileVault({ ...shared, directory: work.directory, epochs: store, receiptKey: key });
  const faxes = { fax: records.faxes.fax, endUncalled: records.faxes.endUncalled };
  const lost = createImageLoss({ ...shared, vault, faxes });
  const epochRoll = createEpochRoll({ ...shared, store, vault, receiptKey: key, imageLost: lost });
  const retention = createRetention({ ...shared, vault, faxes, epochRoll });
  await retention.start(async () => undefined);
  await epochRoll.roll();

  const ended = new Set(named('ended'));
  for (const fax of ended) {
    const stored = await records.vault.receipt(fax);
    const first = await verifyReceipt(stored?.jws ?? '', key.publicSpki);
    assert.deepEqual([first.fax, first.bytes !== 0], [fax, true]);
    await verifyReceipt(stored?.epochJws ?? '', key.publicSpki);
  }
  const live = named('live').filter((fax) => !ended.has(fax));
  let kept = 0;
  for (const fax of live) {
    // Between its `live` and its `ended` line a fax may have been ended already; then it is wiped, never half.
    if ((await records.vault.receipt(fax)) !== undefined) continue;
    assert.equal(await readBack(vault, fax, 'page/1'), 'page'.repeat(150));
    kept++;
  }
  assert.ok(kept > 0);
  const rows = await pool.query<{ fax: FaxId }>('select fax from vault_keys union select fax from vault_objects');
  const files = new Set((await filesBelow(work.directory)).map(({ path }) => path.split('/').at(-2)));
  assert.deepEqual([...files].sort(), rows.rows.map((row) => row.fax).sort());
  assert.equal((await store.load()).length, 1);
  assert.equal(notes.counts.get('images_lost'), undefined);
  assert.equal(notes.counts.get('sweeper_failed'), undefined);

  await retention.stop();
  await store.close();
  await records.close();
  await postgres.stop();
  await rm(directory, { recursive: true });
});
