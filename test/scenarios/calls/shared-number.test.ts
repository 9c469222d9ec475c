import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import type { CallResult } from '../../../gateway/fax/call-result.ts';
import type { Fax } from '../../../gateway/fax/fax.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { parseSubaddress } from '../../../gateway/fax/subaddress.ts';
import type { IncomingCall } from '../../../gateway/ports/carrier-adapter.ts';
import { ReceptionError } from '../../../gateway/reception/index.ts';
import { type Bench, benches, OWN, type Worker } from './bench.ts';

const on = benches();

const NUMBER = parseE164(OWN);
const ACTOR = { who: 'local', address: null };
const LINE = { rate: 14_400, modulation: 'V.17', compression: 'MMR', ecm: true, t38: false, retrains: 0, badRows: 0 };
const DONE: CallResult = {
  ...{ cause: 'ok', detail: 'DCN', pagesConfirmed: 1, pageInFlight: false, remoteId: null },
  line: { ...LINE, compression: 'MMR' },
};

/** The bench's number with a subaddress 42 for another account. */
async function shared(bench: Bench, only = false): Promise<Account> {
  const { accounts } = bench.records;
  const now = bench.clock.now();
  const ward = await accounts.createAccount({ name: 'ward', title: '', policy: {}, cidrs: [] }, ACTOR, now);
  const wish = { number: NUMBER, subaddress: parseSubaddress('42'), account: ward.id, label: 'ward 4' };
  await accounts.addSubaddress(wish, ACTOR, now);
  if (only) await accounts.setSubaddressOnly(NUMBER, true, ACTOR, now);
  return ward;
}

async function ring(bench: Bench, worker: Worker, subaddressed = true): Promise<IncomingCall> {
  const told = subaddressed ? ({ subaddressed: true } as const) : {};
  const offer = { carrier: 'sip', reference: `in-${Math.random()}`, from: null, to: NUMBER, ...told };
  const answer = await bench.clock.until(worker.reception.offer(offer));
  assert.ok('accepted' in answer);
  return answer.accepted;
}

async function page(bench: Bench, call: IncomingCall): Promise<void> {
  await bench.clock.until(call.beginPage({ width: 1728, xDpi: 204, yDpi: 196 }));
  await bench.clock.until(call.write(new Uint8Array([1, 2, 3, 0])));
  await bench.clock.until(call.endPage({ rows: 10, line: { ...LINE, compression: 'MMR' } }));
}

async function faxesOf(bench: Bench, account: Account): Promise<readonly Fax[]> {
  return (await bench.records.faxes.faxes({ account: account.id, direction: 'inbound', limit: 10 })).items;
}

async function cdrsOf(bench: Bench, account: Account) {
  return (await bench.records.faxes.cdrs({ account: account.id, limit: 10 })).items;
}

describe('a call to a number that accounts share', () => {
  for (const [what, subaddress, receiver] of [
    ['whose subaddress somebody has goes to that account', '42', 'ward'],
    ['whose subaddress nobody has goes to the account of the number', '43', 'owner'],
    ['without a subaddress goes to the account of the number', null, 'owner'],
    ['with a subaddress that is none goes to the account of the number', '4 2; drop', 'owner'],
  ] as const) {
    test(what, () =>
      on({}, async (bench) => {
        const ward = await shared(bench);
        const call = await ring(bench, bench.worker());
        await bench.clock.until(call.answered('+4930', subaddress));
        await page(bench, call);
        await bench.clock.until(call.ended(DONE));
        const [mine, other] = receiver === 'ward' ? [ward, bench.account] : [bench.account, ward];
        const [fax] = await faxesOf(bench, mine);
        const named = /^[0-9]+$/.test(subaddress ?? '') ? subaddress : null;
        assert.deepEqual([fax?.state, fax?.pages, fax?.subaddress, fax?.to], ['received', 1, named, OWN]);
        assert.deepEqual(await faxesOf(bench, other), []);
        const [cdr] = await cdrsOf(bench, mine);
        assert.deepEqual([cdr?.account, cdr?.subaddress, cdr?.result], [mine.id, named, 'ok']);
      }),
    );
  }

  test('tells the receiver its subaddress in the events', () =>
    on({}, async (bench) => {
      const ward = await shared(bench);
      const call = await ring(bench, bench.worker());
      await bench.clock.until(call.answered(null, '42'));
      await page(bench, call);
      await bench.clock.until(call.ended(DONE));
      const events = await bench.records.events.read(ward.id, 0, 10);
      const told = events.filter(({ type }) => type === 'fax.receiving' || type === 'fax.received');
      assert.deepEqual(
        told.map(({ data }) => data.subaddress),
        ['42', '42'],
      );
    }));

  test('is refused after its subaddress where the number itself receives nothing; the number’s account has the record', () =>
    on({}, async (bench) => {
      const ward = await shared(bench, true);
      for (const subaddress of ['43', null]) {
        const call = await ring(bench, bench.worker());
        await assert.rejects(
          bench.clock.until(call.answered(null, subaddress)),
          (error) => error instanceof ReceptionError && error.code === 'no_receiver',
        );
        await assert.rejects(bench.clock.until(call.beginPage({ width: 1728, xDpi: 204, yDpi: 196 })));
        await bench.clock.until(call.ended({ ...DONE, cause: 'gateway_stopped', pagesConfirmed: 0 }));
        const cdr = (await cdrsOf(bench, bench.account)).find((one) => one.subaddress === subaddress);
        assert.deepEqual([cdr?.cause, cdr?.pages], ['rejected', 0]);
        assert.ok(cdr !== undefined && (await bench.isWiped(cdr.fax)));
      }
      assert.deepEqual(await faxesOf(bench, ward), []);
      const known = await ring(bench, bench.worker());
      await bench.clock.until(known.answered(null, '42'));
      await bench.clock.until(known.ended({ ...DONE, cause: 'hung_up', pagesConfirmed: 0 }));
      assert.equal((await faxesOf(bench, ward)).length, 1);
    }));

  test('that ends before anything was named is a record of the number’s account', () =>
    on({}, async (bench) => {
      await shared(bench);
      const call = await ring(bench, bench.worker());
      assert.deepEqual(await faxesOf(bench, bench.account), [], 'nothing is anybody’s before');
      await bench.clock.until(call.ended({ ...DONE, cause: 'no_fax', pagesConfirmed: 0 }));
      const [fax] = await faxesOf(bench, bench.account);
      assert.deepEqual([fax?.state, fax?.cause], ['failed', 'no_fax']);
    }));

  test('for an account that is disabled, or has nobody there, is ended before its pages', () =>
    on({}, async (bench) => {
      const ward = await shared(bench);
      const change = async (wish: Parameters<typeof bench.records.accounts.updateAccount>[1]) => {
        await bench.records.accounts.updateAccount(ward.id, wish, ACTOR, bench.clock.now());
        const call = await ring(bench, bench.worker({ connected: false }));
        await assert.rejects(bench.clock.until(call.answered(null, '42')));
        await bench.clock.until(call.ended({ ...DONE, cause: 'gateway_stopped', pagesConfirmed: 0 }));
      };
      await change({ policy: { inboundHold: 0 } });
      await change({ disabled: true });
      assert.deepEqual([await faxesOf(bench, ward), await faxesOf(bench, bench.account)], [[], []]);
    }));

  test('is waited for by the end of the process although nothing of it is written yet', () =>
    on({}, async (bench) => {
      await shared(bench);
      const { reception } = bench.worker();
      const told = { carrier: 'sip', reference: 'r', from: null, to: NUMBER, subaddressed: true } as const;
      const answer = await bench.clock.until(reception.offer(told));
      assert.ok('accepted' in answer);
      assert.equal(reception.running, 1);
      const drained = reception.drain();
      await bench.clock.until(answer.accepted.answered(null, '42'));
      await page(bench, answer.accepted);
      await bench.clock.until(answer.accepted.ended(DONE));
      await bench.clock.until(drained);
      assert.equal(reception.running, 0);
      assert.deepEqual(await bench.clock.until(reception.offer(told)), { refused: 'carrier_unavailable' });
    }));

  test('by a carrier that hears no subaddress goes to the account of the number, whatever stands there', () =>
    on({}, async (bench) => {
      await shared(bench, true);
      const call = await ring(bench, bench.worker(), false);
      await bench.clock.until(call.answered(null));
      await page(bench, call);
      await bench.clock.until(call.ended(DONE));
      assert.equal((await faxesOf(bench, bench.account))[0]?.state, 'received');
    }));
});

describe('a call to a number of one account', () => {
  test('keeps the subaddress that was named', () =>
    on({}, async (bench) => {
      const call = await ring(bench, bench.worker());
      await bench.clock.until(call.answered(null, '7'));
      await page(bench, call);
      await bench.clock.until(call.ended(DONE));
      assert.equal((await faxesOf(bench, bench.account))[0]?.subaddress, '7');
    }));
});
