import type { CallResult } from '../../../gateway/fax/call-result.ts';
import type { DialOrder, Ended, LineSignal, PageGeometry } from './signals.ts';

/** What a station may use of the call that it is in. */
export interface StationCall {
  readonly order: DialOrder;
  /** Fastest rate of the line, bit/s. */
  readonly maxRate: number;
  /** Aborts when the call is over. */
  readonly over: AbortSignal;
  /** Lets line time pass, ms; rejects when the call ends before. */
  pass(ms: number): Promise<void>;
}

/** The far end of a call: a scripted machine, or a subscriber's own reception. Each answer comes after its line time. */
export interface Station {
  /** Rings, or says at once why it cannot. */
  ring(): Promise<Extract<LineSignal, { hear: 'ringing' }> | Ended>;
  pickUp(): Promise<Extract<LineSignal, { hear: 'answered' }> | Ended>;
  train(): Promise<Extract<LineSignal, { hear: 'trained' }> | Ended>;
  beginPage(page: PageGeometry): Promise<Extract<LineSignal, { hear: 'taken' }> | Ended>;
  /** Consumes the block before it answers. */
  block(data: Uint8Array): Promise<Extract<LineSignal, { hear: 'taken' }> | Ended>;
  endOfPage(): Promise<Extract<LineSignal, { hear: 'mcf' | 'rtn' }> | Ended>;
  /** The call is over, for whatever reason; called once. Resolves when the station has put everything in order. */
  released(result: CallResult): Promise<void>;
}
