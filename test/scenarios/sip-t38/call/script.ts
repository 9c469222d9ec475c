import type {
  CallEnd,
  CallEvent,
  CallInput,
  CallOutput,
  FaxCallOptions,
  PlacedCall,
  TakenCall,
} from '../../../../carrier-adapters/sip-t38/call/call-io.ts';
import { FaxCall } from '../../../../carrier-adapters/sip-t38/call/fax-call.ts';
import { buildRtp } from '../../../../carrier-adapters/sip-t38/call/rtp.ts';
import { tonePackets } from '../../../../carrier-adapters/sip-t38/call/tones.ts';
import { answerOffer } from '../../../../carrier-adapters/sip-t38/sdp/answer.ts';
import type { Endpoint } from '../../../../carrier-adapters/sip-t38/sdp/media.ts';
import { offerAudio, offerT38 } from '../../../../carrier-adapters/sip-t38/sdp/offer.ts';
import { parseSdp } from '../../../../carrier-adapters/sip-t38/sdp/parse.ts';
import { openSession } from '../../../../carrier-adapters/sip-t38/sdp/session.ts';
import type { AgentEvent, EndedEvent } from '../../../../carrier-adapters/sip-t38/sip/agent/events.ts';
import type { Order } from '../../../../carrier-adapters/sip-t38/sip/agent/orders.ts';

export const CALL = 'call-1';
const LOCAL: Endpoint = { address: '192.0.2.1', port: 40_000 };
export const FAR: Endpoint = { address: '192.0.2.2', port: 30_000 };

const COMMON = {
  call: CALL,
  local: LOCAL,
  codecs: ['PCMU', 'PCMA'],
  t38Wait: 5_000,
  maxRate: 14_400,
  ecm: true,
  errorCorrection: 'redundancy',
  recovery: { kind: 'redundancy', depth: 3 },
  latch: false,
  stationId: '+49 30 1',
  random: (octets: number) => new Uint8Array(octets).fill(7),
} as const;

export const PLACED: PlacedCall = {
  ...COMMON,
  direction: 'out',
  trunk: 'hub',
  to: '+15550100001',
  from: null,
  pages: [{ width: 1_728, rows: 300, xDpi: 204, yDpi: 196 }],
  ringTime: 60_000,
};

/** The far side's descriptions: it has G.711 and T.38. */
export const farSdp = {
  audio: offerAudio(openSession('1'), { local: FAR, codecs: ['PCMU'] }).sdp,
  t38: offerT38(openSession('1'), { local: FAR, version: 0, maxBitRate: 14_400, errorCorrection: 'redundancy' }).sdp,
  hold: offerAudio(openSession('1'), { local: { address: '0.0.0.0', port: 30_000 }, codecs: ['PCMU'] }).sdp,
} as const;

export const TAKEN: TakenCall = { ...COMMON, direction: 'in', t38Wait: 3_000, offer: farSdp.audio };

/** The far side's answer to an offer of ours. */
export function farAnswer(offer: string): string {
  const able = {
    audio: { local: FAR, codecs: ['PCMU'] },
    t38: { local: FAR, version: 0, maxBitRate: 14_400, errorCorrection: 'redundancy' },
    prefer: 't38',
  } as const;
  const answer = answerOffer(openSession('2'), parseSdp(offer), able);
  if (!answer.ok) throw new Error(answer.refusal.text);
  return answer.sdp;
}

/** A call at whose outside a test says what happens, and when. */
export class Script {
  readonly orders: Order[] = [];
  readonly events: CallEvent[] = [];
  readonly sent: { readonly to: Endpoint; readonly datagram: Uint8Array; readonly at: number }[] = [];
  released = false;
  now = 0;
  readonly #call: FaxCall;

  constructor(options: FaxCallOptions) {
    this.#call = new FaxCall(options);
    this.tell({ type: 'begin' });
  }

  tell(input: CallInput): void {
    for (const output of this.#call.handle(input, this.now)) this.#note(output);
  }

  /** An event of the SIP agent. */
  sip(event: AgentEvent): void {
    this.tell({ type: 'agent', event });
  }

  ended(by: EndedEvent['by'], status: number | null = null, cause: number | null = null): void {
    this.sip({ type: 'ended', call: CALL, by, status, cause, detail: 'as it is' });
  }

  /** A packet of the far side, or of somebody else. */
  media(datagram: Uint8Array, from: Endpoint = FAR): void {
    this.tell({ type: 'media', datagram, from });
  }

  /** A second of a tone of the far side. */
  tone(tone: 'cng' | 'ced', from: Endpoint = FAR): void {
    for (let sequence = 0; sequence < 50; sequence++) {
      const header = { marker: false, payloadType: 0, sequence, timestamp: 160 * sequence, ssrc: 1 };
      this.media(buildRtp(header, tonePackets('PCMU')[tone]), from);
    }
  }

  /** Lets time pass, each deadline at its moment. */
  until(time: number): void {
    for (let at = this.#call.deadline; at !== null && at <= time; at = this.#call.deadline) {
      this.now = Math.max(this.now, at);
      this.tell({ type: 'time' });
    }
    this.now = time;
  }

  get deadline(): number | null {
    return this.#call.deadline;
  }

  /** The order of a type that was given last. */
  order<T extends Order['type']>(type: T): Extract<Order, { readonly type: T }> | undefined {
    return this.orders.findLast((order): order is Extract<Order, { readonly type: T }> => order.type === type);
  }

  get end(): CallEnd | undefined {
    const last = this.events.at(-1);
    return last?.type === 'over' ? last.end : undefined;
  }

  #note(output: CallOutput): void {
    if (output.type === 'order') this.orders.push(output.order);
    else if (output.type === 'event') this.events.push(output.event);
    else if (output.type === 'media') this.sent.push({ to: output.to, datagram: output.datagram, at: this.now });
    else this.released = true;
  }
}

/** A placed call that has been answered with audio, at time 0. */
export function answered(options: FaxCallOptions = PLACED): Script {
  const script = new Script(options);
  script.sip({ type: 'answered', call: CALL, sdp: farAnswer(script.order('place')?.sdp ?? '') });
  return script;
}

/** A call that came in, was answered with audio and acknowledged, at time 0. */
export function taken(): Script {
  const script = new Script(TAKEN);
  script.sip({ type: 'confirmed', call: CALL });
  return script;
}
