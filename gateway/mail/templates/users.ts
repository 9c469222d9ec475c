import type { Role } from '../../fax/role.ts';
import type { Letter } from '../../ports/mailer.ts';
import { letterOf } from './frame.ts';
import { ifNotYou, type Scene, sceneTable, sentence, whoOf } from './scene.ts';

/** What of a log-in was changed. */
export type Credential =
  | 'password'
  | 'secret'
  | 'totp'
  | 'passkey_added'
  | 'passkey_removed'
  | 'recovery'
  | 'recovery_used'
  | 'client_key'
  | 'identity';

/** Names in the subject, and what it means. */
const CREDENTIALS: Record<Credential, { readonly what: string; readonly means: string }> = {
  password: { what: 'New password', means: 'The old password opens nothing any more, and all sessions have ended.' },
  secret: {
    what: 'New secret',
    means: 'Whoever logs in with the old secret is refused, at once or when its overlap ends.',
  },
  totp: {
    what: 'Authenticator changed',
    means: 'Log-ins need codes of a new authenticator, or none any more.',
  },
  passkey_added: { what: 'New passkey', means: 'Whoever holds it and can unlock it may log in.' },
  passkey_removed: { what: 'Passkey removed', means: 'It opens nothing any more.' },
  recovery: { what: 'New recovery codes', means: 'Those from before are void.' },
  recovery_used: { what: 'Recovery code used', means: 'It took the place of the authenticator once, and is used up.' },
  client_key: {
    what: 'Log-in key changed',
    means: 'The user logs in with a signature of the new key, or has none any more.',
  },
  identity: {
    what: 'Identity changed',
    means: 'Who at an identity provider may log in as this user is not as it was.',
  },
};

/** Every credential, for the tests of the templates. */
export const CREDENTIAL_NAMES = Object.keys(CREDENTIALS) as readonly Credential[];

/** A password, a secret, an authenticator, a passkey, a key: something that a log-in rests on. */
export function credentialLetter(scene: Scene, credential: Credential): Letter {
  const { what, means } = CREDENTIALS[credential];
  return letterOf(scene, `${what} of ${scene.user}`, [
    `${what} of ${whoOf(scene)}. ${means}`,
    sceneTable(scene),
    ifNotYou(scene),
  ]);
}

/** A user of an account that was not there before. */
export function newUserLetter(scene: Scene): Letter {
  return letterOf(scene, `New API user ${scene.user}`, [
    `The account ${scene.account ?? 'unknown'} has a new API user: ${scene.user}. Whoever holds its secret can send and receive faxes of the account.`,
    sceneTable(scene),
    ifNotYou(scene),
  ]);
}

/** What an administrator is and may do. */
export interface Standing {
  readonly role: Role;
  /** Name of the account that it is bound to; null: all. */
  readonly account: string | null;
  readonly disabled: boolean;
}

/** An administrator that was not there before. */
export function newAdministratorLetter(scene: Scene, standing: Standing): Letter {
  return letterOf(scene, `New administrator ${scene.user}`, [
    `The gateway has a new administrator: ${scene.user}.`,
    sceneTable(scene, standingFacts(standing)),
    ifNotYou(scene),
  ]);
}

/** Another role, another account, disabled or let in again. */
export function standingLetter(scene: Scene, standing: Standing): Letter {
  return letterOf(scene, `Rights of ${scene.user} changed`, [
    `${sentence(whoOf(scene))} has other rights than before. Open sessions have ended.`,
    sceneTable(scene, standingFacts(standing)),
    ifNotYou(scene),
  ]);
}

/** To the addresses from before and to those from now on. */
export function addressesLetter(scene: Omit<Scene, 'user' | 'realm'>, owner: string, count: number): Letter {
  const now =
    count === 0 ? 'None is left: no more notices are sent.' : `There ${count === 1 ? 'is one' : `are ${count}`} now.`;
  return letterOf(scene, `Addresses for notices of ${owner} changed`, [
    `The mail addresses to which the gateway sends notices of ${owner} were changed. ${now}`,
    sceneTable({ ...scene, user: '', realm: 'admin' }),
    'If this is not what you expect, ask an owner of the gateway: whoever changes addresses may want to keep something from you.',
  ]);
}

function standingFacts({ role, account, disabled }: Standing): readonly (readonly [string, string])[] {
  return [
    ['Role', role],
    ['For', account === null ? 'all accounts' : `the account ${account}`],
    ['May log in', disabled ? 'no' : 'yes'],
  ];
}
