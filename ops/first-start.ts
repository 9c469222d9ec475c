import { randomBytes } from '../crypto/index.ts';
import type { Gateway } from '../gateway/index.ts';

/** What a first start made. The secrets are shown once and stored nowhere in clear. */
export interface FirstStart {
  readonly admin: { readonly connection: string; readonly password: string };
  readonly api: { readonly connection: string; readonly secret: string };
}

/** Name of the account of the first API user. */
const ACCOUNT = 'main';
/** Setting that says that the first start has been. */
export const FIRST_START = 'first_start';

/** Makes the owner and the first API user unless an earlier start has; null then. */
export async function firstStart(
  gateway: Gateway,
  connection: (account: string, user: string) => string,
): Promise<FirstStart | null> {
  const { accounts, access, clock } = gateway;
  if ((await accounts.setting(FIRST_START)) !== undefined) return null;
  // A start that was killed in here is repeated: what it made is found and given new secrets.
  const password = readableSecret();
  const owner = (await accounts.users('admin', null)).find((user) => user.name === 'owner');
  if (owner === undefined) await access.createPasswordUser('admin', null, 'owner', password, [], 'local');
  else await access.setPassword(owner.id, password, 'local');
  const actor = { who: 'local', address: null };
  const account =
    (await accounts.account({ name: ACCOUNT })) ??
    (await accounts.createAccount({ name: ACCOUNT, title: 'Main account', policy: {}, cidrs: [] }, actor, clock.now()));
  const user = (await accounts.users('api', account.id)).find((one) => one.name === 'app');
  const secret =
    user === undefined
      ? (await access.createApiUser(account.id, 'app', [], 'local')).secret
      : await access.rotateSecret(user.id, 'local');
  await accounts.putSetting(FIRST_START, new Date(clock.now()).toISOString());
  return {
    admin: { connection: connection('admin', 'owner'), password },
    api: { connection: connection(ACCOUNT, 'app'), secret },
  };
}

/** Without i, l, o, 0, 1: a password is read out and typed. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Five groups of five characters, 124 bits. */
export function readableSecret(): string {
  const characters: string[] = [];
  while (characters.length < 25) {
    for (const byte of randomBytes(32)) {
      // 248 is the largest multiple of 31 in a byte: no letter is likelier than another.
      if (byte < 248 && characters.length < 25) characters.push(LETTERS[byte % LETTERS.length] ?? '');
    }
  }
  return [0, 5, 10, 15, 20].map((at) => characters.slice(at, at + 5).join('')).join('-');
}
