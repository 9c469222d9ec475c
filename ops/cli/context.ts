import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Admin, type Client, type CodeSource, connect, connectAdmin, fileMemory } from '../../api/client/index.ts';
import { CliError } from './exit-status.ts';
import type { CliIo } from './io.ts';

/** The variables that the CLI reads, handed in by whoever reads the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command works with. */
export interface Context {
  readonly io: CliIo;
  readonly json: boolean;
  /** Connection string of the account, from the command line or the environment. */
  readonly connection: string | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The account's client; logs in at the first call. @throws CliError usage */
  client(): Promise<Client>;
  /** The administration. @throws CliError usage */
  admin(): Promise<Admin>;
  /** A line for people, or with `--json` the value on one line. */
  show(value: unknown, text: string): void;
  close(): Promise<void>;
}

const DEVICE = 'sealfax command line';

/** @see Context */
export function createContext(
  io: CliIo,
  environment: Environment,
  options: {
    readonly json: boolean;
    readonly connection: string | undefined;
    /** Whether to ask a person for the code of the authenticator. */
    readonly totp: boolean;
    readonly signal: AbortSignal;
  },
): Context {
  const open: { close(): Promise<void> }[] = [];
  const memory = memoryFile(environment);
  const totp = codeSource(environment.SEALFAX_TOTP, options.totp, io);
  const shared = {
    ...{ device: DEVICE, ...(memory === undefined ? {} : { memory: fileMemory(memory) }) },
    ...(totp === undefined ? {} : { totp }),
  };

  async function credentials(prefix: 'SEALFAX' | 'SEALFAX_ADMIN'): Promise<readonly [string, string]> {
    const connection = options.connection ?? environment[`${prefix}_CONNECTION`];
    if (connection === undefined) {
      throw new CliError('usage', `whom to talk to? Set ${prefix}_CONNECTION or give --connection sealfax://…`);
    }
    return [connection, await secretOf(prefix, environment, io)];
  }

  function opened<T extends { close(): Promise<void> }>(one: T): T {
    open.push(one);
    return one;
  }

  let client: Client | undefined;
  let admin: Admin | undefined;
  return {
    io,
    json: options.json,
    connection: options.connection ?? environment.SEALFAX_CONNECTION,
    signal: options.signal,
    async client() {
      client ??= opened(connect(...(await credentials('SEALFAX')), shared));
      return client;
    },
    async admin() {
      admin ??= opened(connectAdmin(...(await credentials('SEALFAX_ADMIN')), shared));
      return admin;
    },
    show: (value, text) => io.out(options.json ? `${JSON.stringify(value)}\n` : `${text}\n`),
    async close() {
      for (const one of open) await one.close();
    },
  };
}

/** From the environment, a file or a person; never from the command line, which every user of the host can read. */
async function secretOf(prefix: string, environment: Environment, io: CliIo): Promise<string> {
  const given = environment[`${prefix}_SECRET`];
  if (given !== undefined && given !== '') return given;
  const file = environment[`${prefix}_SECRET_FILE`];
  if (file !== undefined) return readFileSync(file, 'utf8').trim();
  const asked = await io.secret('Secret');
  if (asked !== null && asked !== '') return asked;
  throw new CliError('usage', `the secret is missing: set ${prefix}_SECRET or ${prefix}_SECRET_FILE`);
}

/**
 * The code of the environment for the first log-in; it opens no second one, so that later ones ask a person. Undefined
 * for a user who needs none.
 */
function codeSource(given: string | undefined, ask: boolean, io: CliIo): CodeSource | undefined {
  let ready = given === '' ? undefined : given;
  if (ready === undefined && !ask) return undefined;
  return async () => {
    const code = ready ?? (await io.secret('TOTP code'));
    ready = undefined;
    if (code !== null && code !== '') return code;
    throw new CliError('usage', 'the TOTP code is missing: type it on the terminal or set SEALFAX_TOTP');
  };
}

/** Where the highest statement sequences are kept between runs; undefined without a home. */
function memoryFile({ XDG_CONFIG_HOME, HOME }: Environment): string | undefined {
  const base = XDG_CONFIG_HOME ?? (HOME === undefined ? undefined : join(HOME, '.config'));
  return base === undefined ? undefined : join(base, 'sealfax', 'statements.json');
}
