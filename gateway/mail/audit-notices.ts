import type { AuditEntry } from '../ports/account-records.ts';
import type { Credential } from './templates/users.ts';

/** What an entry of the audit log is news of. */
export type News =
  | { readonly about: 'login'; readonly intercepted: boolean; readonly device: string | null }
  | { readonly about: 'login_refused' }
  | { readonly about: 'user_new' }
  | { readonly about: 'credential'; readonly credential: Credential | 'verifiers' }
  | { readonly about: 'standing' }
  | { readonly about: 'account'; readonly isOpen: boolean; readonly eraseAt: number | null };

/** Credentials by the field of a user that changed; which verifier it was, the realm of the user tells. */
const FIELDS: Readonly<Record<string, Credential | 'verifiers'>> = {
  verifiers: 'verifiers',
  totp: 'totp',
  clientKey: 'client_key',
};
const STANDING: readonly string[] = ['role', 'scope', 'disabled'];

type Reading = (entry: AuditEntry) => readonly News[];

const credential =
  (name: Credential): Reading =>
  () => [{ about: 'credential', credential: name }];

/** Every action that somebody is told of. What stands in no entry is told to nobody: the log is what notices are made of. */
const READINGS: Readonly<Record<string, Reading>> = {
  login: ({ detail: { tlsIntercepted, device } }) => [
    { about: 'login', intercepted: tlsIntercepted === 'yes', device: typeof device === 'string' ? device : null },
  ],
  // The account's own policy has refused it, after everything else was right.
  'login.denied': ({ detail: { tlsIntercepted } }) => (tlsIntercepted === 'yes' ? [{ about: 'login_refused' }] : []),
  'account.close': ({ detail: { eraseAt } }) => [{ about: 'account', isOpen: false, eraseAt: momentOf(eraseAt) }],
  'account.reopen': () => [{ about: 'account', isOpen: true, eraseAt: null }],
  'user.create': () => [{ about: 'user_new' }],
  'user.update': ({ detail }) => changesOf(detail.changed),
  'user.password': credential('password'),
  'secret.rotate': credential('secret'),
  'secret.revoke': credential('secret'),
  'totp.confirm': credential('totp'),
  'totp.remove': credential('totp'),
  'passkey.add': credential('passkey_added'),
  'passkey.remove': credential('passkey_removed'),
  'recovery.new': credential('recovery'),
  'recovery.used': credential('recovery_used'),
  'identity.link': credential('identity'),
  'identity.unlink': credential('identity'),
};

/** Actions that the reader looks for. */
export const NEWS_ACTIONS = Object.keys(READINGS);

/** What an entry is news of; nothing for most. */
export function newsOf(entry: AuditEntry): readonly News[] {
  return READINGS[entry.action]?.(entry) ?? [];
}

/** A time as entries have it. */
function momentOf(text: unknown): number | null {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function changesOf(changed: unknown): News[] {
  const fields: readonly unknown[] = Array.isArray(changed) ? changed : [];
  const credentials = fields.flatMap((field): News[] => {
    const found = typeof field === 'string' ? FIELDS[field] : undefined;
    return found === undefined ? [] : [{ about: 'credential', credential: found }];
  });
  const rights = fields.some((field) => typeof field === 'string' && STANDING.includes(field));
  return rights ? [...credentials, { about: 'standing' }] : credentials;
}
