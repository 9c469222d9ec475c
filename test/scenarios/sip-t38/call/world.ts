import type { CallResult } from '../../../../gateway/fax/call-result.ts';
import { parseE164 } from '../../../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../../../gateway/fax/policy.ts';
import type { CallStep, CarrierAdapter, OutgoingCall } from '../../../../gateway/ports/carrier-adapter.ts';
import { RecordingReception } from '../../../conformance/carrier-adapter.ts';
import { LINE_PAPER, modemData } from '../../../conformance/line-paper.ts';
import { VirtualClock } from '../../calls/virtual-clock.ts';
import { TURNS, virtualEngine } from './engines.ts';
import { type Packet, VirtualNetwork } from './virtual-network.ts';

export const CALLER = '192.0.2.1';
export const CALLED = '192.0.2.2';
const NUMBER = '+15551230000';

/** A caller and a called engine, and every packet that passed between them. */
export class World {
  readonly clock = new VirtualClock(undefined, TURNS);
  readonly network = new VirtualNetwork(this.clock);
  readonly reception = new RecordingReception([NUMBER]);
  readonly packets: (Packet & { readonly at: number })[] = [];
  readonly caller: CarrierAdapter;
  readonly called: CarrierAdapter;
  /** What becomes of a packet, once it is noted. */
  route = (packet: Packet): Packet | null => packet;

  private constructor() {
    this.caller = virtualEngine(this.network, this.clock, CALLER, { server: CALLED, peers: [] });
    this.called = virtualEngine(this.network, this.clock, CALLED, { server: CALLER, peers: [] });
    this.network.route = (packet) => {
      this.packets.push({ ...packet, at: this.clock.monotonic() });
      return this.route(packet);
    };
  }

  static async start(): Promise<World> {
    const world = new World();
    await world.caller.start(new RecordingReception([]));
    await world.called.start(world.reception);
    return world;
  }

  /** Places a call of `pages`; `before` runs after each step, before the next one is asked for. */
  async call(pages: number, signal: AbortSignal, before: (step: CallStep) => void = () => {}): Promise<CallResult> {
    const running = this.caller.place(order(pages, signal));
    const drive = async () => {
      for (let next = await running.next(); ; next = await running.next()) {
        if (next.done === true) return next.value;
        before(next.value);
      }
    };
    return this.clock.until(drive());
  }

  /** Octets of pages that the caller has sent since `time`. */
  imageSince(time: number): number {
    const sent = this.packets.filter(({ kind, from, at }) => kind === 'media' && from.address === CALLER && at > time);
    return sent.reduce((sum, { bytes }) => sum + (modemData(bytes)?.octets ?? 0), 0);
  }

  async stop(): Promise<void> {
    await this.clock.until(Promise.all([this.caller.stop(), this.called.stop()]));
  }
}

function order(pages: number, signal: AbortSignal): OutgoingCall {
  return {
    reference: 'reference-1',
    from: null,
    to: parseE164(NUMBER),
    csid: '+15550001111',
    settings: FIRST_LINE_SETTINGS,
    signal,
    pages: Array.from({ length: pages }, (_, index) => {
      const bytes = LINE_PAPER.bytes(index + 1);
      const { rows } = LINE_PAPER;
      return {
        ...{ number: index + 1, width: 1_728, rows, xDpi: 204, yDpi: 196, bytes: bytes.length },
        async *open() {
          yield bytes.slice();
        },
      };
    }),
  };
}
