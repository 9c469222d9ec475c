import { FAX_RESULTS } from '../../carrier-adapters/etherfax/wire.ts';
import { writeTiffF } from '../../gateway/imaging/index.ts';
import type { CallReception } from '../../gateway/ports/carrier-adapter.ts';
import { inboxFax, startBench } from '../scenarios/etherfax/bench.ts';
import { LINE_PAPER } from './line-paper.ts';
import { type PushBench, pushCarrierConformance } from './push-carrier.ts';

const NUMBERS: PushBench['numbers'] = {
  answers: '+15550100001',
  busy: '+15550110001',
  noAnswer: '+15550120001',
  voice: '+15550130001',
  breaksAfterPage1: '+15550152001',
};

const FATES = {
  '+15550110001': { result: FAX_RESULTS.LineBusy },
  '+15550120001': { result: FAX_RESULTS.NoAnswer },
  '+15550130001': { result: FAX_RESULTS.NotFaxMachine, connectTime: 35 },
  '+15550152001': { result: FAX_RESULTS.UnexpectedDisconnect, delivered: 1 },
};

async function etherfaxBench(reception: CallReception): Promise<PushBench> {
  const { adapter, emulator, clock, again, stop } = await startBench({ fates: FATES });
  await adapter.start(reception);
  return {
    adapter,
    numbers: NUMBERS,
    received: () => emulator.sent.reduce((sum, { image }) => sum + image.length, 0),
    orders: () => emulator.sent.length,
    loseAnswer: () => void emulator.server.faults.push({ matching: /POST \/outbox/, fault: { type: 'cut_after' } }),
    restarted: again,
    async arrive(pages) {
      const rows = pages.map((t6) => ({ width: 1_728, rows: LINE_PAPER.rows, xDpi: 204, yDpi: 196, t6 }));
      const jobId = `in-${emulator.inbox.length + 1}`;
      emulator.inbox.push(inboxFax(jobId, { image: writeTiffF(rows), pages: pages.length }));
      await clock.pass(31_000);
    },
    waiting: () => emulator.inbox.length - new Set(emulator.received).size,
    paper: LINE_PAPER,
    run: (work) => clock.until(work),
    // The first look at the status comes after ten seconds.
    whileFollowed: (act) => void clock.after(5_000, act),
    stop,
  };
}

pushCarrierConformance('etherfax', etherfaxBench);
