import { useEffect, useState } from 'preact/hooks';
import type { Admin, List } from '../../client/browser.ts';
import { type Fault, faultOf } from '../faults.ts';
import { useSession } from '../session.tsx';
import { Button } from './button.tsx';
import { FaultNotice } from './notice.tsx';

/** A list of which as much has been read as the person has asked for. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly loading: boolean;
  readonly fault: Fault | undefined;
  /** Whether there is more behind it. */
  readonly more: boolean;
  readMore(): void;
  /** Begins again. */
  reload(): void;
}

/** Where a reading stands. */
interface Reading<T> {
  readonly items: readonly T[];
  readonly next: string | null | undefined;
  readonly fault: Fault | undefined;
}

/** `usePaged((admin, cursor) => admin.cdrs({ limit: 50, cursor }), [])`; begins again when one of `inputs` changes. */
export function usePaged<T>(
  read: (admin: Admin, cursor: { readonly cursor?: string }) => Promise<List<T>>,
  inputs: readonly unknown[],
): Paged<T> {
  const { admin, signOut } = useSession();
  const [turn, setTurn] = useState(0);
  const [loading, setLoading] = useState(true);
  const [state, setState] = useState<Reading<T>>({ items: [], next: undefined, fault: undefined });

  const take = async (cursor: string | undefined, isGone: () => boolean) => {
    setLoading(true);
    try {
      const { items, next } = await read(admin, cursor === undefined ? {} : { cursor });
      if (isGone()) return;
      setState((before) => ({
        items: cursor === undefined ? items : [...before.items, ...items],
        next,
        fault: undefined,
      }));
    } catch (error) {
      if (isGone()) return;
      const fault = faultOf(error);
      if (fault.over) signOut('Your session has ended. Sign in again.');
      else setState((before) => ({ ...before, fault }));
    }
    setLoading(false);
  };

  useEffect(() => {
    let gone = false;
    void take(undefined, () => gone);
    return () => {
      gone = true;
    };
  }, [admin, turn, ...inputs]);

  return {
    items: state.items,
    fault: state.fault,
    loading,
    more: typeof state.next === 'string',
    readMore: () => void (typeof state.next === 'string' && !loading && take(state.next, () => false)),
    reload: () => setTurn((before) => before + 1),
  };
}

/** Below a paged list: its fault, that it is being read, or the button for more. */
export function More<T>({ of }: { readonly of: Paged<T> }) {
  return (
    <>
      <FaultNotice fault={of.fault} />
      {of.more ? (
        <p class="actions">
          <Button busy={of.loading} onPress={of.readMore}>
            Show more
          </Button>
        </p>
      ) : null}
      {of.loading && of.items.length === 0 ? <p class="loading">Reading…</p> : null}
    </>
  );
}
