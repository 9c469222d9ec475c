/** The route of a call beside its CDR, and until when a carrier has spent its budget. */
export const ROUTES = `
alter table calls add column route jsonb;
alter table cdrs add column route jsonb;
alter table carriers add column spent_until bigint;
`;
