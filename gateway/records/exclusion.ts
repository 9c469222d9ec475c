import type pg from 'pg';
import type { Exclusion } from '../ports/exclusion.ts';
import { RecordsError } from './errors.ts';

/**
 * Two numbers name a lock of the session. The second comes from the schema, because advisory locks belong to the whole
 * database and several gateways may have a schema each in one.
 */
const KEY = 'hashtext($1), hashtext(current_schema())';
const WAIT = `select true as got from (select pg_advisory_lock(${KEY})) as waited`;
const TRY = `select pg_try_advisory_lock(${KEY}) as got`;
const UNLOCK = `select pg_advisory_unlock(${KEY})`;

/** A lock is held on a connection of the pool, which it keeps for as long as the work runs. */
export function createExclusion(pool: pg.Pool): Exclusion {
  return {
    exclusively: async (name, work) => {
      const done = await locked(pool, WAIT, name, work);
      if (!done.ran) throw new Error('an awaited lock was refused');
      return done.value;
    },
    tryExclusively: (name, work) => locked(pool, TRY, name, work),
  };
}

type Done<T> = { readonly ran: true; readonly value: T } | { readonly ran: false };

async function locked<T>(pool: pg.Pool, lock: string, name: string, work: () => Promise<T>): Promise<Done<T>> {
  const client = await pool.connect().catch(unavailable);
  // A lock that cannot be given back goes with its connection.
  let free = false;
  try {
    const { rows } = await client.query<{ got: boolean }>(lock, [name]).catch(unavailable);
    if (rows[0]?.got !== true) {
      free = true;
      return { ran: false };
    }
    try {
      return { ran: true, value: await work() };
    } finally {
      free = await client.query(UNLOCK, [name]).then(
        () => true,
        () => false,
      );
    }
  } finally {
    client.release(!free);
  }
}

function unavailable(error: unknown): never {
  throw new RecordsError('unavailable', 'the database does not answer', error);
}
