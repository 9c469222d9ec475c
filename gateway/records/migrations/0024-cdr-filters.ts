/**
 * Records are found by cause, carrier and country of the far side in order of time. What most records have in common (the
 * cause `ok`) is found quickly without an index; what is rare would be looked for in all of them.
 */
export const CDR_FILTERS = `
create index cdrs_cause on cdrs (cause, ended_at desc, id desc) where cause <> 'ok';
create index cdrs_carrier on cdrs (carrier, ended_at desc, id desc) where carrier is not null;
create index cdrs_country on cdrs (country, ended_at desc, id desc) where country is not null;
`;
