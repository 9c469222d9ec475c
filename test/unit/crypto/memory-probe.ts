// Child process of memory.test.ts: works with secrets, forgets them, and then waits so that its memory can be read.
// `forget` is the product's way; `keep` leaves everything where it is, so that the reader is known to find things.

import { randomBytes } from 'node:crypto';
import {
  createHandshakeServer,
  generateSigningKey,
  issueStatement,
  newKey,
  openObject,
  openRequest,
  readRequestHeader,
  runCollection,
  sealObject,
  sealRequest,
  startHandshake,
  unwrapKey,
  wipe,
  wrapKey,
} from '../../../crypto/index.ts';

const MASK = 0x5a;
const WHERE = { fax: 'fax_1', object: 'page/0' };
const keep = process.argv[2] === 'keep';
const kept: Uint8Array[] = [];
const masked: [name: string, hidden: string][] = [];

/** Notes a secret for the reader without leaving another copy of it here. */
function note(name: string, secret: Uint8Array): void {
  const hidden = new Uint8Array(secret.length);
  for (const [at, octet] of secret.entries()) hidden[at] = octet ^ MASK;
  masked.push([`${name} ${masked.length}`, Buffer.from(hidden).toString('hex')]);
}

/** Makes V8 move its young objects a few times, as a busy process does: what lies in its heap would leave copies. */
function stir(): void {
  for (let heap: unknown[] = [], at = 0; at < 400_000; at++) {
    heap.push({ at });
    if (heap.length > 50_000) heap = [];
  }
}

function forget(secret: Uint8Array): void {
  if (keep) kept.push(secret);
  else wipe(secret);
}

/** A page with a mark in each of its chunks; drawn straight into memory of its own. */
function markedPage(): Uint8Array[] {
  const chunks = Array.from({ length: 4 }, () => new Uint8Array(50_000));
  const [first] = chunks;
  const mark = first === undefined ? new Uint8Array(0) : first.subarray(1_000, 1_032);
  globalThis.crypto.getRandomValues(mark);
  note('page', mark);
  for (const chunk of chunks) chunk.set(mark, 1_000);
  return chunks;
}

async function storeAndRead(): Promise<void> {
  const kek = newKey();
  const dek = newKey();
  note('kek', kek);
  note('dek', dek);
  const wrapped = await wrapKey(kek, dek, 'fax_1');
  stir();
  const sealed: Uint8Array[] = [];
  const page = markedPage();
  for await (const part of sealObject(dek, WHERE, page, { wipeSource: !keep })) sealed.push(part);
  if (keep) kept.push(...page);
  forget(dek);
  const again = await unwrapKey(kek, wrapped, 'fax_1');
  for await (const chunk of openObject(again, WHERE, sealed)) chunk.at(0);
  stir();
  forget(again);
  forget(kek);
}

async function session(): Promise<void> {
  const [root, handshakeKey] = await Promise.all([generateSigningKey(), generateSigningKey()]);
  const now = 1_767_225_600_000;
  const keys = [{ publicKey: handshakeKey.publicSpki }];
  const hosts = ['localhost'];
  const statement = await issueStatement({ seq: 1, hosts, keys, suites: ['P521-HKDF512-A256GCM'], ttl: 60 }, root, now);
  const client = await startHandshake({ pins: [root.pin], aud: 'localhost', now });
  const answer = await createHandshakeServer({ handshakeKey, statement, hosts }).hello(client.request, now);
  const mine = await client.finish(JSON.stringify(answer.response));
  note('c2s', mine.c2s);
  note('s2c', mine.s2c);
  stir();
  for (let seq = 0; seq < 20; seq++) {
    const { bytes } = sealRequest(mine, seq, { m: 'POST', p: '/', h: {} }, [randomBytes(100_000)]);
    const opened = await openRequest(answer.session, await readRequestHeader(bytes));
    for await (const chunk of opened.body) chunk.at(0);
  }
  for (const secret of [mine.c2s, mine.s2c, answer.session.c2s, answer.session.s2c]) forget(secret);
}

for (let round = 0; round < 5; round++) await storeAndRead();
await session();
// Two turns: handles that the first collection found dead are freed by the second.
for (let turn = 0; turn < 2 && !keep; turn++) {
  wipe();
  runCollection();
  await new Promise((done) => setImmediate(done));
}
process.stdout.write(`${JSON.stringify({ masked, kept: kept.length })}\n`);
process.stdin.resume();
