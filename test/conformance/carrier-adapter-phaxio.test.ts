import { writeTiffF } from '../../gateway/imaging/index.ts';
import type { CallReception } from '../../gateway/ports/carrier-adapter.ts';
import { phaxioWorld } from '../scenarios/phaxio/world.ts';
import { LINE_PAPER } from './line-paper.ts';
import { type PushBench, pushCarrierConformance } from './push-carrier.ts';

const NUMBERS: PushBench['numbers'] = {
  answers: '+15550100001',
  busy: '+15550110001',
  noAnswer: '+15550120001',
  voice: '+15550130001',
};

async function phaxioBench(reception: CallReception): Promise<PushBench> {
  const { adapter, carrier, clock, restarted, stop } = await phaxioWorld();
  await adapter.start(reception);
  return {
    adapter,
    numbers: NUMBERS,
    received: () => carrier.received,
    orders: () => carrier.orders.length,
    loseAnswer: () => void carrier.faults.push({ matching: /^POST \/v2\.1\/faxes$/, fault: { type: 'cut_after' } }),
    restarted,
    async arrive(pages) {
      const rows = pages.map((t6) => ({ width: 1_728, rows: LINE_PAPER.rows, xDpi: 204, yDpi: 196, t6 }));
      carrier.receive(writeTiffF(rows));
      await clock.pass(130_000);
    },
    waiting: () =>
      [...carrier.faxes].filter(([id, fax]) => fax.direction === 'received' && carrier.files.has(id)).length,
    paper: LINE_PAPER,
    run: (work) => clock.until(work),
    // The first look at the fax comes at once, the next ones at its callbacks and every ten seconds.
    whileFollowed: (act) => void clock.after(5_000, act),
    stop,
  };
}

pushCarrierConformance('phaxio', phaxioBench);
