import type { Arguments, Option } from './command.ts';
import { CliError } from './exit-status.ts';

/** The option that every pause asks for. */
export const REASON: Option = { type: 'string', value: 'TEXT', about: 'why, for the administrators who come after' };

/** Its value. @throws CliError usage */
export function reasonOf(args: Arguments): string {
  const reason = args.text('reason');
  if (reason === undefined) throw new CliError('usage', '--reason says why');
  return reason;
}
