/** What one may hear of besides what concerns the own log-in. */
export type NoticeTopic = 'administrators' | 'audit' | 'backups' | 'budgets' | 'carriers' | 'destinations' | 'erasure';

/** Where notices of an administrator or an account go, and what of. */
export interface Notices {
  addresses: string[];
  topics: NoticeTopic[];
  /** Whether the gateway has a server for mails; without one nobody is told anything. */
  sends: boolean;
}

/** A mail on its way; what it says is sealed, and gone once it is sent. */
export interface OutboxMail {
  id: string;
  kind:
    | 'login_network'
    | 'login_failures'
    | 'login_intercepted'
    | 'user_new'
    | 'user_changed'
    | 'administrator_new'
    | 'administrator_changed'
    | 'account_changed'
    | 'addresses_changed'
    | 'alert'
    | 'report'
    | 'trial';
  to: string;
  /** Whose reader gets it; null: of all accounts. */
  account: string | null;
  state: 'waiting' | 'sent' | 'given_up';
  attempts: number;
  nextAt: string | null;
  /** Why the last attempt failed: a word, or the code of the server. */
  lastError: string | null;
  createdAt: string;
  endedAt: string | null;
}
