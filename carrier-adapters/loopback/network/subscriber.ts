import type { CallResult } from '../../../gateway/fax/call-result.ts';
import type { CallReception, IncomingCall } from '../../../gateway/ports/carrier-adapter.ts';
import { PAGE_LIMIT } from './paper.ts';
import { ended, type PageGeometry } from './signals.ts';
import type { Station, StationCall } from './station.ts';
import { commonRate, DURATIONS, lineReport } from './timing.ts';

/** The side of the gateway that takes calls, as the exchange knows it: a reception that has the carrier's name already. */
export interface Subscriber {
  offer(call: Omit<Parameters<CallReception['offer']>[0], 'carrier'>): ReturnType<CallReception['offer']>;
}

/** A number of a subscriber whose reception has accepted the call: pages ring through to it. */
export function createSubscriberStation(call: StationCall, incoming: IncomingCall): Station {
  const { order } = call;
  const rate = commonRate(order.maxRate, call.maxRate);
  const line = lineReport(rate, order.ecm, 0);
  let rows = 0;
  let received = 0;
  let confirmed = 0;
  let open = false;

  /** A reception that throws has no room or no right any more: it disconnects. */
  async function orHangUp<T>(does: () => Promise<T>) {
    try {
      return await does();
    } catch {
      return ended('hung_up', 'the receiver disconnected');
    }
  }

  return {
    async ring() {
      await call.pass(DURATIONS.setUp);
      return { hear: 'ringing' };
    },
    async pickUp() {
      await call.pass(DURATIONS.ring);
      return { hear: 'answered' };
    },
    train: () =>
      orHangUp(async () => {
        await incoming.answered(order.csid === '' ? null : order.csid);
        await call.pass(DURATIONS.identification + DURATIONS.training);
        return { hear: 'trained', remoteId: order.to, line } as const;
      }),
    beginPage: (page: PageGeometry) =>
      orHangUp(async () => {
        rows = page.rows;
        received = 0;
        open = true;
        await incoming.beginPage({ width: page.width, xDpi: page.xDpi, yDpi: page.yDpi });
        return { hear: 'taken' } as const;
      }),
    block: (data: Uint8Array) =>
      orHangUp(async () => {
        received += data.length;
        if (received > PAGE_LIMIT) return ended('hung_up', 'the page is too large');
        await call.pass((data.length * 8_000) / rate);
        await incoming.write(data);
        return { hear: 'taken' } as const;
      }),
    endOfPage: () =>
      orHangUp(async () => {
        await incoming.endPage({ rows, line });
        open = false;
        confirmed++;
        await call.pass(DURATIONS.postMessage);
        return { hear: 'mcf', line } as const;
      }),
    async released(result: CallResult) {
      await incoming.ended({
        ...receiverResult(result),
        pagesConfirmed: confirmed,
        pageInFlight: open,
        remoteId: order.csid === '' ? null : order.csid,
        line,
      });
    },
  };
}

/** The same end as the receiving side sees it: whoever called and left has hung up. */
function receiverResult(result: CallResult): Pick<CallResult, 'cause' | 'detail'> {
  if (result.cause === 'ok') return { cause: 'ok', detail: 'DCN' };
  if (result.cause === 'line_lost') return { cause: 'line_lost', detail: 'the connection broke' };
  return { cause: 'hung_up', detail: 'the caller disconnected' };
}
