import type { Arguments } from './command.ts';
import { CliError } from './exit-status.ts';
import type { CliIo } from './io.ts';

/** A new trunk as it stands in a file of carriers, before it is checked. */
export interface TrunkDraft {
  readonly carrier: string;
  /** Settings of the carrier around it, those that were asked for. */
  readonly around: Readonly<Record<string, unknown>>;
  readonly trunk: Readonly<Record<string, unknown>> & { readonly name: string; readonly transport: string };
}

const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
/** How a provider knows who calls. */
const KINDS = ['registration', 'address', 'user-name'] as const;
type Kind = (typeof KINDS)[number];

/** How questions are answered that the options leave open. */
interface Asking {
  /** Whether a person is asked at all. */
  readonly person: boolean;
  readonly io: CliIo;
}

/**
 * A trunk from the options; when they name no server, a person is asked for it and for what else is missing.
 *
 * @param passwordMayBeTyped whether it will be kept in a file of its own rights
 * @throws CliError usage
 */
export async function draftTrunk(args: Arguments, io: CliIo, passwordMayBeTyped: boolean): Promise<TrunkDraft> {
  const asking = { person: args.text('server') === undefined, io };
  const server = await answer(asking, args.text('server'), 'Server of the provider (host or host:port)', undefined);
  const transport = await choose(asking, args.choice('transport', TRANSPORTS), 'Transport', TRANSPORTS, 'udp');
  const kind = await choose(asking, kindOf(args), 'Known by', KINDS, 'registration');
  const name = await answer(asking, args.text('name'), 'Name of the trunk', nameOf(server));
  const trunk = {
    ...{ name, server, transport },
    ...(await credentials(asking, args, kind, passwordMayBeTyped)),
    ...(kind === 'registration' ? { register: true } : {}),
    ...given({
      user: args.text('user'),
      fromDomain: args.text('from-domain'),
      number: args.text('number'),
      numberFormat: args.choice('number-format', ['plus', 'digits', 'double_zero']),
      callerId: args.choice('caller-id', ['from', 'identity', 'both', 'none']),
      inboundPrefix: args.text('inbound-prefix'),
      peers: args.all('peer').length === 0 ? undefined : args.all('peer'),
    }),
  };
  return { carrier: args.text('carrier') ?? 'sip', around: await around(asking, args), trunk };
}

async function around(asking: Asking, args: Arguments): Promise<Readonly<Record<string, unknown>>> {
  const publicAddress =
    args.text('public-address') ??
    (await line(asking, 'Public address, if this host is behind NAT (empty: it is not)', ''));
  return given({
    stationId: args.text('station-id'),
    publicAddress: publicAddress === '' ? undefined : publicAddress,
    media: mediaOf(args.text('media-ports')),
  });
}

function mediaOf(text: string | undefined): { readonly ports: readonly [number, number] } | undefined {
  if (text === undefined) return undefined;
  const [, first, last] = /^(\d{1,5})[-–](\d{1,5})$/.exec(text) ?? [];
  if (first === undefined || last === undefined)
    throw new CliError('usage', '--media-ports is a range such as 40000-40999');
  return { ports: [Number(first), Number(last)] };
}

function kindOf(args: Arguments): Kind | undefined {
  const written = args.choice('by', KINDS);
  if (written !== undefined || args.text('server') === undefined) return written;
  return args.text('username') === undefined ? 'address' : 'registration';
}

/** The password comes from a file or a person, never from the command line, which every user of the host can read. */
async function credentials(asking: Asking, args: Arguments, kind: Kind, mayBeTyped: boolean) {
  if (kind === 'address') return {};
  const username = await answer(asking, args.text('username'), 'User name', undefined);
  const asked = mayBeTyped ? undefined : 'File with the password';
  const passwordFile =
    args.text('password-file') ?? (asked === undefined ? undefined : await line(asking, asked, undefined));
  if (passwordFile !== undefined) return { username, passwordFile };
  if (!mayBeTyped)
    throw new CliError('usage', 'where is the password? Give --password-file, or --write a file to keep it in');
  const password = await asking.io.secret('Password');
  if (password === null || password === '')
    throw new CliError('usage', 'the password is missing: give --password-file, or type it');
  return { username, password };
}

async function answer(
  asking: Asking,
  given: string | undefined,
  question: string,
  usual: string | undefined,
): Promise<string> {
  const text = given ?? (await line(asking, usual === undefined ? question : `${question} [${usual}]`, usual));
  if (text === undefined || text === '')
    throw new CliError('usage', `missing: ${question}; \`sealfax trunk add --help\` lists the options`);
  return text;
}

async function choose<T extends string>(
  asking: Asking,
  given: T | undefined,
  question: string,
  choices: readonly T[],
  usual: T,
): Promise<T> {
  if (given !== undefined) return given;
  const text = await line(asking, `${question}: ${choices.join(', ')} [${usual}]`, usual);
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new CliError('usage', `${question} is one of ${choices.join(', ')}`);
  return found;
}

/** What a person types, or what is usual. */
async function line<T extends string | undefined>(
  { person, io }: Asking,
  question: string,
  usual: T,
): Promise<string | T> {
  const typed = person ? await io.ask(question) : null;
  return typed === null || typed.trim() === '' ? usual : typed.trim();
}

/** `sip.telco.example:5070` → `telco`: the label before the last, or before that where it is two letters as in `co.uk`. */
function nameOf(server: string): string {
  const host = server.replace(/:\d+$/, '').toLowerCase();
  const labels = /^[\d.]+$|:/.test(host) ? [] : host.split('.').filter((label) => label.length > 3 || label === host);
  const label = labels.slice(0, -1).at(-1) ?? labels[0] ?? '';
  return label.replace(/[^a-z0-9-]/g, '').slice(0, 40) || 'trunk';
}

/** Without what was not given. */
function given(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
