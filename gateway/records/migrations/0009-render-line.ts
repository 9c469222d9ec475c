/**
 * Faxes whose pages are still to be made, as they stand in line: those of one account by `created_at - 600000 * priority`,
 * which is to them what `next_call_at` is to the line of calls.
 */
export const RENDER_LINE = `
create index faxes_render_line on faxes (account, (created_at - 600000 * priority)) where state in ('accepted', 'rendering');
`;
