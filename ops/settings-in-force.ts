import type { SettingInForce } from '../api/context.ts';

/** Where the value of a setting was found; of several the last one of this list wins. */
export type SettingSource = SettingInForce['from'];

/** What a setting was given: its text as it stood there. Without one the default is in force. */
export interface GivenSetting {
  readonly text: string;
  readonly from: SettingSource;
}

/** What is said of a setting: its variable, what it does, and its default in words. */
interface Described {
  readonly variable: string;
  readonly about: string;
  readonly fallback: string;
}

/** Values that anybody who looks after the gateway may see. What is not named here is a secret, or may hold one. */
const PLAIN: ReadonlySet<string> = new Set([
  ...['SEALFAX_MODE', 'SEALFAX_ACCEPT', 'SEALFAX_ROLE', 'SEALFAX_DATA_DIR', 'SEALFAX_KEY_DIR', 'SEALFAX_ROOT_KEY_FILE'],
  ...['SEALFAX_HOST', 'SEALFAX_PORT', 'SEALFAX_NAMES', 'SEALFAX_PUBLIC_URL', 'SEALFAX_TLS', 'SEALFAX_TLS_CERT'],
  ...['SEALFAX_TLS_KEY', 'SEALFAX_TLS_LEAF', 'SEALFAX_TRUSTED_PROXIES', 'SEALFAX_ADMIN_LISTEN', 'SEALFAX_ADMIN_CIDRS'],
  ...['SEALFAX_CONSOLE_ORIGINS', 'SEALFAX_DATABASE_POOL', 'SEALFAX_MIGRATE', 'SEALFAX_VAULT', 'SEALFAX_VAULT_DIR'],
  ...['SEALFAX_EPOCH_SECONDS', 'SEALFAX_EPOCH_KEYS', 'SEALFAX_MAX_BODY_MIB', 'SEALFAX_CALLS', 'SEALFAX_RENDERERS'],
  ...['SEALFAX_WARM_RENDERERS', 'SEALFAX_POLL_SECONDS', 'SEALFAX_LEASE_SECONDS', 'SEALFAX_CDR_RETENTION_DAYS'],
  ...['SEALFAX_FAX_RETENTION_DAYS', 'SEALFAX_EVENT_RETENTION_DAYS', 'SEALFAX_RECEIPT_RETENTION_DAYS'],
  ...['SEALFAX_BREAKER_FAULTS', 'SEALFAX_BREAKER_SECONDS', 'SEALFAX_DRAIN_SECONDS', 'SEALFAX_LOOPBACK'],
  ...['SEALFAX_LOOPBACK_SPEED', 'SEALFAX_LOOPBACK_NETWORK', 'SEALFAX_LOOPBACK_RULES', 'SEALFAX_ROUTES'],
  ...['SEALFAX_CARRIER_POLICY', 'SEALFAX_CARRIER_LIMITS', 'SEALFAX_DESTINATIONS', 'SEALFAX_COUNTRY'],
  ...[
    'SEALFAX_HOLD_COUNTRIES',
    'SEALFAX_HOLD_HOURS',
    'SEALFAX_CURRENCY',
    'SEALFAX_WEBHOOK_PRIVATE',
    'SEALFAX_SUITE_128',
  ],
  ...['SEALFAX_LOG_LEVEL', 'SEALFAX_METRICS_PORT', 'SEALFAX_METRICS_HOST', 'SEALFAX_SMTP_PASSWORD_FILE'],
  ...['SEALFAX_MAIL_FROM', 'SEALFAX_BACKUP_MINUTES', 'SEALFAX_BACKUP_KEEP', 'SEALFAX_BACKUP_DAYS'],
  ...['SEALFAX_BACKUP_RECIPIENT', 'SEALFAX_BACKUP_S3_SECRET_FILE', 'SEALFAX_BACKUP_SSH_CONFIG'],
]);

/** Addresses: who logs in there, and everything behind the path, may be a secret. */
const ADDRESSES: ReadonlySet<string> = new Set(['DATABASE_URL', 'REDIS_URL', 'SEALFAX_SMTP_URL', 'SEALFAX_BACKUP_TO']);

/** A setting as administrators see it. */
export function settingInForce(
  { variable, about, fallback }: Described,
  given: GivenSetting | undefined,
): SettingInForce {
  if (given === undefined) return { variable, about, value: fallback, from: 'default', hidden: false };
  const value = shownValue(variable, given.text);
  return { variable, about, value, from: given.from, hidden: value === null };
}

/** Null: it is not shown. The path of a file that holds a value is no secret. */
function shownValue(variable: string, text: string): string | null {
  if (PLAIN.has(variable) || /^@\/[^\n]*$/.test(text)) return text;
  return ADDRESSES.has(variable) ? withoutSecrets(text) : null;
}

/** An address without user, password, query and fragment; null when it is none. */
function withoutSecrets(text: string): string | null {
  if (!URL.canParse(text)) return /^[/.\w-]+$/.test(text) ? text : null;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
