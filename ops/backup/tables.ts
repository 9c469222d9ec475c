import type { Sql } from '../../gateway/records/database.ts';
import type { TableHead } from './lines.ts';

/**
 * What no backup ever holds: wrapped data keys and what lies about the sealed images. Without them a copy of the vault
 * is noise to whoever has the backup. Sessions end with their gateway, and so does what identity providers are asked about
 * them with. The schema's version stands in the header.
 */
export const NEVER_TABLES: readonly string[] = ['vault_keys', 'vault_objects', 'identity_sessions', 'schema_versions'];

/** The data key of a received fax, wrapped to its customer: a key, too. It is null in a backup. */
export const NEVER_COLUMNS: Readonly<Record<string, readonly string[]>> = { faxes: ['sealed_key'] };

/** Every table of the records but `never`, those that others refer to first. */
export async function copiedTables(sql: Sql, never: readonly string[] = NEVER_TABLES): Promise<TableHead[]> {
  const found = await sql.rows<TableHead>(
    `select c.relname as name,
       array(select a.attname::text from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
             order by a.attnum) as columns,
       array(select substring(pg_get_expr(p.relpartbound, p.oid) from 'FROM \\(''?(-?[0-9]+)')::float8
             from pg_inherits i join pg_class p on p.oid = i.inhrelid
             where i.inhparent = c.oid and c.relkind = 'p' and pg_get_expr(p.relpartbound, p.oid) like 'FOR VALUES FROM%'
             order by 1) as months
     from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> all($1::text[])
     order by c.relname`,
    [never],
  );
  return inOrder(found, await references(sql));
}

interface Reference {
  readonly child: string;
  readonly parent: string;
}

function references(sql: Sql): Promise<Reference[]> {
  return sql.rows<Reference>(
    `select distinct c.relname as child, p.relname as parent
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
     where k.contype = 'f' and c.relnamespace = current_schema()::regnamespace and c.oid <> p.oid`,
  );
}

/** Parents before children; a ring of references would come last, in the order of names. */
function inOrder(tables: readonly TableHead[], all: readonly Reference[]): TableHead[] {
  const left = [...tables];
  const done: TableHead[] = [];
  while (left.length > 0) {
    const waits = ({ name }: TableHead) =>
      all.some(({ child, parent }) => child === name && left.some((other) => other.name === parent));
    const next = left.findIndex((table) => !waits(table));
    done.push(...left.splice(Math.max(0, next), 1));
  }
  return done;
}

/** `name` as an identifier in SQL text. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
