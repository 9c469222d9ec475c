import { SipError } from '../errors.ts';

/** Which states may follow which. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

/** `to`, if the table allows it. @throws SipError `state_impossible`: no message of a peer leads here */
export function step<State extends string>(table: Transitions<State>, from: State, to: State): State {
  if (!table[from].includes(to)) throw new SipError('state_impossible', `no way from ${from} to ${to}`);
  return to;
}
