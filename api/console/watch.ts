import { useEffect, useState } from 'preact/hooks';
import type { Admin } from '../client/browser.ts';
import { type Fault, faultOf } from './faults.ts';
import { useSession } from './session.tsx';

/** What is told as it changes, or why it is not. */
export interface Watched<T> {
  /** As it was told last. */
  readonly value: T | undefined;
  readonly fault: Fault | undefined;
  readonly loading: boolean;
  /** Asks again from the beginning. */
  reload(): void;
}

/**
 * Follows something of the gateway for as long as the component is there and `inputs` stay:
 * `useWatch((admin, signal) => admin.faxes.watch(id, signal), [id])`. An interruption only makes it late; an ended session
 * leads to the sign-in form. Undefined follows nothing, and keeps what was told.
 */
export function useWatch<T>(
  follow: ((admin: Admin, signal: AbortSignal) => AsyncIterable<T>) | undefined,
  inputs: readonly unknown[],
): Watched<T> {
  const { admin, signOut } = useSession();
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Omit<Watched<T>, 'reload'>>({ value: undefined, fault: undefined, loading: true });
  useEffect(() => {
    if (follow === undefined) return;
    const gone = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    const run = async () => {
      try {
        for await (const value of follow(admin, gone.signal)) {
          if (gone.signal.aborted) return;
          setState({ value, fault: undefined, loading: false });
        }
      } catch (error) {
        if (gone.signal.aborted) return;
        const fault = faultOf(error);
        if (fault.over) signOut('Your session has ended. Sign in again.');
        else setState((before) => ({ ...before, fault, loading: false }));
      }
    };
    void run();
    return () => gone.abort();
  }, [admin, turn, follow === undefined, ...inputs]);
  return { ...state, reload: () => setTurn((before) => before + 1) };
}
