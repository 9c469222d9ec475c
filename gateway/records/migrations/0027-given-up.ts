/** What was given up is counted and listed over all accounts, and is little beside what arrived. */
export const GIVEN_UP = `
create index deliveries_given_up on deliveries (created_at desc, id desc) where state = 'given_up';
`;
