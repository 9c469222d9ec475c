import { hashPassword } from '../crypto/index.ts';
import type { User } from '../gateway/fax/account.ts';
import type { Records } from '../gateway/records/index.ts';
import { Closing } from './closing.ts';
import { type Config, ConfigError } from './config.ts';
import { readableSecret } from './first-start.ts';
import { openRecords } from './migrate.ts';
import { startError } from './serve.ts';

/** Who may read the gateway's settings and its database is who did it. */
const HOST = { who: 'local', address: null };

/**
 * `sealfax rescue USER`: lets an administrator in again who has lost every way, the last owner above all. A new password,
 * told once, no code, no address rules, enabled; the role stays. An embedded gateway is stopped before; the processes of
 * a cluster go on, and end the user's sessions. Answers the exit status.
 */
export async function rescue(argv: readonly string[], config: Config): Promise<number> {
  const [name, ...more] = argv;
  if (name === undefined || more.length > 0) throw new ConfigError('rescue', 'takes the name of one administrator', '');
  const closing = new Closing();
  try {
    const records = await openRecords(config, closing);
    const { pending } = await records.schema();
    if (pending.length > 0)
      throw new ConfigError('rescue', 'needs the schema of this release: run sealfax migrate', '');
    const password = await letIn(records, name);
    process.stdout.write(`${name} logs in with this password alone, shown once:\n  ${password}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${startError(error)}\n`);
    return 1;
  } finally {
    await closing.run();
  }
}

/** @throws ConfigError when there is no such administrator */
async function letIn({ accounts }: Records, name: string): Promise<string> {
  const { id } = administrator(await accounts.users('admin', null), name);
  const password = readableSecret();
  const verifiers = { passwordHash: await hashPassword(password) };
  await accounts.updateUser(id, { verifiers, passwordAlone: true }, HOST, Date.now());
  await accounts.updateUser(id, { totp: null }, HOST, Date.now());
  await accounts.updateUser(id, { disabled: false, cidrs: [] }, HOST, Date.now());
  return password;
}

function administrator(all: readonly User[], name: string): User {
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = all.map((one) => one.name).join(', ');
  throw new ConfigError('rescue', `finds no administrator ${JSON.stringify(name)}; there are: ${names}`, '');
}
