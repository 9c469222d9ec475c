import type { Cause } from '../../../gateway/fax/cause.ts';
import type { E164 } from '../../../gateway/fax/number.ts';
import type { IncomingCall } from '../../../gateway/ports/carrier-adapter.ts';
import { ANYONE, BUILT_IN, createPlan, type NumberingPlan, type Rule } from './rules.ts';
import { type Ended, ended } from './signals.ts';
import type { Subscriber } from './subscriber.ts';

/** A call that looks for its far end. */
export interface Dialled {
  readonly reference: string;
  readonly from: E164 | null;
  readonly to: E164;
}

/** Who is behind a number: a scripted machine, a subscriber that has accepted the call, or nobody. */
export type FarEnd = { readonly rule: Rule } | { readonly accepted: IncomingCall } | Ended;

/** The subscribers of an exchange and the numbers of its machines. */
export class Directory {
  readonly #own: NumberingPlan;
  readonly #builtIn = createPlan(BUILT_IN);
  readonly #subscribers = new Set<Subscriber>();

  /** @param rules tried before the subscribers' own numbers; the built-in rules come after them */
  constructor(rules: readonly Rule[]) {
    this.#own = createPlan(rules);
  }

  /** From now on, calls to numbers that `subscriber` accepts ring there. The answer takes it off again. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** The far end of a call; an accepted one is to be ended by whoever asked. Never rejects. */
  async find(call: Dialled): Promise<FarEnd> {
    const own = this.#own.find(call.to);
    if (own !== undefined) return { rule: own };
    const subscriber = await this.#ringThrough(call);
    return subscriber ?? { rule: this.#builtIn.find(call.to) ?? ANYONE };
  }

  async #ringThrough({ reference, from, to }: Dialled): Promise<FarEnd | undefined> {
    const refusals = new Set<Cause>();
    for (const subscriber of this.#subscribers) {
      const answer = await offered(subscriber, { reference: `${reference}-in`, from, to });
      if ('accepted' in answer) return answer;
      refusals.add(answer.refused);
      if (!GOES_ON.has(answer.refused)) return ended(answer.refused, 'the receiver does not take the call');
    }
    // Nobody who would know the number can be asked.
    const silent = refusals.size > 0 && !refusals.has('out_of_service');
    return silent ? ended('carrier_unavailable', 'the receiver does not take the call') : undefined;
  }
}

/**
 * The call goes on to the next subscriber: it is not this one's number, or this one is on its way out and another worker
 * of the same gateway may take it. At last come the machines of the plan.
 */
const GOES_ON: ReadonlySet<Cause> = new Set(['out_of_service', 'carrier_unavailable']);

/** A reception that fails is a subscriber whose line is dead for the moment. */
async function offered(
  subscriber: Subscriber,
  call: Parameters<Subscriber['offer']>[0],
): ReturnType<Subscriber['offer']> {
  try {
    return await subscriber.offer(call);
  } catch {
    return { refused: 'carrier_unavailable' };
  }
}
