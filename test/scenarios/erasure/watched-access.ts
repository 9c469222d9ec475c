// Stands in for gateway/access in the watched gateway: the real sessions, which also tell of their keys.

import * as real from '../../../gateway/access/index.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { tell } from './tell.ts';

export * from '../../../gateway/access/index.ts';

/** @see real.createMemorySessions */
export function createMemorySessions(clock: Clock): real.MemorySessions {
  const sessions = real.createMemorySessions(clock);
  const add = sessions.add.bind(sessions);
  sessions.add = async (session) => {
    tell('c2s', session.c2s);
    tell('s2c', session.s2c);
    tell('public', session.th);
    await add(session);
  };
  return sessions;
}
