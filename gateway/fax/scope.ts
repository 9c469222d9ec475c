/**
 * What an API user may do: `send` (faxes, batches, cancel and try again), `read` (faxes, pages of sent ones, calls, events),
 * `inbound` (received faxes and their pages), `webhooks`, `reports` (CDRs, sums, saved reports).
 */
export const SCOPES = ['send', 'read', 'inbound', 'webhooks', 'reports'] as const;

export type Scope = (typeof SCOPES)[number];
