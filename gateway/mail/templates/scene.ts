import type { Realm } from '../../fax/account.ts';
import { factsTable, moment, type Sender } from './frame.ts';

/** What letters about a user tell of it. */
export interface Scene extends Sender {
  readonly user: string;
  readonly realm: Realm;
  /** Name of the account of an API user; null for administrators. */
  readonly account: string | null;
  readonly at: number;
  /** From where; null when it is not known. */
  readonly address: string | null;
  /** Who did it, in words: `administrator BEN`, `the user`, `somebody on the host of the gateway`. */
  readonly by: string;
}

/** `Administrator ANNA`, `API user ERP of the account clinic`. */
export function whoOf({ user, realm, account }: Pick<Scene, 'user' | 'realm' | 'account'>): string {
  return realm === 'admin' ? `administrator ${user}` : `API user ${user} of the account ${account ?? 'unknown'}`;
}

/** When, from where and by whom. */
export function sceneTable({ at, address, by }: Scene, more: readonly (readonly [string, string])[] = []): string {
  const from = address === null ? [] : [['From', address] as const];
  return factsTable([['When', moment(at)], ...from, ['By', by], ...more]);
}

/** What to do when it was not oneself. */
export function ifNotYou({ realm }: Pick<Scene, 'realm'>): string {
  return realm === 'admin'
    ? 'If this is not what you expect, ask an owner of the gateway to disable the user now, and look at the audit log together.'
    : 'If this is not what you expect, have an administrator of the gateway disable the user or give it a new secret now, and look at what it has sent.';
}

/** With a capital at its beginning. */
export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
