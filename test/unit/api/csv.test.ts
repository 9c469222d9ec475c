import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { csv } from '../../../api/routes/cdrs.ts';
import { CSV_HEAD, csvCell, csvLine } from '../../../api/views/cdr-view.ts';
import type { LineReport } from '../../../gateway/fax/call-result.ts';
import type { Cdr } from '../../../gateway/fax/cdr.ts';
import { parsePlace } from '../../../gateway/fax/destination.ts';
import { type AccountId, type CdrId, type FaxId, newId } from '../../../gateway/fax/ids.ts';

const CDR: Cdr = {
  id: newId('cdr', (prefix) => `${prefix}_1`) satisfies CdrId,
  account: newId('acc', (prefix) => `${prefix}_1`) satisfies AccountId,
  user: null,
  fax: newId('fax', (prefix) => `${prefix}_1`) satisfies FaxId,
  batch: null,
  call: null,
  direction: 'outbound',
  from: '+49301234567',
  to: '+49307654321',
  country: null,
  remoteId: null,
  subaddress: null,
  carrier: null,
  reference: null,
  attempt: 1,
  startedAt: 0,
  answeredAt: null,
  endedAt: 1_000,
  duration: 0,
  pages: 1,
  pagesSent: 0,
  result: 'failed',
  cause: 'busy',
  detail: '',
  billable: false,
  cost: null,
  currency: null,
  chargedSeconds: null,
  line: null,
  route: null,
  faxState: 'failed',
  tags: { ward: 'Käthe-Kollwitz' },
  receipt: null,
  epochReceipt: null,
  purge: null,
  purgeReceipt: null,
};

describe('a cell of a CSV report', () => {
  test('is never a formula', () => {
    assert.equal(csvCell('=1+1'), `"'=1+1"`);
    assert.equal(csvCell('+cmd|x'), `"'+cmd|x"`);
    assert.equal(csvCell('-2+3'), `"'-2+3"`);
    assert.equal(csvCell('@SUM(A1)'), `"'@SUM(A1)"`);
    assert.equal(csvCell('\tx'), `"'\tx"`);
    assert.equal(csvCell('\r=x'), `"'\r=x"`);
  });

  test('keeps international numbers, counts and switches as they are', () => {
    assert.equal(csvCell('+49301234567'), '+49301234567');
    assert.equal(csvCell(-5), '-5');
    assert.equal(csvCell(true), 'true');
    assert.equal(csvCell(null), '');
    assert.equal(csvCell(undefined), '');
  });

  test('is quoted where RFC 4180 §2 says so', () => {
    assert.equal(csvCell('a,b'), '"a,b"');
    assert.equal(csvCell('a "b"'), '"a ""b"""');
    assert.equal(csvCell('a\nb'), '"a\nb"');
  });
});

describe('a line of a CSV report', () => {
  const HEAD = CSV_HEAD.split(',');
  const cell = (cdr: Cdr, column: string) => csvLine(cdr).split(',')[HEAD.indexOf(column)];
  const cost = (cdr: Cdr) => ['cost', 'currency', 'chargedSeconds'].map((column) => cell(cdr, column));
  test('has a cell for each column of the head', () => {
    assert.equal(csvLine(CDR).split(',').length, HEAD.length);
  });

  test('tells the cost as an amount of its currency, and nothing where no price is known', () => {
    assert.deepEqual(cost({ ...CDR, cost: 14_500, currency: 'EUR', chargedSeconds: 66 }), ['0.0145', 'EUR', '66']);
    assert.deepEqual(cost({ ...CDR, cost: 0, currency: 'EUR', chargedSeconds: 0 }), ['0.00', 'EUR', '0']);
    assert.deepEqual(cost(CDR), ['', '', '']);
  });

  test('tells the country, and how the line was', () => {
    const line: LineReport = {
      ...{ rate: 14_400, modulation: 'V.17', compression: 'JBIG', ecm: true, t38: true, retrains: 2, badRows: 3 },
    };
    const country = parsePlace('de') ?? null;
    const told = ['country', 'compression', 'retrains', 'badRows', 'epochReceipt'];
    const cells = told.map((column) => cell({ ...CDR, country, line, epochReceipt: 'jws' }, column));
    assert.deepEqual(cells, ['DE', 'JBIG', '2', '3', 'jws']);
    assert.deepEqual(
      told.map((column) => cell(CDR, column)),
      ['', '', '', '', ''],
    );
  });

  test('tells what the signalling said at the end', () => {
    const codes = (cdr: Cdr) => ['sipStatus', 'q850'].map((column) => cell(cdr, column));
    assert.deepEqual(codes({ ...CDR, detail: 'SIP 486 Busy' }), ['', '']);
    assert.deepEqual(codes({ ...CDR, detail: 'SIP 486: busy here' }), ['486', '']);
    assert.deepEqual(codes({ ...CDR, detail: 'Q.850 17: busy' }), ['', '17']);
  });

  test('tells what became of the carrier’s copy', () => {
    assert.equal(cell({ ...CDR, purge: 'kept' }, 'purge'), 'kept');
    assert.equal(cell(CDR, 'purge'), '');
  });
});

describe('a CSV report of any length', () => {
  const ROWS = 200_000;
  /** Counts how many rows have been asked for. */
  async function* rows(asked: { count: number }): AsyncGenerator<Cdr> {
    for (; asked.count < ROWS; asked.count += 1) yield CDR;
  }

  test('goes out in chunks of bounded size, and no row is read before it is wanted', async () => {
    const asked = { count: 0 };
    const [line, most] = [csvLine(CDR).length + 2, 32 * 1024 + 2 * Buffer.byteLength(csvLine(CDR))];
    let octets = 0;
    let chunks = 0;
    for await (const chunk of csv(rows(asked))) {
      chunks += 1;
      octets += chunk.length;
      assert.ok(chunk.length <= most, `${chunk.length} octets`);
      assert.ok(asked.count <= (chunks * most) / line, `${asked.count} rows read for ${chunks} chunks`);
    }
    assert.equal(octets, Buffer.byteLength(`${CSV_HEAD}\r\n`) + ROWS * Buffer.byteLength(`${csvLine(CDR)}\r\n`));
    assert.ok(chunks > 1_000, `${chunks} chunks`);
  });

  test('ends its source when the reader goes', async () => {
    let ended = false;
    async function* endless(): AsyncGenerator<Cdr> {
      try {
        for (;;) yield CDR;
      } finally {
        ended = true;
      }
    }
    for await (const chunk of csv(endless())) {
      assert.ok(chunk.length > 0);
      break;
    }
    assert.ok(ended);
  });
});
