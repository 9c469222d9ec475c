import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';

/** A new password from a person, or from standard input where nobody can be asked. @throws CliError usage */
export async function newPassword({ io }: Context): Promise<string> {
  const asked = (await io.secret('New password')) ?? new TextDecoder().decode(await io.input()).trim();
  if (asked === '') throw new CliError('usage', 'a password is needed: on the terminal or on standard input');
  return asked;
}
