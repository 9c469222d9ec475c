import { Exchange, type ExchangeSettings } from '../../carrier-adapters/loopback/network/exchange.ts';
import type { Command, DialOrder, Leg, LineSignal } from '../../carrier-adapters/loopback/network/signals.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { LineLog } from './line-log.ts';

/**
 * A telephone exchange that writes down what passes its lines: a block before the far machine's answer to it, a
 * confirmation (MCF) before the caller hears it. What the gateway believes plays no part in it.
 */
export class WitnessExchange extends Exchange {
  readonly #log: LineLog;

  constructor(settings: ExchangeSettings, log: LineLog) {
    super(settings);
    this.#log = log;
  }

  override dial(order: DialOrder): Leg {
    const call = order.reference;
    this.#log.write({ what: 'dial', call, to: order.to });
    const leg = super.dial(order);
    return {
      tell: async (command) => {
        this.#before(call, command);
        const signal = await leg.tell(command);
        this.#after(call, signal);
        return signal;
      },
      hangUp: (cause, detail) => {
        this.#log.write({ what: 'cut', call, detail });
        leg.hangUp(cause, detail);
      },
    };
  }

  #before(call: string, command: Command): void {
    if (command.do === 'page') this.#log.write({ what: 'page', call });
    if (command.do === 'block') {
      this.#log.write({ what: 'block', call, data: Buffer.from(command.data).toString('base64') });
    }
    if (command.do === 'end_of_page') this.#log.write({ what: 'whole', call });
  }

  #after(call: string, signal: LineSignal): void {
    if (signal.hear === 'answered') this.#log.write({ what: 'answered', call });
    if (signal.hear === 'mcf') this.#log.write({ what: 'mcf', call });
    if (signal.hear === 'ended') this.#log.write({ what: 'end', call, cause: signal.cause });
  }
}

/** Patience of the network is not line time: what lasts at least so long (T1) keeps its length, ms. */
const PATIENCE = 35_000;

/** A clock on which the phases of a call take `pace` of their time. */
export function fastClock(pace: number): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms >= PATIENCE ? ms : ms * pace);
      return () => clearTimeout(timer);
    },
  };
}
