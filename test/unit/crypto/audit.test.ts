import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalJson } from '../../../crypto/audit/canonical-json.ts';
import {
  AUDIT_START,
  type AuditFault,
  AuditReader,
  auditEntryLine,
  auditLink,
  base64url,
  certifyReceiptKey,
  generateSigningKey,
  pinOf,
  type ReceiptKey,
  randomBytes,
  signAuditHead,
  signReceipt,
  verifyAuditHead,
  verifyCertifiedReceipt,
} from '../../../crypto/index.ts';

const NOW = Date.UTC(2026, 10, 22, 6, 0);
const root = await generateSigningKey();
const key = await certifyReceiptKey(await generateSigningKey(), root, NOW);

/** An export of `count` entries with a head after each fifth one and after the last. */
async function exported(count: number, by: ReceiptKey = key): Promise<string[]> {
  const lines: object[] = [{ audit: 'start', v: 1, place: 0, link: base64url(AUDIT_START) }];
  let link = AUDIT_START;
  for (let place = 1; place <= count; place++) {
    const facts = { at: NOW + place, actor: 'usr_1', action: 'login', detail: { tries: place } };
    const salt = randomBytes(16);
    link = auditLink(link, salt, facts);
    lines.push(auditEntryLine(place, salt, link, facts));
    if (place % 5 !== 0 && place !== count) continue;
    lines.push({ audit: 'head', jws: await signAuditHead({ place, link, at: NOW + place }, by) });
  }
  return lines.map((line) => JSON.stringify(line));
}

async function findingsOf(lines: readonly string[]) {
  const reader = new AuditReader();
  for (const line of lines) await reader.read(line);
  return reader.findings();
}

const faultsOf = async (lines: readonly string[]) =>
  (await findingsOf(lines)).faults.map(({ line, fault }): [number, AuditFault['fault']] => [line, fault]);

/** The lines with one of them replaced by others. */
const replaced = (lines: readonly string[], at: number, ...by: readonly string[]) => lines.toSpliced(at, 1, ...by);

describe('an exported audit log', () => {
  test('that nobody touched is whole, and names the root that vouches for it', async () => {
    assert.deepEqual(await findingsOf(await exported(12)), {
      entries: 12,
      places: [1, 12],
      heads: 3,
      until: NOW + 12,
      pins: [await pinOf(root.publicJwk)],
      faults: [],
    });
  });

  test('may begin in the middle', async () => {
    const whole = await exported(10);
    const fifth = JSON.parse(whole[5] ?? '') as { link: string };
    const start = JSON.stringify({ audit: 'start', v: 1, place: 5, link: fifth.link });
    const { places, faults } = await findingsOf([start, ...whole.slice(7)]);
    assert.deepEqual([places, faults], [[6, 10], []]);
  });

  test('tells a changed entry, by its place', async () => {
    const lines = await exported(10);
    assert.deepEqual(await faultsOf(replaced(lines, 3, (lines[3] ?? '').replace('login', 'logout'))), [[4, 'changed']]);
    assert.deepEqual(await faultsOf(replaced(lines, 3, (lines[3] ?? '').replace('usr_1', 'usr_2'))), [[4, 'changed']]);
  });

  test('tells an entry that was taken away', async () => {
    const lines = await exported(10);
    assert.deepEqual(await faultsOf(lines.toSpliced(3, 1)), [[4, 'missing']]);
  });

  test('tells an entry that was put in', async () => {
    const lines = await exported(10);
    assert.deepEqual(await faultsOf(lines.toSpliced(4, 0, lines[2] ?? '')), [[5, 'inserted']]);
  });

  test('tells a log made anew by somebody who does not have the key', async () => {
    const lines = await exported(10);
    const forged = await exported(10);
    const mixed = forged.map((line, at) => (line.includes('"head"') ? (lines[at] ?? '') : line));
    assert.deepEqual(await faultsOf(mixed), [
      [7, 'head'],
      [13, 'head'],
    ]);
  });

  test('tells an end that was cut off in front of a head, and cannot tell one behind it', async () => {
    const lines = await exported(12);
    assert.deepEqual(await faultsOf(lines.slice(0, -1)), [[15, 'unsigned']]);
    assert.deepEqual(await faultsOf(lines.slice(0, 13)), []);
  });

  test('is not whole with a head of another kind, or by a key that no root vouches for', async () => {
    const lines = await exported(5);
    const receipt = await signReceipt({ v: 1, place: 5, link: 'x', at: 'y' }, key);
    assert.deepEqual(await faultsOf(replaced(lines, 6, JSON.stringify({ audit: 'head', jws: receipt }))), [
      [7, 'head'],
      [7, 'unsigned'],
    ]);
    const alone = await exported(5, await generateSigningKey());
    assert.deepEqual(await faultsOf(alone), [
      [7, 'head'],
      [7, 'unsigned'],
    ]);
  });

  test('of any octets is judged and never throws', async () => {
    const lines = await exported(6);
    const hostile = [
      '',
      '{}',
      '[]',
      'null',
      '{"audit":"head"}',
      '{"audit":"entry","place":-1}',
      '{"audit":"start","v":2}',
    ];
    for (const line of [...hostile, '{"audit":"entry","place":3,"salt":"A","link":"","facts":{}}', '"'.repeat(100)]) {
      for (let at = 0; at <= lines.length; at++) {
        const { faults } = await findingsOf(lines.toSpliced(at, 0, line));
        assert.ok(faults.length > 0, line);
      }
    }
    assert.deepEqual(await faultsOf([]), [[0, 'malformed']]);
  });

  test('has heads that are no receipts, and receipts that are no heads', async () => {
    const head = await signAuditHead({ place: 1, link: AUDIT_START, at: NOW }, key);
    await assert.rejects(verifyCertifiedReceipt(head), { code: 'signature' });
    await assert.rejects(verifyAuditHead(await signReceipt({ v: 1 }, key)), { code: 'signature' });
  });
});

test('canonical JSON is that of RFC 8785', () => {
  // §3.2.2 and §3.2.3 of the RFC.
  const numbers = [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001];
  assert.equal(
    canonicalJson({ numbers, literals: [null, true, false] }),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
  );
  assert.equal(
    canonicalJson({
      '\u20ac': 'Euro',
      '\r': 'CR',
      '1': 'One',
      '\u0080': 'Control',
      '\ud83d\ude00': 'Smile',
      ö: 'o',
      '\ufb33': 'Dalet',
    }),
    '{"\\r":"CR","1":"One","\u0080":"Control","\u00f6":"o","\u20ac":"Euro","\ud83d\ude00":"Smile","\ufb33":"Dalet"}',
  );
});
