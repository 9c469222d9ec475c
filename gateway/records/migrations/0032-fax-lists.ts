/**
 * Faxes of all accounts are listed newest first, and found by how they ended and by number. Without these a million faxes
 * were read account by account for whoever looks for the failed ones, which took seconds.
 */
export const FAX_LISTS = `
create index faxes_newest on faxes (created_at desc, id desc);
create index faxes_rare on faxes (state, created_at desc, id desc)
  where state in ('partial', 'failed', 'canceled', 'uncertain');
create index faxes_to on faxes (to_number, created_at desc, id desc);
create index faxes_from on faxes (from_number, created_at desc, id desc) where from_number is not null;
`;
