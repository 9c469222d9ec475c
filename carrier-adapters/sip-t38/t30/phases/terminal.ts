import type { LineEvent } from '../line.ts';
import type { T30Input, T30Machine, T30Output } from '../machine.ts';
import type { Outcome } from '../outcome.ts';
import { CALL_MAX } from '../timers.ts';
import type { Call, LastState } from './call.ts';
import type { Heard } from './ear.ts';
import type { Phase } from './phase.ts';

/** One kind of terminal, caller or answerer. */
export interface TerminalRules<S extends string, C extends Call<S>> {
  readonly phases: Readonly<Record<S | LastState, Phase<C>>>;
  /** How the call has ended when the far station sends DCN now. */
  dcn(call: C): Outcome;
  /** How it has ended when the line is lost now. */
  lost(call: C): Outcome;
}

/** A T.30 machine: hands what it is told to the phase that the call is in. */
export class Terminal<S extends string, C extends Call<S>> implements T30Machine {
  readonly #call: C;
  readonly #rules: TerminalRules<S, C>;

  constructor(call: C, rules: TerminalRules<S, C>) {
    this.#call = call;
    this.#rules = rules;
  }

  get deadline(): number | null {
    return this.#call.alarms.next;
  }

  start(now: number): T30Output[] {
    this.#call.alarms.set('call', now + CALL_MAX);
    return this.#settle(now);
  }

  handle(input: T30Input, now: number): T30Output[] {
    if (this.#call.state === 'over') return [];
    switch (input.type) {
      case 'line':
        this.#line(input.event, now);
        break;
      case 'time':
        this.#time(now);
        break;
      case 'cancel':
        if (this.#call.state !== 'disconnect') this.#call.disconnect('canceled');
        break;
      case 'lost':
        this.#call.end(this.#rules.lost(this.#call));
        break;
      default:
        this.#phase.told?.(this.#call, input, now);
    }
    return this.#settle(now);
  }

  get #phase(): Phase<C> {
    return this.#rules.phases[this.#call.state];
  }

  /** Enters the states that have been gone to. */
  #settle(now: number): T30Output[] {
    while (this.#call.takeEntry()) this.#phase.enter?.(this.#call, now);
    return this.#call.drain();
  }

  #line(event: LineEvent, now: number): void {
    if (event.type === 'sent') this.#left(now);
    else if (event.type === 'progress') this.#phase.progress?.(this.#call, event.octets, now);
    else if (event.type === 'outage') this.#phase.outage?.(this.#call);
    else {
      if (event.type !== 'no_carrier') this.#call.heard = true;
      this.#hear(this.#call.ear.hear(event, now), now);
    }
  }

  #left(now: number): void {
    if (!this.#call.left()) return;
    this.#call.ear.forget();
    this.#phase.sent?.(this.#call, now);
  }

  #hear(heard: readonly Heard[], now: number): void {
    for (const one of heard) {
      if (this.#call.state === 'over') return;
      this.#hearOne(one, now);
      while (this.#call.takeEntry()) this.#phase.enter?.(this.#call, now);
    }
  }

  #hearOne(heard: Heard, now: number): void {
    const call = this.#call;
    switch (heard.what) {
      case 'signal':
        this.#signal(heard.frames, now);
        break;
      case 'carrier':
        this.#phase.carrier?.(call, heard.of, now);
        break;
      case 'silence':
        this.#phase.silence?.(call, heard.of, now);
        break;
      case 'data':
        this.#phase.data?.(call, heard.octets, heard.gap, now);
        break;
      case 'message_frame':
        this.#phase.messageFrame?.(call, heard.octets, heard.good, now);
    }
  }

  /** DCN ends the call in every state; all else that comes while we are sending is void, the line being half duplex. */
  #signal(frames: Extract<Heard, { readonly what: 'signal' }>['frames'], now: number): void {
    const call = this.#call;
    if (frames.some(({ fcf }) => fcf === 'DCN')) {
      call.note('heard', 'DCN');
      call.hush();
      call.end(this.#rules.dcn(call));
      return;
    }
    for (const frame of frames) call.step('heard', frame);
    if (!call.sending) this.#phase.signal?.(call, frames, now);
  }

  #time(now: number): void {
    const call = this.#call;
    const alarm = call.alarms.take(now);
    switch (alarm) {
      case 'turn':
        this.#hear(call.ear.turn(now), now);
        break;
      case 'answer':
        call.ear.rest();
        this.#phase.unanswered?.(call, now);
        break;
      case 'limit':
        this.#phase.expired?.(call, now);
        break;
      case 'call':
        if (call.state !== 'disconnect') call.disconnect('call_too_long');
    }
  }
}
