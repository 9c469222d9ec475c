import { T30Error } from '../errors.ts';
import { infoOf, nameOf } from '../frames/describe.ts';
import { encodeSignal, type Frame } from '../frames/frame.ts';
import type { Expectation, LineCommand } from '../line.ts';
import type { T30Output } from '../machine.ts';
import type { Outcome } from '../outcome.ts';
import { Alarms } from './alarms.ts';
import { Ear } from './ear.ts';

/** States that both kinds of call end with. */
export type LastState = 'disconnect' | 'over';

/** Which state may follow which; `disconnect` and `over` may follow any. */
export type Transitions<S extends string> = Readonly<Record<Exclude<S, LastState>, readonly S[]>>;

/** Commands to the line that are answered by `sent`. */
type Transmission = Exclude<LineCommand, { readonly do: 'listen' | 'hasten' | 'stop' }>;

/**
 * What a caller and an answerer have in common: where the call stands, what is on its way over the line, and what is
 * waited for. The phases act upon it; it does nothing of its own accord.
 */
export class Call<S extends string> {
  readonly alarms = new Alarms();
  readonly ear = new Ear(this.alarms);
  /** Anything at all has been heard. */
  heard = false;
  readonly #transitions: Transitions<S>;
  /** X of our frames: the station that receives DIS sends 1 (T.30 §5.3.6.1). */
  readonly #x: boolean;
  #hastened = false;
  #outputs: T30Output[] = [];
  #state: S | LastState;
  #entered = true;
  #underWay = 0;
  #outcome: Outcome = 'canceled';

  constructor(first: S, transitions: Transitions<S>, x: boolean) {
    this.#state = first;
    this.#transitions = transitions;
    this.#x = x;
  }

  get state(): S | LastState {
    return this.#state;
  }

  /** How the call ends once DCN has left. */
  get outcome(): Outcome {
    return this.#outcome;
  }

  /** A transmission is under way. */
  get sending(): boolean {
    return this.#underWay > 0;
  }

  /** Goes on to a state, whose `enter` is run when the phase at hand has returned. A state that T.30 does not allow here throws. */
  goto(state: S | LastState): void {
    const from = this.#state;
    if (!this.#mayFollow(from, state)) throw new T30Error('illegal_transition', `${from} to ${state}`);
    this.#state = state;
    this.#entered = true;
    this.alarms.clear('limit');
    this.ear.rest();
  }

  /** Whether a state has been gone to whose `enter` has not been run; false from then on. */
  takeEntry(): boolean {
    const entered = this.#entered;
    this.#entered = false;
    return entered;
  }

  /** Ends the call with DCN. */
  disconnect(outcome: Outcome): void {
    this.#outcome = outcome;
    this.goto('disconnect');
  }

  /** The call is over: nothing is sent, heard or waited for any more. */
  end(outcome: Outcome): void {
    this.goto('over');
    this.alarms.clearAll();
    this.tell({ type: 'over', outcome });
  }

  tell(output: T30Output): void {
    this.#outputs.push(output);
  }

  /** What has been told since the last time. */
  drain(): T30Output[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** Sends a control signal. */
  say(...frames: readonly Frame[]): void {
    for (const frame of frames) this.step('sent', frame);
    this.transmit({ do: 'control', frames: encodeSignal(frames, this.#x) });
  }

  /** Sends something; no answer is waited for until it has left. */
  transmit(command: Transmission): void {
    this.ear.rest();
    if (command.do !== 'tone' || command.tone !== 'cng') this.#underWay++;
    this.tell({ type: 'line', command });
  }

  listen(expect: Expectation): void {
    this.tell({ type: 'line', command: { do: 'listen', expect } });
  }

  /** Both stations are Internet-aware: the line need not keep a modem's times. */
  hasten(): void {
    if (this.#hastened) return;
    this.#hastened = true;
    this.tell({ type: 'line', command: { do: 'hasten' } });
  }

  /** Nothing of what is under way leaves any more. */
  hush(): void {
    if (this.#underWay === 0) return;
    this.#underWay = 0;
    this.tell({ type: 'line', command: { do: 'stop' } });
  }

  /** One transmission has left; true when it was the last one. */
  left(): boolean {
    if (this.#underWay === 0) return false;
    this.#underWay--;
    return this.#underWay === 0;
  }

  /** A frame's line of the call ladder. */
  step(direction: 'sent' | 'heard', frame: Frame): void {
    this.note(direction, nameOf(frame), infoOf(frame));
  }

  /** A line of the call ladder. */
  note(direction: 'sent' | 'heard', signal: string, info?: string): void {
    this.tell({ type: 'step', direction, signal, ...(info === undefined ? {} : { info }) });
  }

  #mayFollow(from: S | LastState, to: S | LastState): boolean {
    if (from === 'over') return false;
    if (to === 'over') return true;
    if (from === 'disconnect') return false;
    return to === 'disconnect' || this.#transitions[from as Exclude<S, LastState>].includes(to as S);
  }
}
