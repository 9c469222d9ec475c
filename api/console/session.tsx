import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { type Admin, ClientError, type Me } from '../client/browser.ts';
import { type Fault, faultOf } from './faults.ts';
import type { StepUpDesk } from './step-up.ts';

/** An administrator who has logged in. It lives in the memory of this page and nowhere else. */
export interface Session {
  readonly admin: Admin;
  /** Who that is, and what they may do. */
  readonly me: Me;
  /** Host that the gateway has proved to be. */
  readonly host: string;
  /** Where the gateway asks again who is there. */
  readonly stepUp: StepUpDesk;
  /** Logs out; `why` is shown above the sign-in form. */
  signOut(why?: string): void;
}

/** Given by the console to every page below it. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is logged in. @throws ClientError outside of a session, which no page is */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new ClientError('closed', 'nobody is logged in');
  return session;
}

/** The roles, the least first. */
const ROLES: readonly Me['role'][] = ['auditor', 'operator', 'admin', 'owner'];

/** Whether somebody may do what needs at least `least`. The gateway decides; this only spares a person the refusal. */
export function may({ role }: Pick<Me, 'role'>, least: Me['role']): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** What has been read, or why it could not be. An older value stays while a newer one is read. */
export interface Loaded<T> {
  readonly value: T | undefined;
  readonly fault: Fault | undefined;
  readonly loading: boolean;
  /** Reads it again. */
  reload(): void;
}

/** How something is read. */
export interface LoadOptions {
  /** Reads it again after so many milliseconds, as long as the page is in view. */
  readonly every?: number;
}

/**
 * Reads from the gateway when the component appears and when one of `inputs` changes:
 * `useLoad((admin) => admin.account(id), [id])`. An ended session leads to the sign-in form.
 */
export function useLoad<T>(
  read: (admin: Admin) => Promise<T>,
  inputs: readonly unknown[],
  { every }: LoadOptions = {},
): Loaded<T> {
  const { admin, signOut } = useSession();
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>({ value: undefined, fault: undefined, loading: true });
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    setState((before) => ({ ...before, loading: true }));
    const again = () => {
      if (every === undefined || gone) return;
      timer = setTimeout(() => (document.hidden ? again() : setTurn((before) => before + 1)), every);
    };
    read(admin).then(
      (value) => {
        if (gone) return;
        setState({ value, fault: undefined, loading: false });
        again();
      },
      (error: unknown) => {
        if (gone) return;
        const fault = faultOf(error);
        if (fault.over) return signOut(ENDED);
        setState((before) => ({ ...before, fault, loading: false }));
        again();
      },
    );
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [admin, turn, ...inputs]);
  return { ...state, reload: () => setTurn((before) => before + 1) };
}

const ENDED = 'Your session has ended. Sign in again.';

/** Something that a person has the gateway do. */
export interface Act {
  readonly busy: boolean;
  readonly fault: Fault | undefined;
  /** What `run` answered last, to be said aloud; empty at first. */
  readonly done: string;
  /** Does it; true when it was done. A job may answer with the sentence to say. */
  run(job: (admin: Admin) => Promise<unknown>): Promise<boolean>;
  /** Forgets the last outcome. */
  clear(): void;
}

/** `const act = useAct(); … act.run(async (admin) => { await admin.pauseCarrier(name, reason); return 'Paused.'; })` */
export function useAct(): Act {
  const { admin, signOut } = useSession();
  const rest = { busy: false, fault: undefined, done: '' };
  const [state, setState] = useState<Pick<Act, 'busy' | 'fault' | 'done'>>(rest);
  const run = async (job: (admin: Admin) => Promise<unknown>) => {
    setState({ ...rest, busy: true });
    try {
      const said = await job(admin);
      setState({ ...rest, done: typeof said === 'string' ? said : '' });
      return true;
    } catch (error) {
      const fault = faultOf(error);
      if (fault.over) signOut(ENDED);
      else setState({ ...rest, fault });
      return false;
    }
  };
  return { ...state, run, clear: () => setState(rest) };
}
