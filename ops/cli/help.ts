import { COMMON_OPTIONS, type Command, type Option } from './command.ts';

/** The first words of commands under the heading that the overview gives them. What is in none stands under the last. */
const HEADINGS: Readonly<Record<string, readonly string[]>> = {
  Faxes: ['send', 'status', 'cancel', 'resend', 'preview', 'receipt', 'inbox', 'receive', 'why', 'covers', 'render'],
  'Calls, records and reports': ['call', 'cdr', 'report', 'events', 'verify', 'webhook'],
  'Accounts and users': ['account', 'number', 'cidr', 'user', 'admin', 'me', 'session', 'identity-providers', 'mail'],
  'Carriers and calls': ['carrier', 'trunk', 'route', 'destination', 'budget', 'live'],
  'The gateway': [],
};
const LAST = Object.keys(HEADINGS).at(-1) ?? '';

function headingOf(name: string): string {
  const [first = ''] = name.split(' ');
  return Object.entries(HEADINGS).find(([, words]) => words.includes(first))?.[0] ?? LAST;
}

/** The list of commands below headings; with `group` only those that begin with it. */
export function mainHelp(commands: Readonly<Record<string, Command>>, group?: string): string {
  const shown = Object.entries(commands).filter(([name]) => group === undefined || name.split(' ')[0] === group);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  const lines = ([name, { summary }]: readonly [string, Command]) => `  ${name.padEnd(width)}  ${summary}`;
  const list =
    group === undefined
      ? Object.keys(HEADINGS)
          .map((heading) => [heading, ...shown.filter(([name]) => headingOf(name) === heading).map(lines)].join('\n'))
          .join('\n\n')
      : shown.map(lines).join('\n');
  if (group !== undefined) return `${list}\n`;
  return `Sealfax: send and receive faxes through a gateway, sealed from end to end of the way to it.

Usage: sealfax COMMAND [options]

${list}

The gateway and the secret come from the environment, never from the command line:
  SEALFAX_CONNECTION        sealfax://account:user@host:port?pin=…
  SEALFAX_SECRET            API secret or password, or SEALFAX_SECRET_FILE with a file that holds it
  SEALFAX_ADMIN_CONNECTION, SEALFAX_ADMIN_SECRET, SEALFAX_ADMIN_SECRET_FILE
                            for what administrators do: accounts, users, carriers, alerts, keys, audit …
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
