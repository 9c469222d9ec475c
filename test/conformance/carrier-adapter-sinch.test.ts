import type { CallReception } from '../../gateway/ports/carrier-adapter.ts';
import { pdfOfPages } from '../emulators/sinch/pdf.ts';
import { sinchWorld } from '../scenarios/sinch/world.ts';
import { LINE_PAPER } from './line-paper.ts';
import { type PushBench, pushCarrierConformance } from './push-carrier.ts';

const NUMBERS: PushBench['numbers'] = {
  answers: '+15550100001',
  busy: '+15550110001',
  noAnswer: '+15550120001',
  voice: '+15550130001',
};

async function sinchBench(reception: CallReception): Promise<PushBench> {
  const { adapter, carrier, clock, restarted, stop } = await sinchWorld();
  await adapter.start(reception);
  return {
    adapter,
    numbers: NUMBERS,
    received: () => carrier.received,
    orders: () => carrier.orders.length,
    loseAnswer: () => void carrier.faults.push({ matching: /^POST .*\/faxes$/, fault: { type: 'cut_after' } }),
    restarted,
    async arrive(pages) {
      const rows = pages.map((t6) => ({ width: 1_728, rows: LINE_PAPER.rows, xDpi: 204, yDpi: 196, t6 }));
      carrier.receive(pdfOfPages(rows));
      await clock.pass(130_000);
    },
    // The record of a call stays; what is erased is its document.
    waiting: () => [...carrier.faxes.values()].filter((fax) => fax.direction === 'INBOUND' && fax.hasFile).length,
    paper: LINE_PAPER,
    run: (work) => clock.until(work),
    // The first look at the fax comes at once, the next ones at its callback and every ten seconds.
    whileFollowed: (act) => void clock.after(5_000, act),
    stop,
  };
}

pushCarrierConformance('sinch', sinchBench);
