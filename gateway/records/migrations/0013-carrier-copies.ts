/**
 * What carriers keep of a fax. `carrier_id`: the carrier's own name of the call. `stored`: the carrier keeps pages until it
 * is asked to erase them; such a fax that came in is taken once. `carrier_purges`: one row for each call of which something
 * is to be erased, from the transaction that ended it; it stays as the record of what the carrier answered.
 */
export const CARRIER_COPIES = `
alter table calls
  add column carrier_id text,
  add column stored boolean not null default false;
create unique index calls_stored on calls (carrier, reference) where direction = 'inbound' and stored;

create table carrier_purges (
  call text primary key references calls,
  fax text not null,
  account text not null,
  carrier text not null,
  outcome text not null check (outcome in ('pending', 'purged', 'none', 'kept')),
  -- The carrier's words with the outcome.
  detail text,
  since bigint not null,
  answered_at bigint,
  -- Since the end of the call, or since somebody asked for another round of tries.
  tries integer not null default 0,
  -- The next try; null: there is none.
  next_at bigint,
  -- No try follows later than this.
  give_up_at bigint not null,
  -- Whether a signed receipt says how it ended: the first one of the fax, or one of these.
  attested boolean not null default false,
  receipts text[] not null default '{}'
);
create index carrier_purges_fax on carrier_purges (fax);
create index carrier_purges_due on carrier_purges (next_at) where next_at is not null;
create index carrier_purges_open on carrier_purges (since desc, call desc) where outcome in ('pending', 'kept');
create index carrier_purges_unattested on carrier_purges (fax) where next_at is null and not attested;
`;
