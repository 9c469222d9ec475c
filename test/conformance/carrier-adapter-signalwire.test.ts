import { writeTiffF } from '../../gateway/imaging/index.ts';
import type { CallReception } from '../../gateway/ports/carrier-adapter.ts';
import { signalwireWorld } from '../scenarios/signalwire/world.ts';
import { LINE_PAPER } from './line-paper.ts';
import { type PushBench, pushCarrierConformance } from './push-carrier.ts';

const NUMBERS: PushBench['numbers'] = {
  answers: '+15550100001',
  busy: '+15550110001',
  noAnswer: '+15550120001',
};

async function signalwireBench(reception: CallReception): Promise<PushBench> {
  const { adapter, carrier, clock, restarted, stop } = await signalwireWorld();
  await adapter.start(reception);
  return {
    adapter,
    pulls: true,
    numbers: NUMBERS,
    received: () => carrier.received,
    orders: () => carrier.orders.length,
    loseAnswer: () => void carrier.faults.push({ matching: /^POST \/.*\/Faxes$/, fault: { type: 'cut_after' } }),
    restarted,
    async arrive(pages) {
      const rows = pages.map((t6) => ({ width: 1_728, rows: LINE_PAPER.rows, xDpi: 204, yDpi: 196, t6 }));
      // The number's webhook is not asked: faxes come in whether or not this process would take them now.
      carrier.silent = true;
      await carrier.receive(writeTiffF(rows));
      await clock.pass(130_000);
    },
    waiting: () => [...carrier.faxes.values()].filter(({ direction }) => direction === 'inbound').length,
    paper: LINE_PAPER,
    run: (work) => clock.until(work),
    // The first look at the fax comes at once, the next ones every ten seconds; it is fetched after a second.
    whileFollowed: (act) => void clock.after(5_000, act),
    stop,
  };
}

pushCarrierConformance('signalwire', signalwireBench);
