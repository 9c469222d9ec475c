import { randomId } from '../../crypto/index.ts';
import type { Passkey } from '../fax/account.ts';
import { newId } from '../fax/ids.ts';
import type { PasskeyRecords, PasskeyRow } from '../ports/passkey-records.ts';
import type { AccessJournal } from './access-changes.ts';
import { AccountError } from './account-error.ts';
import { note } from './audit.ts';
import type { Database, Sql } from './database.ts';
import { violated } from './errors.ts';

/** Passkeys that a user may have. */
export const PASSKEYS = 20;

const FACTS = 'id, user_id as "user", name, host, synced, created_at as "createdAt", used_at as "usedAt"';
const COLUMNS = `${FACTS}, credential, public_key as "publicKey", counter, transports`;

/** Passkeys on PostgreSQL. */
export function createPasskeys(database: Database, access: AccessJournal): PasskeyRecords {
  return {
    addPasskey: (...args) => add(database, access, ...args),
    passkeys: (user) =>
      database.rows<PasskeyRow>(`select ${COLUMNS} from passkeys where user_id = $1 order by created_at, id`, [user]),
    passkeyOf: (credential) =>
      database.row<PasskeyRow>(`select ${COLUMNS} from passkeys where credential = $1`, [credential]),
    usePasskey: async (id, counter, now) => {
      // WebAuthn Level 3 §6.1.1: a counter that counts goes up each time, or somebody has a copy of the key.
      const used = await database.change(
        `update passkeys set counter = $2, used_at = $3
         where id = $1 and (counter < $2::bigint or (counter = 0 and $2::bigint = 0))`,
        [id, counter, now],
      );
      return used === 1;
    },
    renamePasskey: (user, id, name, actor, now) =>
      database.transaction(async (tx) => {
        const renamed = await tx.row<Passkey>(
          `update passkeys set name = $3 where user_id = $1 and id = $2 returning ${FACTS}`,
          [user, id, name],
        );
        if (renamed !== undefined) await note(tx, actor, null, 'passkey.rename', user, { passkey: id }, now);
        return renamed;
      }),
    removePasskey: (user, id, actor, now) =>
      database.transaction(async (tx) => {
        const removed = await tx.change('delete from passkeys where user_id = $1 and id = $2', [user, id]);
        if (removed === 0) return false;
        await note(tx, actor, null, 'passkey.remove', user, { passkey: id }, now);
        await access.note(tx, null, user, now);
        return true;
      }),
  };
}

async function add(
  database: Database,
  access: AccessJournal,
  ...[passkey, actor, now]: Parameters<PasskeyRecords['addPasskey']>
): Promise<Passkey> {
  const id = newId('pky', (prefix) => randomId(prefix, now));
  const { user, name, host, synced, credential, publicKey, counter, transports } = passkey;
  const work = database.transaction(async (tx) => {
    await checkRoom(tx, passkey);
    await tx.change(
      `insert into passkeys (id, user_id, name, host, synced, credential, public_key, counter, transports, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [id, user, name, host, synced, credential, publicKey, counter, transports, now],
    );
    await note(tx, actor, null, 'passkey.add', user, { passkey: id, host, synced }, now);
    // Whoever holds an older row would take a session for one that rests on nothing.
    await access.note(tx, null, user, now);
  });
  await work.catch((error: unknown) => {
    if (violated(error) !== 'passkeys_credential') throw error;
    throw new AccountError('passkey_taken', 'this passkey is registered already');
  });
  return { id, user, name, host, synced, createdAt: now, usedAt: null };
}

/** The user's row is locked, so that two at once cannot pass the limit. */
async function checkRoom(sql: Sql, { user }: Pick<Passkey, 'user'>): Promise<void> {
  const row = await sql.row<{ realm: string }>('select realm from users where id = $1 for update', [user]);
  if (row?.realm !== 'admin') throw new AccountError('user_unknown', 'there is no such administrator');
  const had = await sql.row<{ count: number }>('select count(*)::integer as count from passkeys where user_id = $1', [
    user,
  ]);
  if ((had?.count ?? 0) >= PASSKEYS)
    throw new AccountError('too_many_passkeys', `at most ${PASSKEYS} passkeys can be registered; remove one first`);
}
