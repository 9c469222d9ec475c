import type { Account, Admin } from '../../api/client/index.ts';
import { CliError } from './exit-status.ts';

/** The account that a person names by name or id. @throws CliError not_found */
export async function accountOf(admin: Admin, name: string | undefined): Promise<Account> {
  const found = (await admin.accounts()).find((one) => one.name === name || one.id === name);
  if (found === undefined) throw new CliError('not_found', `there is no account ${name}`);
  return found;
}
