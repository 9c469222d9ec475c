import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { SettingInForce } from '../api/context.ts';
import { parseMailAddress } from '../gateway/fax/notice.ts';
import { type SettingSource, settingInForce } from './settings-in-force.ts';

/**
 * Every setting of the gateway: one schema, from which the environment, the optional file, the messages about wrong
 * values and CONFIG.md are made. This is the only file that reads the environment.
 */
export interface SettingDoc {
  /** Environment variable. */
  readonly variable: string;
  /** What it does, in one sentence. */
  readonly about: string;
  /** A value that works, shown in errors and in CONFIG.md. */
  readonly example: string;
  /** Shown in CONFIG.md when the default depends on something. */
  readonly defaultText?: string;
}

interface Setting<T extends z.ZodType> extends SettingDoc {
  readonly schema: T;
}

const setting = <T extends z.ZodType>(
  variable: string,
  schema: T,
  about: string,
  example: string,
  defaultText?: string,
): Setting<T> => ({ variable, schema, about, example, ...(defaultText === undefined ? {} : { defaultText }) });

const text = z.string().trim().min(1, 'is empty');
const flag = z.enum(['on', 'off'], { error: 'is neither on nor off' }).transform((value) => value === 'on');
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d+$/, 'is not a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `is not between ${min} and ${max}` });
/** Days that rows are kept; less than a week would take what carriers may still ask about. */
const keptDays = whole(0, 36_500)
  .refine((days) => days === 0 || days >= 7, { error: 'is neither 0 nor at least 7' })
  .default(0);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
const cidrs = list.refine((items) => items.every(isCidr), { error: 'holds something that is not a CIDR range' });
const json = z.string().transform((value, context) => {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});
/** JSON, or `@` and the path of a file that holds it. */
const jsonOrFile = z
  .string()
  .transform((value, context) => {
    if (!value.startsWith('@')) return value;
    try {
      return readFileSync(value.slice(1), 'utf8');
    } catch {
      context.addIssue({ code: 'custom', message: `names a file that cannot be read: ${value.slice(1)}` });
      return z.NEVER;
    }
  })
  .pipe(json);
/** https, or http on this machine, where a tunnel or a test may be. */
const origin = z.string().transform((value, context): URL => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const local = url?.protocol === 'http:' && /^(localhost|\[::1\]|127(\.[0-9]{1,3}){3})$/.test(url.hostname);
  if (url !== undefined && (url.protocol === 'https:' || local) && url.href === `${url.origin}/`) return url;
  context.addIssue({ code: 'custom', message: 'is not an https origin without path, user and query' });
  return z.NEVER;
});
const origins = list.pipe(z.array(origin));
/** Where something listens. */
const listener = z.string().transform((value, context): { readonly host: string; readonly port: number } => {
  const [, six, other, port = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = six ?? other;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  context.addIssue({ code: 'custom', message: 'is not an address and a port' });
  return z.NEVER;
});
/** A server for mails. A password would be seen by whoever sees the settings, so it has a file of its own. */
const smtpServer = z.string().transform((value, context): SmtpAddress => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const scheme = url?.protocol === 'smtps:' || url?.protocol === 'smtp:';
  const bare = url?.password === '' && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
  if (url !== undefined && scheme && bare && url.hostname !== '') {
    const implicitTls = url.protocol === 'smtps:';
    const port = url.port === '' ? (implicitTls ? 465 : 587) : Number(url.port);
    const user = url.username === '' ? null : decodeURIComponent(url.username);
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port, implicitTls, user };
  }
  const problem = 'is not smtps:// or smtp:// with a user and a host, without password, path and query';
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});
const mailAddress = z.string().transform((value, context): string => {
  const address = parseMailAddress(value);
  if (address !== undefined) return address;
  context.addIssue({ code: 'custom', message: 'is not a mail address' });
  return z.NEVER;
});
const key256 = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'is not 32 bytes in base64url (43 characters)')
  .transform((value) => new Uint8Array(Buffer.from(value, 'base64url')));

/** Where mails are handed over. */
interface SmtpAddress {
  readonly host: string;
  readonly port: number;
  readonly implicitTls: boolean;
  readonly user: string | null;
}

function isCidr(item: string): boolean {
  const [address = '', bits = '', ...rest] = item.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  try {
    new BlockList().addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
}

/** The settings in the order of CONFIG.md. */
export const SETTINGS = {
  mode: setting(
    'SEALFAX_MODE',
    z.enum(['development', 'production'], { error: 'is neither development nor production' }).default('development'),
    'In production a red line of the host report stops the start unless SEALFAX_ACCEPT names it.',
    'production',
  ),
  accept: setting(
    'SEALFAX_ACCEPT',
    list.default([]),
    'Red findings of the host report that the operator accepts, by name, separated by commas.',
    'swap,core-dumps',
  ),
  role: setting(
    'SEALFAX_ROLE',
    z.enum(['all', 'api', 'worker'], { error: 'is none of all, api, worker' }).default('all'),
    'What this process does in a cluster: `api` takes requests, `worker` renders, calls and looks after everything, `all` both. `serve --role` wins.',
    'worker',
  ),
  dataDir: setting(
    'SEALFAX_DATA_DIR',
    text.default('sealfax-data'),
    'Records and sealed images. One gateway owns it at a time; a process of a cluster keeps only scratch files in it.',
    '/var/lib/sealfax',
  ),
  keyDir: setting(
    'SEALFAX_KEY_DIR',
    text.optional(),
    'Key epochs and key files. Keep it off the disk and out of the backups that hold the data directory.',
    '/run/sealfax-keys',
    'the data directory’s name with `-keys`',
  ),
  rootKey: setting(
    'SEALFAX_ROOT_KEY',
    key256.optional(),
    'The key that seals everything in the key directory: 32 bytes, base64url. Prefer SEALFAX_ROOT_KEY_FILE.',
    'q0B6vVt3bS0yN0cVd2uY0m1x6f8m0o5m3l9t6hQ2wEk',
    'a file in the key directory, made at the first start',
  ),
  rootKeyFile: setting(
    'SEALFAX_ROOT_KEY_FILE',
    text.optional(),
    'File with the root key (32 bytes, base64url), such as a systemd credential.',
    '/run/credentials/sealfax.service/root-key',
    '`root.key` in the key directory',
  ),
  host: setting('SEALFAX_HOST', text.default('127.0.0.1'), 'Address on which HTTPS listens.', '0.0.0.0'),
  port: setting(
    'SEALFAX_PORT',
    whole(0, 65_535).default(8443),
    'Port on which HTTPS listens; 0 takes a free one.',
    '8443',
  ),
  names: setting(
    'SEALFAX_NAMES',
    list.default(['localhost', '127.0.0.1', '::1']),
    'Host names by which clients reach the gateway; they stand in the certificate, the statement and connection strings (the first).',
    'fax.example.org',
  ),
  publicUrl: setting(
    'SEALFAX_PUBLIC_URL',
    origin.optional(),
    'Origin (https, host and port) by which carriers reach this gateway: signatures of their callbacks are checked against it, and links to faxes begin with it. It is never taken from a request.',
    'https://fax.example.org',
    'none: carriers that need it do not start',
  ),
  tls: setting(
    'SEALFAX_TLS',
    z.enum(['self-signed', 'files', 'off'], { error: 'is none of self-signed, files, off' }).default('self-signed'),
    '`self-signed` makes a certificate and keeps it sealed in the key directory; `files` reads SEALFAX_TLS_CERT and SEALFAX_TLS_KEY; `off` is for a TLS proxy in front on the same host.',
    'files',
  ),
  tlsCert: setting('SEALFAX_TLS_CERT', text.optional(), 'Certificate chain, PEM.', '/etc/sealfax/tls.crt', '–'),
  tlsKey: setting(
    'SEALFAX_TLS_KEY',
    text.optional(),
    'Private key of the certificate, PEM.',
    '/etc/sealfax/tls.key',
    '–',
  ),
  tlsLeaf: setting(
    'SEALFAX_TLS_LEAF',
    list.default([]),
    'SHA-256 (base64url) of the leaf certificates of a reverse proxy in front; without them a session’s `tls_intercepted` is unknown there.',
    '3Q2-7w…',
  ),
  trustedProxies: setting(
    'SEALFAX_TRUSTED_PROXIES',
    cidrs.default([]),
    'CIDR ranges whose X-Forwarded-For is believed; nobody else’s is.',
    '10.0.0.5/32',
  ),
  adminListen: setting(
    'SEALFAX_ADMIN_LISTEN',
    listener.optional(),
    'Address and port of a listener for administrators and the console alone; the other one refuses them then. Port 0 takes a free one.',
    '127.0.0.1:8444',
    'administrators come in where everybody does',
  ),
  adminCidrs: setting(
    'SEALFAX_ADMIN_CIDRS',
    cidrs.default([]),
    'CIDR ranges from which administrators may log in and go on, beside their own rules; from anywhere when empty.',
    '10.20.0.0/16',
  ),
  consoleOrigins: setting(
    'SEALFAX_CONSOLE_ORIGINS',
    origins.default([]),
    'Further origins by which browsers reach the console, for passkeys and sign-ins by OpenID: beside https with each of SEALFAX_NAMES, on the port of the listener and on 443.',
    'https://fax.example.org:9443',
  ),
  oidc: setting(
    'SEALFAX_OIDC',
    text.optional(),
    'OpenID providers by which administrators sign in and whose tokens API users may bring, as a JSON array, or `@` and the path of a file with one; a secret may lie in a file: `"secretFile"`. See docs/operations/openid.md.',
    '[{"name":"corp","issuer":"https://login.example.org","clientId":"sealfax","secretFile":"/run/secrets/oidc","roles":[{"value":"fax-owners","role":"owner"}]}]',
    'none',
  ),
  databaseUrl: setting(
    'DATABASE_URL',
    text.regex(/^postgres(ql)?:\/\//, 'does not start with postgres://').optional(),
    'A PostgreSQL server (14 or newer) instead of the embedded one.',
    'postgres://sealfax@db.example.org/sealfax',
    'embedded PostgreSQL in the data directory',
  ),
  databasePool: setting(
    'SEALFAX_DATABASE_POOL',
    whole(8, 500).default(20),
    'Connections of this process to the database, beside about ten of the queue where there is no Redis. The server must allow those of all processes together; the embedded one has room for 80.',
    '20',
  ),
  migrate: setting(
    'SEALFAX_MIGRATE',
    flag.default(true),
    'Whether a start brings the database up to date; with `off` it refuses an older one, and `sealfax migrate` does it.',
    'off',
  ),
  redisUrl: setting(
    'REDIS_URL',
    text.regex(/^(rediss?|unix):\/\//, 'does not start with redis://, rediss:// or unix://').optional(),
    'Redis (6.2 or newer, or Valkey) without persistence: with it any number of processes make one gateway. Needs DATABASE_URL.',
    'rediss://:secret@cache.example.org:6379/0',
    'none: one process is the gateway',
  ),
  redisOptions: setting(
    'SEALFAX_REDIS_OPTIONS',
    json.pipe(z.record(z.string(), z.unknown(), { error: 'is not a JSON object' })).default({}),
    'Options of ioredis as JSON: Sentinel, Cluster, TLS.',
    '{"sentinels":[{"host":"10.0.0.7","port":26379}],"name":"sealfax"}',
    'none',
  ),
  vault: setting(
    'SEALFAX_VAULT',
    z.enum(['files', 'redis'], { error: 'is neither files nor redis' }).default('files'),
    'Where sealed images lie: in files, or in the Redis of REDIS_URL.',
    'redis',
  ),
  vaultDir: setting(
    'SEALFAX_VAULT_DIR',
    text.optional(),
    'Directory of the sealed images; in a cluster one that all processes share.',
    '/mnt/sealfax-vault',
    '`vault` in the data directory',
  ),
  epochSeconds: setting(
    'SEALFAX_EPOCH_SECONDS',
    whole(5, 3_600).default(600),
    'Life of a key epoch: a wiped image is beyond recovery one epoch and one minute later at the latest.',
    '600',
  ),
  epochKeys: setting(
    'SEALFAX_EPOCH_KEYS',
    z.enum(['slots', 'memory'], { error: 'is neither slots nor memory' }).default('slots'),
    '`slots` survives a crash in a sealed slot file in the key directory; `memory` loses every image with the process.',
    'slots',
  ),
  maxBodyMiB: setting('SEALFAX_MAX_BODY_MIB', whole(1, 1_024).default(64), 'Largest upload in MiB.', '64'),
  calls: setting('SEALFAX_CALLS', whole(1, 1_000).default(30), 'Outbound calls at once.', '30'),
  renderers: setting(
    'SEALFAX_RENDERERS',
    whole(1, 64).default(2),
    'Documents rendered at once, each in a sandboxed child.',
    '2',
  ),
  warmRenderers: setting(
    'SEALFAX_WARM_RENDERERS',
    whole(0, 16).default(1),
    'Sandboxed children started ahead of need.',
    '2',
  ),
  pollSeconds: setting(
    'SEALFAX_POLL_SECONDS',
    whole(1, 60).default(2),
    'How often the poller looks for work that the queue missed.',
    '2',
  ),
  leaseSeconds: setting(
    'SEALFAX_LEASE_SECONDS',
    whole(6, 600).default(90),
    'A worker that is not heard of for so long has lost its calls, and knows it: it falls silent after two thirds of this time, and others settle its calls after four thirds. The same in every process. Below 90 it may be too short for the telephones of a real network (T1 + T2 of T.30: 47 s).',
    '90',
  ),
  cdrRetentionDays: setting(
    'SEALFAX_CDR_RETENTION_DAYS',
    whole(0, 36_500).default(0),
    'Days for which call detail records are kept where the policy of their account (cdrRetentionDays) says nothing else; 0 keeps them for good.',
    '3650',
  ),
  faxRetentionDays: setting(
    'SEALFAX_FAX_RETENTION_DAYS',
    keptDays,
    'Days for which faxes that have ended are kept in lists, with their calls; 0 keeps them for good, otherwise at least 7. Call detail records and receipts stay.',
    '400',
  ),
  eventRetentionDays: setting(
    'SEALFAX_EVENT_RETENTION_DAYS',
    keptDays,
    'Days for which entries of the ledgers and deliveries to webhooks are kept; 0 keeps them for good, otherwise at least 7.',
    '90',
  ),
  receiptRetentionDays: setting(
    'SEALFAX_RECEIPT_RETENTION_DAYS',
    keptDays,
    'Days for which wipe receipts are kept after their epoch was destroyed; 0 keeps them for good, otherwise at least 7.',
    '3650',
  ),
  breakerFaults: setting(
    'SEALFAX_BREAKER_FAULTS',
    whole(0, 1_000).default(5),
    'So many faxes in a row that fail by the fault of a carrier open its breaker: it gets no calls for a while, then single ones until one goes through. 0: never.',
    '5',
  ),
  breakerSeconds: setting(
    'SEALFAX_BREAKER_SECONDS',
    whole(1, 1_800).default(30),
    'How long a carrier is left alone at first. Each trial call that fails doubles it, up to half an hour.',
    '30',
  ),
  drainSeconds: setting(
    'SEALFAX_DRAIN_SECONDS',
    whole(0, 7_200).default(900),
    'How long SIGTERM waits for live calls before it ends them.',
    '900',
  ),
  carriers: setting(
    'SEALFAX_CARRIERS',
    text.optional(),
    'Carriers as a JSON array, or `@` and the path of a file with one; see docs/operations/carriers.md and docs/operations/trunks.md. Secrets may lie in files: `"passwordFile"` in place of `"password"`.',
    '@/etc/sealfax/carriers.json',
    'the loopback network alone',
  ),
  loopback: setting(
    'SEALFAX_LOOPBACK',
    flag.optional(),
    'Whether the loopback telephone network is there: `on` or `off`. Beside other carriers give it routes of its own: without one every carrier is tried in turn.',
    'off',
    '`on` without SEALFAX_CARRIERS, else `off`',
  ),
  loopbackSpeed: setting(
    'SEALFAX_LOOPBACK_SPEED',
    z
      .union([z.literal('instant'), whole(2_400, 33_600)], { error: 'is neither instant nor 2400 to 33600 bit/s' })
      .default(14_400),
    'Fastest rate of the loopback network in bit/s (its modems end at 14400), or `instant`: scripted calls that take no time.',
    '9600',
  ),
  loopbackNetwork: setting(
    'SEALFAX_LOOPBACK_NETWORK',
    json.default({}),
    'What the loopback network does to packets: shares of loss and reorder, jitter in ms, by seed.',
    '{"seed":1,"loss":0.02,"reorder":0.01,"jitter":30}',
    'nothing',
  ),
  loopbackRules: setting(
    'SEALFAX_LOOPBACK_RULES',
    json.default([]),
    'Behaviour of loopback numbers by pattern; see carrier-adapters/loopback/README.md.',
    '[{"number":"+4930*","behaviour":"busy"}]',
  ),
  loopbackSocket: setting(
    'SEALFAX_LOOPBACK_SOCKET',
    text.optional(),
    'Unix socket of a loopback network that runs as a process of its own.',
    '/run/telephone.sock',
    'inside the gateway',
  ),
  routes: setting(
    'SEALFAX_ROUTES',
    jsonOrFile.default([]),
    'Rules by which calls find their carriers (number prefixes, accounts, times, tags, price), as JSON or `@` and the path of a file; without one that fits every carrier in order. See docs/operations/routes.md.',
    '[{"prefix":"+49","carriers":["loopback"]}]',
  ),
  carrierPolicy: setting(
    'SEALFAX_CARRIER_POLICY',
    jsonOrFile.default({}),
    'What may go over a carrier and what it costs, by its name, as JSON or `@` and the path of a file: tags and which numbers it may show (docs/operations/routes.md), rates and a budget (docs/operations/costs.md).',
    '{"loopback":{"tags":["hipaa"],"callerId":{"only":["+4930123450"]},"rates":[{"perMinute":"0.012"}]}}',
    'everything, with the sender’s own number, at an unknown price',
  ),
  carrierLimits: setting(
    'SEALFAX_CARRIER_LIMITS',
    json.default({}),
    'Outbound calls at once and calls per second by carrier, of all processes together; without an entry there is no limit.',
    '{"loopback":{"maxCalls":30,"callsPerSecond":2}}',
    'none',
  ),
  lineLookup: setting(
    'SEALFAX_LINE_LOOKUP',
    text.optional(),
    'Who is asked of what kind a line is, for accounts that do not call some kinds, as JSON or `@` and the path of a file; see carrier-adapters/twilio/README.md. The numbers of receivers leave for it.',
    '{"kind":"twilio","key":"SK00000000000000000000000000000000","secretFile":"/run/secrets/twilio"}',
    'nobody',
  ),
  destinations: setting(
    'SEALFAX_DESTINATIONS',
    jsonOrFile.default({}),
    'Which numbers may be called, as JSON or `@` and the path of a file: countries and prefixes in `allow`, `deny` and `exceptions`; `premium`, `satellite` and `revenueShare` are false where nobody says otherwise. See docs/operations/toll-fraud.md.',
    '{"allow":["DE","AT","+41"],"deny":["+4915"]}',
    'everywhere but dear numbers',
  ),
  countries: setting(
    'SEALFAX_COUNTRY',
    list.default([]),
    'Home countries of every account, beside those of its own numbers: ISO 3166-1, separated by commas. Faxes to others wait for an administrator the first time.',
    'DE',
    'those of the account’s numbers',
  ),
  holdCountries: setting(
    'SEALFAX_HOLD_COUNTRIES',
    flag.optional(),
    'Whether the first faxes of an account to a country wait until an administrator allows it: `on` or `off`.',
    'on',
    '`on`, with the loopback network alone `off`',
  ),
  holdHours: setting(
    'SEALFAX_HOLD_HOURS',
    whole(1, 23).default(20),
    'Hours that a fax waits for the approval of its country before it fails; no image lives longer than 24.',
    '8',
  ),
  currency: setting(
    'SEALFAX_CURRENCY',
    z
      .string()
      .regex(/^[A-Z]{3}$/, 'is not a currency of ISO 4217')
      .default('USD'),
    'Currency of all rates, costs and budgets. It stays as it is once a call has been charged in it.',
    'EUR',
  ),
  webhookPrivate: setting(
    'SEALFAX_WEBHOOK_PRIVATE',
    flag.default(false),
    'Whether webhooks may go to private and loopback addresses over plain HTTP: for tests on one host.',
    'on',
  ),
  suite128: setting('SEALFAX_SUITE_128', flag.default(false), 'Whether the AES-128 suite is offered.', 'off'),
  logLevel: setting(
    'SEALFAX_LOG_LEVEL',
    z
      .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'is none of debug, info, warn, error, silent' })
      .default('info'),
    'Least level that is logged. Lines are JSON on standard error.',
    'warn',
  ),
  metricsPort: setting(
    'SEALFAX_METRICS_PORT',
    whole(0, 65_535).optional(),
    'Port with Prometheus metrics, /healthz and /readyz; 0 takes a free one.',
    '9464',
    'no metrics port',
  ),
  metricsHost: setting(
    'SEALFAX_METRICS_HOST',
    text.default('127.0.0.1'),
    'Address on which the metrics port listens. It asks nobody for a password.',
    '10.0.0.12',
  ),
  smtpUrl: setting(
    'SEALFAX_SMTP_URL',
    smtpServer.optional(),
    'Server that takes notices and reports: `smtps://` (TLS from the start, port 465) or `smtp://` (STARTTLS, port 587; on this very host without TLS), a user where it asks for one, no password. Without it no mail is sent. See docs/operations/mail.md.',
    'smtps://sealfax@mail.example.org',
    'no mails',
  ),
  smtpPasswordFile: setting(
    'SEALFAX_SMTP_PASSWORD_FILE',
    text.optional(),
    'File with the password of the user in SEALFAX_SMTP_URL.',
    '/run/credentials/sealfax.service/smtp-password',
    '–',
  ),
  mailFrom: setting(
    'SEALFAX_MAIL_FROM',
    mailAddress.optional(),
    'Sender of every mail; the server of SEALFAX_SMTP_URL must let us use it.',
    'sealfax@example.org',
    '–',
  ),
  backupTo: setting(
    'SEALFAX_BACKUP_TO',
    text.optional(),
    'Where backups go: a directory, `s3://bucket/prefix?endpoint=https://…&region=…` or `sftp://user@host/path`. Without it none is made. See docs/operations/backup.md.',
    'sftp://sealfax@backup.example.org/sealfax',
    'no backups',
  ),
  backupMinutes: setting(
    'SEALFAX_BACKUP_MINUTES',
    whole(1, 1_440).default(15),
    'Minutes from one backup to the next.',
    '15',
  ),
  backupKeep: setting(
    'SEALFAX_BACKUP_KEEP',
    whole(1, 100_000).default(96),
    'How many of the newest backups are kept.',
    '96',
  ),
  backupDays: setting(
    'SEALFAX_BACKUP_DAYS',
    whole(0, 3_650).default(30),
    'For so many days the newest backup of each day is kept besides.',
    '30',
  ),
  backupRecipient: setting(
    'SEALFAX_BACKUP_RECIPIENT',
    text.optional(),
    'P-521 public key (SPKI, base64url) to which backups are sealed besides the root key; `sealfax backup key` makes one. Its private key is needed to restore.',
    'MIGbMBAGByqGSM49AgEGBSuBBAAjA4GG…',
    'the root key alone opens them',
  ),
  backupS3Key: setting(
    'SEALFAX_BACKUP_S3_KEY_ID',
    text.optional(),
    'Access key id for an S3 target.',
    'AKIAIOSFODNN7EXAMPLE',
    '–',
  ),
  backupS3Secret: setting(
    'SEALFAX_BACKUP_S3_SECRET',
    text.optional(),
    'Secret access key for an S3 target. Prefer SEALFAX_BACKUP_S3_SECRET_FILE.',
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    '–',
  ),
  backupS3SecretFile: setting(
    'SEALFAX_BACKUP_S3_SECRET_FILE',
    text.optional(),
    'File with the secret access key.',
    '/run/credentials/sealfax.service/s3-secret',
    '–',
  ),
  backupSshConfig: setting(
    'SEALFAX_BACKUP_SSH_CONFIG',
    text.optional(),
    'Configuration file of OpenSSH for an SFTP target (`sftp -F`): keys, known hosts, jump hosts.',
    '/etc/sealfax/ssh_config',
    'OpenSSH’s own',
  ),
} as const;

type Schemas = typeof SETTINGS;
type Raw = { -readonly [K in keyof Schemas]: z.output<Schemas[K]['schema']> };

/** The settings in force; paths are absolute. */
export type Config = Omit<Raw, 'keyDir' | 'dataDir' | 'vaultDir' | 'loopback'> & {
  readonly loopback: boolean;
  readonly dataDir: string;
  readonly keyDir: string;
  readonly vaultDir: string;
  /** Every setting with its value and where that was found, without secrets. */
  readonly inForce: readonly SettingInForce[];
};

/** Whether any number of processes may make this gateway: they share PostgreSQL and Redis. */
export function isCluster(config: Pick<Config, 'databaseUrl' | 'redisUrl'>): boolean {
  return config.databaseUrl !== undefined && config.redisUrl !== undefined;
}

/** A setting that stops the start. `message` names the variable, the problem and a value that works. */
export class ConfigError extends Error {
  readonly variable: string;
  constructor(variable: string, problem: string, example: string) {
    super(example === '' ? `${variable} ${problem}.` : `${variable} ${problem}. Example: ${variable}=${example}`);
    this.name = 'ConfigError';
    this.variable = variable;
  }
}

const BY_VARIABLE = new Map(Object.entries(SETTINGS).map(([name, one]) => [one.variable, name as keyof Schemas]));

/**
 * Reads the settings from `env` and from the file that SEALFAX_CONFIG names (a JSON object of variable names; the
 * environment wins over the file, and `wins`, from the command line, over both). @throws ConfigError at the first wrong
 * value, or for a SEALFAX_ variable that does not exist
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env, wins: Readonly<Record<string, string>> = {}): Config {
  const [file, own] = [fileValues(env.SEALFAX_CONFIG), onlyOurs(env)];
  const values = { ...file, ...own, ...wins };
  for (const variable of Object.keys(values)) {
    if (!BY_VARIABLE.has(variable) && variable !== 'SEALFAX_CONFIG' && !CLIENT_VARIABLES.includes(variable)) {
      throw new ConfigError(variable, `is not a setting${suggestion(variable)}`, '');
    }
  }
  const raw: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(SETTINGS)) raw[name] = readOne(one, values[one.variable]);
  const config = raw as Raw;
  const dataDir = resolve(config.dataDir);
  const keyDir = resolve(config.keyDir ?? `${dataDir}-keys`);
  checkTogether(config, dataDir, keyDir);
  checkCluster(config);
  const loopback = config.loopback ?? config.carriers === undefined;
  const vaultDir = resolve(config.vaultDir ?? join(dataDir, 'vault'));
  const inForce = everySetting([file, 'file'], [own, 'environment'], [wins, 'command_line']);
  return { ...config, dataDir, keyDir, vaultDir, loopback, inForce };
}

/** Every setting and where its value was found; of several places the last one wins. */
function everySetting(...places: readonly (readonly [Record<string, string>, SettingSource])[]): SettingInForce[] {
  return Object.values(SETTINGS).map((one: SettingDoc & { readonly schema: z.ZodType }) => {
    const { variable, about, schema, defaultText } = one;
    const found = places.findLast(([values]) => values[variable] !== undefined);
    const text = found?.[0][variable];
    const fallback = (defaultText ?? defaultOf(schema)).replaceAll('`', '');
    return settingInForce(
      { variable, about, fallback },
      found === undefined || text === undefined ? undefined : { text, from: found[1] },
    );
  });
}

/** Variables of the command line client, which are not settings of the gateway. */
/** Settings of the command line, which reads them from the environment alone. */
export const CLIENT_VARIABLES: readonly string[] = [
  'SEALFAX_CONNECTION',
  'SEALFAX_SECRET',
  'SEALFAX_SECRET_FILE',
  'SEALFAX_ADMIN_CONNECTION',
  'SEALFAX_ADMIN_SECRET',
  'SEALFAX_ADMIN_SECRET_FILE',
  'SEALFAX_TOTP',
];

/** The environment of this process, for the command line client; read here and nowhere else. */
export function clientEnvironment(env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string | undefined>> {
  const names = [...CLIENT_VARIABLES, 'NO_COLOR', 'TERM', 'COLUMNS', 'HOME', 'XDG_CONFIG_HOME'];
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

/** What OpenSSH's programs may know of this environment: enough to find their keys and agent, and none of our secrets. */
export function sshEnvironment(env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** Flags that the environment hands to Node itself; the host report looks through them. */
export function nodeOptions(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  return (env.NODE_OPTIONS ?? '').split(/\s+/).filter((flag) => flag !== '');
}

function readOne(one: SettingDoc & { readonly schema: z.ZodType }, value: string | undefined): unknown {
  const parsed = one.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(one.variable, parsed.error.issues[0]?.message ?? 'is wrong', one.example);
}

function onlyOurs(env: NodeJS.ProcessEnv): Record<string, string> {
  const ours = Object.entries(env).filter(
    ([name, value]) => value !== undefined && /^(SEALFAX_|(DATABASE|REDIS)_URL$)/.test(name),
  );
  return Object.fromEntries(ours) as Record<string, string>;
}

function fileValues(file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  const bad = (problem: string) => new ConfigError('SEALFAX_CONFIG', problem, '/etc/sealfax/config.json');
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw bad(error instanceof SyntaxError ? 'names a file that is not JSON' : 'names a file that cannot be read');
  }
  const shape = z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())]),
    )
    .safeParse(parsed);
  if (!shape.success) throw bad('names a file that is not one object of settings');
  return Object.fromEntries(Object.entries(shape.data).map(([name, value]) => [name, asText(value)]));
}

function asText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'string') ? value.join(',') : JSON.stringify(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function suggestion(variable: string): string {
  const close = [...BY_VARIABLE.keys()].find((known) => distance(known, variable) <= 2);
  return close === undefined ? '; CONFIG.md lists them all' : `; perhaps ${close} was meant`;
}

/** Levenshtein distance, for names of settings only. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Of the 100 connections of the embedded server; the rest is the queue's, backups' and of processes that just ended. */
const EMBEDDED_POOL = 80;

function checkTogether(config: Raw, dataDir: string, keyDir: string): void {
  if (config.tls === 'files') {
    if (config.tlsCert === undefined)
      throw new ConfigError('SEALFAX_TLS_CERT', 'is missing while SEALFAX_TLS=files', SETTINGS.tlsCert.example);
    if (config.tlsKey === undefined)
      throw new ConfigError('SEALFAX_TLS_KEY', 'is missing while SEALFAX_TLS=files', SETTINGS.tlsKey.example);
  }
  if (`${keyDir}/`.startsWith(`${dataDir}/`)) {
    throw new ConfigError(
      'SEALFAX_KEY_DIR',
      'lies inside the data directory, so that one backup would hold images and keys',
      join('/run', 'sealfax-keys'),
    );
  }
  if (config.databaseUrl === undefined && config.databasePool > EMBEDDED_POOL) {
    const { variable, example } = SETTINGS.databasePool;
    throw new ConfigError(
      variable,
      `is above ${EMBEDDED_POOL}, the most that the embedded server has room for`,
      example,
    );
  }
  if (config.names.length === 0) throw new ConfigError('SEALFAX_NAMES', 'is empty', SETTINGS.names.example);
}

/** What only several processes together need, or must not do. */
function checkCluster(config: Raw): void {
  const missing = (one: SettingDoc, why: string) => new ConfigError(one.variable, why, one.example);
  if (config.redisUrl === undefined) {
    if (config.role !== 'all')
      throw missing(
        SETTINGS.redisUrl,
        `is missing while ${SETTINGS.role.variable}=${config.role}: roles need a cluster`,
      );
    if (config.vault === 'redis') throw missing(SETTINGS.redisUrl, 'is missing while SEALFAX_VAULT=redis');
    return;
  }
  if (config.databaseUrl === undefined)
    throw missing(
      SETTINGS.databaseUrl,
      'is missing while REDIS_URL is set: the processes of a cluster share a database',
    );
  if (config.rootKey === undefined && config.rootKeyFile === undefined)
    throw missing(SETTINGS.rootKeyFile, 'is missing: every process of a cluster is given the same root key');
  if (config.vault === 'files' && config.vaultDir === undefined)
    throw missing(
      SETTINGS.vaultDir,
      'is missing: name a directory that all processes share, or set SEALFAX_VAULT=redis',
    );
}

/** CONFIG.md, made from the schema; a test keeps the file equal. */
export function configPage(): string {
  const rows = Object.values(SETTINGS).map((one: SettingDoc & { readonly schema: z.ZodType }) => {
    const value = defaultOf(one.schema);
    const fallback = one.defaultText ?? (value === '' ? 'none' : `\`${value}\``);
    return `| \`${one.variable}\` | ${fallback} | ${one.about} | \`${one.example}\` |`;
  });
  return [
    '# Settings',
    '',
    'Made from the schema in `ops/config.ts` by `npm run config-page`; a test keeps the two equal.',
    '',
    'Each is an environment variable. `SEALFAX_CONFIG` may name a JSON file with the same names as keys; the environment',
    'wins. A wrong value, or a `SEALFAX_` variable that does not exist, stops the start with its name, its problem and an example.',
    '',
    '| variable | default | what it does | example |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function defaultOf(schema: z.ZodType): string {
  const value = schema.parse(undefined);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.join(',');
  return String(value);
}
