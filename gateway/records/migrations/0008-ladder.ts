/** The steps of a call beside its CDR: null where the carrier does not tell them. They live and end with the CDR. */
export const LADDER = `
alter table cdrs add column ladder jsonb;
`;
