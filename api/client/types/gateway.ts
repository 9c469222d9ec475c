import type { CdrResult } from './call.ts';
import type { Direction } from './fax.ts';

/** A setting of the process that answers. */
export interface Setting {
  /** Environment variable. */
  variable: string;
  about: string;
  /** As it was given, or the default in words; null where it is not shown. */
  value: string | null;
  from: 'default' | 'file' | 'environment' | 'command_line';
  /** It has a value, which is a secret or may hold one. */
  hidden: boolean;
}

/** Something that waits for a person. */
export interface Alert {
  /** `fault`: something does not work. `warning`: somebody should look. */
  level: 'fault' | 'warning';
  code: AlertCode;
  title: string;
  /** What to do about it. */
  advice: string;
  /** The carrier, endpoint, check or finding that it is about. */
  object: string | null;
  account: string | null;
  since: string | null;
}

/** What alerts are about; further ones may come. */
export type AlertCode =
  | 'restore_held'
  | 'not_ready'
  | 'host_finding'
  | 'copies_kept'
  | 'no_carrier'
  | 'breaker_open'
  | 'breaker_trial'
  | 'carrier_paused'
  | 'budget_spent'
  | 'budget_low'
  | 'countries_waiting'
  | 'faxes_uncertain'
  | 'webhook_disabled'
  | 'webhook_given_up'
  | 'account_paused';

/** How it stands at this moment. */
export interface Overview {
  at: string;
  /** Faxes that are unfinished, or wait for somebody, by state; states without any are left out. */
  states: Record<string, number>;
  /** Records that ended, by hour of UTC; hours without any are left out. */
  hours: { start: string; direction: Direction; result: CdrResult; cdrs: number; pages: number }[];
}

/** What a process of the gateway says of itself and of its host. */
export interface Host {
  version: string;
  /** It takes no new work and is about to end. */
  draining: boolean;
  /** Whether everything that a fax needs answers. */
  checks: { name: string; ok: boolean; detail: string }[];
  /** How well this host forgets; `accepted`: a red line that the operator lives with. */
  findings: { level: 'green' | 'yellow' | 'red'; code: string; text: string; accepted: boolean }[];
}

/** Whether the gateway waits for its operator after a restore from a backup; the rest is there while it does. */
export interface RestoreState {
  held: boolean;
  /** Id of the backup. */
  backup?: string | undefined;
  /** When the backup was taken, and when it was restored. */
  takenAt?: string | undefined;
  restoredAt?: string | undefined;
  /** Faxes that were under way when the backup was taken, by how the restore ended them. */
  ended?: { uncertain: number; failed: number; delivered: number; receiving: number } | undefined;
}

/** One entry of the audit log. */
export interface AuditEntry {
  at: string;
  actor: string;
  address: string | null;
  account: string | null;
  action: string;
  object: string | null;
  detail: Record<string, unknown>;
}
