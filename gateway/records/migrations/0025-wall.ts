/**
 * A second wall between accounts (PostgreSQL §5.9, row security policies). Whoever works for one account takes the role
 * `sealfax_account` and names the account in `sealfax.account`; then every statement on these tables sees and changes rows
 * of that account alone, with or without a `where`. The gateway's own work owns the tables and is not held by it. Tables
 * without a policy show such a statement nothing. The role itself is made at each start: it is the server's.
 */
const OWN = `current_setting('sealfax.account', true)`;

/** Tables by the expression that names the account of a row. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  accounts: 'id',
  users: 'coalesce(account, scope)',
  // Those of the administrators have no owner, and whoever names no account is not one of them.
  saved_reports: `nullif(owner, '')`,
  budget_marks: `case kind when 'account' then name end`,
  ...Object.fromEntries(
    [
      ...['account_covers', 'account_places', 'audit', 'calls', 'carrier_purges', 'cdr_sums', 'cdrs', 'deliveries'],
      ...['endpoints', 'events', 'faxes', 'idempotency_keys', 'ledgers', 'numbers', 'sending_counts', 'subaddresses'],
      'vault_keys',
    ].map((table) => [table, 'account']),
  ),
};

/** What belongs to a fax belongs to its account. */
const OF_A_FAX: readonly string[] = ['pages', 'receipts', 'wipe_intents'];

/** What only the gateway itself works with. */
const CLOSED: readonly string[] = [
  ...['access_changes', 'identities', 'identity_sessions', 'mail_outbox', 'media_links', 'notice_settings', 'passkeys'],
  ...['report_schedules', 'seen_networks', 'vault_objects', 'wrong_codes'],
];

const wall = (table: string): string => `alter table ${table} enable row level security;`;

export const WALL = [
  ...Object.entries(ACCOUNTS).map(
    ([table, account]) => `${wall(table)}\ncreate policy own_account on ${table} using (${account} = ${OWN});`,
  ),
  // The policy of faxes holds within this one, too.
  ...OF_A_FAX.map(
    (table) => `${wall(table)}
create policy own_fax on ${table} using (exists (select from faxes f where f.id = ${table}.fax and f.account = ${OWN}));`,
  ),
  ...CLOSED.map(wall),
].join('\n');
