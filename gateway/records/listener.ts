import type { AccountId } from '../fax/ids.ts';
import type { Link } from './link.ts';

/** Channel on which every process tells which accounts' ledgers have grown; the payload is the account's id. */
const CHANNEL = 'sealfax_events';

/** Wakes those who wait for an account's next event, in this process and through LISTEN/NOTIFY in all others. */
export interface Listener {
  /** An event of `account` is durable. */
  appended(account: AccountId): void;
  /** Resolves at the next event of `account` (null: of any); `cancel` when no one waits any more. */
  next(account: AccountId | null): { readonly promise: Promise<void>; cancel(): void };
}

/** Where those stand who wait for whatever account; no id is empty. */
const ANY = '';

/** A notice lost with a crash makes a long-poll of another process late by its next look, nothing more. */
export function createListener(link: Link): Listener {
  const waiting = new Map<string, Set<() => void>>();
  const wake = (account: string): void => {
    for (const key of [account, ANY]) {
      const woken = waiting.get(key);
      waiting.delete(key);
      for (const run of woken ?? []) run();
    }
  };
  link.hear(CHANNEL, wake, () => {
    for (const account of [...waiting.keys()]) wake(account);
  });
  return {
    appended: (account) => {
      wake(account);
      link.tell(CHANNEL, account);
    },
    next: (account) => {
      link.open();
      const { promise, resolve } = Promise.withResolvers<void>();
      const key = account ?? ANY;
      const set = waiting.get(key) ?? new Set();
      waiting.set(key, set.add(resolve));
      return { promise, cancel: () => leave(waiting, key, resolve) };
    },
  };
}

function leave(waiting: Map<string, Set<() => void>>, account: string, run: () => void): void {
  const set = waiting.get(account);
  set?.delete(run);
  if (set?.size === 0) waiting.delete(account);
}
