/**
 * Lists of one account, behind the wall. Row-level security lets no operator that could tell of foreign rows into the scan
 * of a table before it has looked at the account, so that the index of tags stood idle there: `@>` is not leakproof. These
 * views have the same condition without that order; statements on them are the gateway's own, which tell nothing. Whoever
 * has named no account sees nothing in them. A later migration that gives a list a new column makes the view anew.
 *
 * The indexes are for what was looked for in all faxes, or in all of a large account: tags, users, what came in, and
 * what has been handed over.
 */
const NOT_DELIVERED = `('partial', 'failed', 'canceled', 'uncertain', 'handed_over', 'wiped')`;

export const OWN_LISTS = `
drop index faxes_rare;
create index faxes_rare on faxes (state, created_at desc, id desc) where state in ${NOT_DELIVERED};
create index faxes_own_rare on faxes (account, state, created_at desc, id desc) where state in ${NOT_DELIVERED};
create index faxes_inbound on faxes (account, created_at desc, id desc) where direction = 'inbound';
create index faxes_user on faxes (user_id, created_at desc, id desc) where user_id is not null;
create index faxes_tags on faxes using gin (tags jsonb_path_ops) where tags <> '{}';

create view own_faxes as select * from faxes where account = current_setting('sealfax.account', true);
create view own_cdrs as select * from cdrs where account = current_setting('sealfax.account', true);
`;
