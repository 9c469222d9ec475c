import type { Me } from '../client/browser.ts';
import { may, useSession } from './session.tsx';

/**
 * Whether the person in front of the page may do what needs `least`. What only administrators of all accounts do is
 * hidden from those of one, unless it is theirs to do in their `own` account.
 */
export function useMay(least: Me['role'], where: 'all accounts' | 'own' = 'all accounts'): boolean {
  const { me } = useSession();
  return may(me, least) && (where === 'own' || me.scope === null);
}
