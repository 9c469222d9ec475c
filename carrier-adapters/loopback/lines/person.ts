import { Descriptions } from '../../sip-t38/call/descriptions.ts';
import type { AgentEvent } from '../../sip-t38/sip/agent/events.ts';
import type { Order } from '../../sip-t38/sip/agent/orders.ts';
import type { End } from './connection.ts';

/** SIP's word for media that one does not have (RFC 3261 §21.4.26). */
const NOT_ACCEPTABLE_HERE = 488;

/** Somebody who lifts the receiver of a telephone, says nothing that a fax machine understands, and has no T.38. */
export class Person implements End {
  readonly #call: string;
  readonly #order: (order: Order) => void;

  constructor(call: string, order: (order: Order) => void) {
    this.#call = call;
    this.#order = order;
  }

  answer(offer: string, address: string): void {
    const local = { address, port: 9 };
    const telephone = { local, codecs: ['PCMU'], maxBitRate: 2_400, errorCorrection: 'none' } as const;
    const answer = new Descriptions('1', telephone).answer(offer, 'telephone');
    if (answer.ok) this.#order({ type: 'answer', call: this.#call, sdp: answer.sdp });
  }

  heard(event: AgentEvent): void {
    if (event.type !== 'offered') return;
    this.#order({ type: 'refuse_offer', call: this.#call, status: NOT_ACCEPTABLE_HERE, warning: null });
  }
}
