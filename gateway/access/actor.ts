import type { Actor } from '../ports/account-records.ts';

/** Who does something, for the audit log; whoever is named by text alone (`local`, `gateway`) comes from nowhere. */
export function actorOf(actor: string | Actor): Actor {
  return typeof actor === 'string' ? { who: actor, address: null } : actor;
}
