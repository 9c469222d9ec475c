/**
 * Links by which carriers that fetch faxes themselves get the pages of one call. `token`: SHA-256 of the one in the link,
 * hex, so that who reads the table can open nothing. A row lives as long as its call, and ten minutes at the most.
 */
export const MEDIA_LINKS = `
create table media_links (
  token text primary key,
  fax text not null references faxes,
  fence integer not null,
  carrier text not null,
  first_page integer not null,
  format text not null check (format in ('tiff', 'pdf')),
  -- Addresses that may fetch; empty: any.
  sources inet[] not null,
  expires_at bigint not null,
  gets integer not null default 0,
  state text not null default 'open' check (state in ('open', 'serving', 'interrupted', 'served'))
);
create index media_links_expiry on media_links (expires_at);
`;
