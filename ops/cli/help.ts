import { COMMON_OPTIONS, type Command, type Option } from './command.ts';
import { columns } from './text.ts';

/** The list of commands; with `group` only those that begin with it. */
export function mainHelp(commands: Readonly<Record<string, Command>>, group?: string): string {
  const shown = Object.entries(commands).filter(([name]) => group === undefined || name.split(' ')[0] === group);
  const list = columns(
    ['Command', ''],
    shown.map(([name, command]) => [name, command.summary]),
  );
  if (group !== undefined) return `${list}\n`;
  return `Sealfax: send and receive faxes through a gateway, sealed from end to end of the way to it.

Usage: sealfax COMMAND [options]

${list}

The gateway and the secret come from the environment, never from the command line:
  SEALFAX_CONNECTION        sealfax://account:user@host:port?pin=…
  SEALFAX_SECRET            API secret or password, or SEALFAX_SECRET_FILE with a file that holds it
  SEALFAX_ADMIN_CONNECTION, SEALFAX_ADMIN_SECRET, SEALFAX_ADMIN_SECRET_FILE
                            for account, number, user, cidr and audit
  SEALFAX_TOTP              code of the authenticator, for a user who needs one; or --totp, which asks for it

sealfax COMMAND --help tells more; sealfax help exit lists the exit statuses.
`;
}

/** The help of one command. */
export function commandHelp(name: string, command: Command): string {
  const own = Object.entries(command.options);
  const lines = [...own, ...Object.entries(COMMON_OPTIONS)].map(([option, doc]) => `  ${optionText(option, doc)}`);
  const more = command.more === undefined ? '' : `\n${command.more}\n`;
  return `sealfax ${name}: ${command.summary}\n\nUsage: sealfax ${name} ${command.usage}\n${more}\nOptions:\n${lines.join('\n')}\n`;
}

function optionText(name: string, { short, value, about }: Option): string {
  const names = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
  return names.length > 30 ? `${names}\n${' '.repeat(34)}${about}` : `${names.padEnd(32)}${about}`;
}
