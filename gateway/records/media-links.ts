import type { Fax } from '../fax/fax.ts';
import type { MediaFormat } from '../ports/carrier-adapter.ts';
import type { MediaGrant, MediaRecords, NewMediaLink } from '../ports/media-records.ts';
import { note } from './audit.ts';
import type { Database, Transaction } from './database.ts';
import { FAX_COLUMNS } from './fax-row.ts';

/** GETs of one link: one, and one more when that was interrupted. */
const MOST_GETS = 2;

/** Links of calls on PostgreSQL. */
export function createMediaRecords(database: Database): MediaRecords {
  return {
    add: (link, now) => add(database, link, now),
    look: (token, address, now) => look(database, token, address, now),
    take: (...args) => database.transaction((tx) => take(tx, ...args)),
    end: async (token, end) => {
      await database.change(`update media_links set state = $2 where token = $1 and state = 'serving'`, [token, end]);
    },
    revoke: async (token) => {
      const row = await database.row<{ gets: number }>('delete from media_links where token = $1 returning gets', [
        token,
      ]);
      // Without a row a former revocation, or its own end, has taken it away: whether it was seen, nobody knows then.
      return row?.gets === 0 ? 'unseen' : 'seen';
    },
  };
}

/** Whether the account of the fax `f` lets carriers fetch, by its policy of now. */
const ALLOWED = `coalesce((select (a.policy ->> 'pullMedia')::boolean from accounts a where a.id = f.account), false)`;

async function add(database: Database, link: NewMediaLink, now: number): Promise<boolean> {
  const { token, fax, fence, carrier, firstPage, format, sources, expiresAt } = link;
  return database.transaction(async (tx) => {
    await tx.change('delete from media_links where expires_at < $1', [now]);
    const added = await tx.change(
      `insert into media_links (token, fax, fence, carrier, first_page, format, sources, expires_at)
       select $1, f.id, $3, $4, $5, $6, $7::text[]::inet[], $8 from faxes f where f.id = $2 and ${ALLOWED}`,
      [token, fax, fence, carrier, firstPage, format, sources, expiresAt],
    );
    return added > 0;
  });
}

/** A link with its fax, and what speaks against a GET of it. */
type LinkRow = Fax & {
  readonly carrier: string;
  readonly firstPage: number;
  readonly format: MediaFormat;
  readonly refusal: 'source' | 'policy' | 'expired' | 'call_over' | 'used' | null;
};

/** $1 token, $2 address, $3 now. Only a call that has passed gate 2, and that nobody has asked to end, is in `sending`. */
const LINK = `select ${FAX_COLUMNS}, l.carrier, l.first_page as "firstPage", l.format,
    case
      when cardinality(l.sources) > 0 and not coalesce($2::inet <<= any (l.sources), false) then 'source'
      when not ${ALLOWED} then 'policy'
      when l.expires_at <= $3 then 'expired'
      when f.fence <> l.fence or f.state <> 'sending' or f.cancel_asked or not f.image_exists
        or coalesce(f.lease_until, 0) <= $3 then 'call_over'
      when l.state in ('serving', 'served') or l.gets >= ${MOST_GETS} then 'used'
    end as refusal
  from media_links l join faxes f on f.id = l.fax where l.token = $1`;

async function look(
  database: Database,
  ...[token, address, now]: Parameters<MediaRecords['look']>
): Promise<MediaFormat | undefined> {
  const link = await database.row<LinkRow>(LINK, [token, address, now]);
  return link?.refusal === null ? link.format : undefined;
}

async function take(
  tx: Transaction,
  ...[token, address, now]: Parameters<MediaRecords['take']>
): Promise<MediaGrant | undefined> {
  // The fax is not locked: a call that ends at this moment ends after the GET has begun.
  const link = await tx.row<LinkRow>(`${LINK} for update of l`, [token, address, now]);
  if (link === undefined) return undefined;
  const { carrier, firstPage, format, refusal, ...fax } = link;
  const actor = { who: `carrier ${carrier}`, address };
  if (refusal !== null) {
    await note(tx, actor, fax.account, 'media.refuse', fax.id, { reason: refusal }, now);
    return undefined;
  }
  await tx.change(`update media_links set state = 'serving', gets = gets + 1 where token = $1`, [token]);
  await note(tx, actor, fax.account, 'media.fetch', fax.id, { firstPage, format }, now);
  return { fax, firstPage, format };
}
