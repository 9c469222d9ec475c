import type { AuditEntry } from '../ports/account-records.ts';
import type { AuditRecords, ChainTip, SaltedEntry, StoredHead } from '../ports/audit-records.ts';
import type { Database, Sql } from './database.ts';

/** No transaction of ours lasts as long: what is not chained by then, and has a smaller number, never was. Milliseconds. */
const SETTLED_AFTER = 900_000;

const FACTS = 'a.at, a.actor, a.address, a.account, a.action, a.object, a.detail';

type EntryRow = AuditEntry & { readonly id: number; readonly salt: Uint8Array };

export function createAuditRecords(database: Database): AuditRecords {
  return {
    extendChain: (linkOf, after, limit, now) =>
      database.transaction(async (tx) => {
        // Two processes would give out the same places.
        await tx.change(`select pg_advisory_xact_lock(hashtext('audit chain'), hashtext(current_schema()))`);
        const from = after ?? (await settledEntry(tx, now));
        const rows = await unchained(tx, from, limit);
        await chain(tx, await tipOf(tx), rows, linkOf);
        return { chained: rows.length, after: rows.at(-1)?.id ?? from };
      }),
    chainTip: () => tipOf(database),
    newestHead: () =>
      database.row<StoredHead>('select place, at, jws from audit_heads order by place desc, at desc limit 1'),
    storeHead: async ({ place, at, jws }) => {
      await database.change(
        `insert into audit_heads (place, at, entry, jws)
         select $1, $2, coalesce((select max(entry) from audit_chain), 0), $3`,
        [place, at, jws],
      );
    },
    chainedEntries: async (first, limit) => {
      const rows = await database.rows<EntryRow & { readonly place: number; readonly link: Uint8Array }>(
        `select c.place, c.link, a.id, a.salt, ${FACTS} from audit_chain c join audit a on a.id = c.entry
         where c.place >= $1 order by c.place limit $2`,
        [first, limit],
      );
      return rows.map(({ place, link, ...row }) => ({ place, link: octets(link), ...saltedOf(row) }));
    },
    linkAt: async (place) => {
      if (place === 0) return new Uint8Array(32);
      const row = await database.row<{ link: Uint8Array }>('select link from audit_chain where place = $1', [place]);
      return row === undefined ? undefined : octets(row.link);
    },
    heads: (first, last) =>
      database.rows<StoredHead>(
        'select place, at, jws from audit_heads where place between $1 and $2 order by place, at',
        [first, last],
      ),
    headsAround: async (at) => ({
      before: await database.row<StoredHead>(
        'select place, at, jws from audit_heads where at <= $1 order by at desc, place desc limit 1',
        [at],
      ),
      after: await database.row<StoredHead>(
        'select place, at, jws from audit_heads where at >= $1 order by at, place limit 1',
        [at],
      ),
    }),
  };
}

/** Every entry up to this number is chained, or was never committed. */
async function settledEntry(sql: Sql, now: number): Promise<number> {
  const row = await sql.row<{ entry: number }>(
    'select entry from audit_heads where at < $1 order by at desc, place desc limit 1',
    [now - SETTLED_AFTER],
  );
  return row?.entry ?? 0;
}

async function tipOf(sql: Sql): Promise<ChainTip> {
  const row = await sql.row<ChainTip>('select place, link from audit_chain order by place desc limit 1');
  return row === undefined ? { place: 0, link: new Uint8Array(32) } : { place: row.place, link: octets(row.link) };
}

function unchained(sql: Sql, after: number, limit: number): Promise<EntryRow[]> {
  return sql.rows<EntryRow>(
    `select a.id, a.salt, ${FACTS} from audit a
     where a.id > $1 and not exists (select from audit_chain c where c.entry = a.id) order by a.id limit $2`,
    [after, limit],
  );
}

async function chain(
  sql: Sql,
  tip: ChainTip,
  rows: readonly EntryRow[],
  linkOf: (before: Uint8Array, entry: SaltedEntry) => Uint8Array,
): Promise<void> {
  if (rows.length === 0) return;
  const links: Uint8Array[] = [];
  for (const row of rows) links.push(linkOf(links.at(-1) ?? tip.link, saltedOf(row)));
  await sql.change(
    `insert into audit_chain (place, entry, link)
     select $1::bigint + new.place, new.entry, new.link
     from unnest($2::bigint[], $3::bytea[]) with ordinality as new(entry, link, place)`,
    [tip.place, rows.map(({ id }) => id), links.map((link) => Buffer.from(link))],
  );
}

function saltedOf({ id: _id, salt, ...entry }: EntryRow): SaltedEntry {
  return { salt: octets(salt), entry };
}

/** The driver answers a Buffer. */
function octets(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
