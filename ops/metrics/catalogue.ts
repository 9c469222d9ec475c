/** One series family: what it says, and its label names. */
export interface SeriesFacts {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

const counter = (help: string, ...labels: string[]): SeriesFacts => ({ kind: 'counter', help, labels });
const gauge = (help: string, ...labels: string[]): SeriesFacts => ({ kind: 'gauge', help, labels });
const seconds = (help: string, ...labels: string[]): SeriesFacts => ({ kind: 'histogram', help, labels });

/** Every metric of the gateway, without the prefix `sealfax_`. A test holds the code against it. */
export const CATALOGUE: Readonly<Record<string, SeriesFacts>> = {
  accounts_erased_total: counter('Closed accounts that were erased'),
  accounts_over_budget: gauge('Accounts that have spent a budget and call nobody before its period ends'),
  backup_age_seconds: gauge('Age of the last good backup; before the first one, time since the start'),
  backup_bytes: gauge('Size of the last backup that this process has made'),
  backup_seconds: seconds('Duration of backups, verification and transfer included'),
  backups_total: counter('Backups', 'result'),
  budget_alerts_total: counter('Budgets that ran low (`warned`: four fifths) or out (`spent`)', 'payer', 'level'),
  calls_refused_total: counter('Incoming calls that were refused', 'cause'),
  calls_total: counter('Calls that have ended', 'carrier', 'cause', 'direction'),
  cdr_months_dropped_total: counter('Months of CDRs that were past their time as a whole'),
  cdr_strays: gauge('CDRs outside of every month that is ready; not 0 means that the upkeep stands still'),
  audit_seals_failed: counter('Seals of the audit log that failed and are tried again'),
  cdr_upkeep_failed: counter('Upkeeps of the CDRs that failed and are tried again'),
  cdrs_retired_total: counter('CDRs deleted past their time, whole months not counted'),
  carrier_failovers_total: counter(
    'Faxes that went on to the next carrier because this one failed them',
    'carrier',
    'cause',
  ),
  carrier_budget_left: gauge('What is left of the budget of a carrier, in units of the currency', 'carrier', 'span'),
  carrier_breaks_total: counter('Times that the breaker of a carrier opened', 'carrier'),
  carrier_calls: gauge('Outbound calls claimed or live over a carrier, of all processes', 'carrier'),
  carrier_open: gauge('1 while a carrier gets no calls, or trial calls only, after faults of its own', 'carrier'),
  carrier_paused: gauge('1 while a carrier is paused', 'carrier'),
  carrier_purges_failed_total: counter('Looks after copies at carriers that failed and are tried again'),
  carrier_purges_given_up: gauge('Copies of faxes that a carrier keeps and is not asked about any more', 'carrier'),
  carrier_purges_pending: gauge('Copies of faxes that a carrier is still to erase', 'carrier'),
  carrier_purges_total: counter('Answers of carriers that were asked to erase a copy', 'carrier', 'outcome'),
  carrier_waiting: gauge('Faxes that are due and wait for a call over a carrier', 'carrier'),
  closings_failed: counter('Ends of closed accounts that failed and are tried again'),
  data_free_bytes: gauge('Room that is left around the data directory'),
  destinations_refused_total: counter(
    'Numbers that rules did not let be called, at acceptance or before a call',
    'reason',
  ),
  epoch_roll_seconds: seconds('Duration of key epoch rolls'),
  epoch_rolls_failed: counter('Key epoch rolls that failed and are tried again'),
  epochs_destroyed: counter('Key epochs whose key was destroyed'),
  faxes_held_total: counter('Faxes accepted that wait for the approval of their country'),
  hellos_total: counter('Handshakes', 'result'),
  http_request_seconds: seconds('Duration of HTTP requests, sealed inner ones included', 'method', 'route'),
  http_requests_total: counter('HTTP requests, sealed inner ones included', 'method', 'route', 'status', 'sealed'),
  images_lost: counter('Faxes that ended because their encrypted image or key was gone'),
  live_calls: gauge('Calls under way', 'direction'),
  logins_total: counter('Log-ins', 'result', 'realm'),
  mail_looks_failed: counter('Parts of the work on mails that failed and are tried again', 'what'),
  mails_total: counter('Attempts to send a mail', 'kind', 'result'),
  mails_waiting: gauge('Mails in the outbox that wait for an attempt'),
  media_fetches_total: counter('Fetches of faxes by carriers, by links that work once', 'result'),
  oidc_answers_total: counter('Answers of identity providers', 'provider', 'about', 'result'),
  oidc_sessions_ended_total: counter('Sessions ended by the word of an identity provider', 'provider', 'reason'),
  orphan_calls_total: counter('Calls of dead workers that were settled'),
  pages_received_total: counter('Pages received and confirmed'),
  pages_rendered_total: counter('Pages rendered'),
  pages_sent_total: counter('Pages sent and confirmed'),
  render_seconds: seconds('Duration of rendering a fax'),
  retrains_total: counter('Retrains of calls'),
  row_upkeep_failed: counter('Upkeeps of faxes, events and receipts that failed and are tried again'),
  rows_retired_total: counter('Faxes, events and receipts deleted past their time', 'rows'),
  sip_faults_total: counter('Faults of sockets, connections and DNS that calls went on without', 'carrier', 'fault'),
  sip_late_seconds: seconds('Deadlines of SIP and media that were missed by 10 ms or more', 'carrier'),
  sip_trunk_passed_total: counter('Calls that a SIP trunk did not take by its own fault', 'carrier', 'trunk'),
  sip_trunk_up: gauge('1 while a SIP trunk can be used', 'carrier', 'trunk'),
  sweeper_failed: counter('Sweepers that failed', 'sweeper'),
  sweeper_found: counter('Things that a sweeper found and ended; each is worth a look', 'sweeper'),
  webhook_attempt_seconds: seconds('Duration of webhook attempts'),
  webhook_attempts_total: counter('Webhook attempts', 'result'),
  wipe_seconds: seconds('Duration of wipes'),
  wipes: counter('Images wiped'),
  wipes_failed: counter('Wipes that failed and are tried again'),
};
