/**
 * How far carriers are trusted, and what calls have taught about numbers. `carrier_breakers`: the state of each breaker,
 * changed only by whoever knows its version; `carrier_breaks`: its history. `learned_destinations`: facts as JSON, gone
 * after `expires_at` and never later than the CDRs that they come from.
 */
export const CARRIER_HEALTH = `
create table carrier_breakers (
  carrier text primary key,
  phase text not null check (phase in ('closed', 'open')),
  since bigint not null,
  -- From when on single calls may try an open carrier.
  until bigint check ((until is null) = (phase = 'closed')),
  -- Length of the last rest in ms.
  rest bigint not null,
  reason text not null,
  version integer not null
);

create table carrier_breaks (
  id bigint generated always as identity primary key,
  carrier text not null,
  at bigint not null,
  phase text not null,
  until bigint,
  reason text not null,
  by text not null,
  figures jsonb
);
create index carrier_breaks_time on carrier_breaks (carrier, at desc, id desc);

create table learned_destinations (
  number text primary key,
  facts jsonb not null,
  expires_at bigint not null
);
create index learned_destinations_expiry on learned_destinations (expires_at);
`;
