import { randomId } from '../../crypto/index.ts';
import type { User } from '../fax/account.ts';
import { newId, type UserId } from '../fax/ids.ts';
import type { IdentityRecords, IdentitySession, KnownIdentity } from '../ports/identity-records.ts';
import type { AccessJournal } from './access-changes.ts';
import { AccountError } from './account-error.ts';
import { note } from './audit.ts';
import type { Database, Transaction } from './database.ts';
import { violated } from './errors.ts';
import { explainUser, insertUser, USER_COLUMNS } from './users.ts';

const SESSION_COLUMNS = `s.sid, s.user_id as "user", s.realm, s.provider, s.issuer, s.subject,
  s.provider_sid as "providerSid", s.ticket, s.started_at as "startedAt", s.good_at as "goodAt", s.next_at as "nextAt",
  s.until, s.expires_at as "expiresAt"`;

/** Identities at providers, and the sessions that rest on them, on PostgreSQL. */
export function createIdentityRecords(database: Database, access: AccessJournal): IdentityRecords {
  return {
    userOf: async ({ issuer, subject }) => {
      const row = await database.row<{ user: UserId }>(
        'select user_id as "user" from identities where issuer = $1 and subject = $2',
        [issuer, subject],
      );
      return row?.user;
    },
    identities: (users) =>
      database.rows<KnownIdentity>(
        `select issuer, subject, user_id as "user", created_at as "createdAt" from identities
         where user_id = any($1::text[]) order by user_id`,
        [users],
      ),
    link: (...args) => link(database, access, ...args),
    unlink: (...args) => unlink(database, access, ...args),
    createAdministrator: (...args) => createAdministrator(database, ...args),
    addSession: (session) => addSession(database, session),
    takeDue: (limit, hold, now) => takeDue(database, limit, hold, now),
    keepSession: async (sid, { ticket, goodAt, nextAt, until }) => {
      const changed = await database.change(
        'update identity_sessions set ticket = $2, good_at = $3, next_at = $4, until = $5 where sid = $1',
        [sid, ticket, goodAt, nextAt, until],
      );
      return changed === 1;
    },
    removeSession: async (sid) => {
      await database.change('delete from identity_sessions where sid = $1', [sid]);
    },
    sessionsOf: (match) => {
      const [column, value] =
        'providerSid' in match ? (['provider_sid', match.providerSid] as const) : (['subject', match.subject] as const);
      return database.rows<IdentitySession>(
        `select ${SESSION_COLUMNS} from identity_sessions s where s.issuer = $1 and s.${column} = $2`,
        [match.issuer, value],
      );
    },
    countSessions: async (now) => {
      const row = await database.row<{ count: number }>(
        'select count(*)::integer as count from identity_sessions where expires_at > $1',
        [now],
      );
      return row?.count ?? 0;
    },
  };
}

const link = (
  database: Database,
  access: AccessJournal,
  ...[user, identity, actor, now]: Parameters<IdentityRecords['link']>
): Promise<void> =>
  database
    .transaction(async (tx) => {
      const row = await held(tx, user);
      await tx.change('delete from identities where user_id = $1', [user]);
      await insertIdentity(tx, user, identity, now);
      await note(tx, actor, row.account ?? row.scope, 'identity.link', user, { issuer: identity.issuer }, now);
      await access.note(tx, row.account, user, now);
    })
    .catch(explain);

const unlink = (
  database: Database,
  access: AccessJournal,
  ...[user, actor, now]: Parameters<IdentityRecords['unlink']>
): Promise<boolean> =>
  database.transaction(async (tx) => {
    const row = await held(tx, user);
    const removed = await tx.change('delete from identities where user_id = $1', [user]);
    if (removed === 0) return false;
    await note(tx, actor, row.account ?? row.scope, 'identity.unlink', user, {}, now);
    await access.note(tx, row.account, user, now);
    return true;
  });

/** The user's row is held, so that of two changes at once the second waits. */
async function held(tx: Transaction, user: UserId): Promise<Pick<User, 'account' | 'scope'>> {
  const row = await tx.row<Pick<User, 'account' | 'scope'>>(
    'select account, scope from users where id = $1 for update',
    [user],
  );
  if (row === undefined) throw new AccountError('user_unknown', 'there is no such user');
  return row;
}

const createAdministrator = (
  database: Database,
  ...[name, rank, identity, actor, now]: Parameters<IdentityRecords['createAdministrator']>
): Promise<User> =>
  database
    .transaction(async (tx) => {
      const id = newId('usr', (prefix) => randomId(prefix, now));
      const user = { ...ADMINISTRATOR, id, name, role: rank.role, scope: rank.scope, createdAt: now };
      await insertUser(tx, user, { passwordHash: null, secretMac: null });
      await insertIdentity(tx, id, identity, now);
      const detail = { realm: 'admin', ...rank, issuer: identity.issuer };
      await note(tx, actor, rank.scope, 'user.create', id, detail, now);
      const row = await tx.row<User>(`select ${USER_COLUMNS} from users u where id = $1`, [id]);
      return row ?? user;
    })
    .catch(explain);

const ADMINISTRATOR = {
  realm: 'admin',
  account: null,
  disabled: false,
  cidrs: [],
  clientKey: null,
  totp: false,
  scopes: null,
  oldSecretUntil: null,
} as const;

async function insertIdentity(
  tx: Transaction,
  user: UserId,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
  now: number,
): Promise<void> {
  await tx.change('insert into identities (issuer, subject, user_id, created_at) values ($1, $2, $3, $4)', [
    issuer,
    subject,
    user,
    now,
  ]);
}

function explain(error: unknown): never {
  if (violated(error) === 'identities_identity')
    throw new AccountError('identity_taken', 'this identity belongs to another user');
  return explainUser(error);
}

async function addSession(database: Database, session: IdentitySession): Promise<void> {
  // What is long over, as after a crash, goes along.
  await database.change('delete from identity_sessions where expires_at <= $1', [session.startedAt]);
  await database.change(
    `insert into identity_sessions (sid, user_id, realm, provider, issuer, subject, provider_sid, ticket, started_at,
       good_at, next_at, until, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      session.sid,
      session.user,
      session.realm,
      session.provider,
      session.issuer,
      session.subject,
      session.providerSid,
      session.ticket,
      session.startedAt,
      session.goodAt,
      session.nextAt,
      session.until,
      session.expiresAt,
    ],
  );
}

/** Of processes that ask at once each gets others; a row whose process has died is due again when `hold` is over. */
function takeDue(database: Database, limit: number, hold: number, now: number): Promise<IdentitySession[]> {
  return database.rows<IdentitySession>(
    `update identity_sessions s set next_at = $2::bigint + $3::bigint
     where sid in (select sid from identity_sessions where next_at <= $2::bigint
       order by next_at limit $1 for update skip locked)
     returning ${SESSION_COLUMNS}`,
    [limit, now, hold],
  );
}
