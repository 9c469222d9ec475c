import { parseArgs } from 'node:util';
import type { Context } from './context.ts';
import { CliError, type ExitName } from './exit-status.ts';

/** One option, for the parser and the help. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** How the value is called in the help. */
  readonly value?: string;
  readonly about: string;
}

/** What stands on a command line after the command. */
export interface Arguments {
  readonly words: readonly string[];
  /** The value of an option, or undefined; the last one when given several times. */
  text(name: string): string | undefined;
  all(name: string): readonly string[];
  flag(name: string): boolean;
  /** A whole number from `min` to `max`. @throws CliError usage */
  number(name: string, min: number, max: number): number | undefined;
  /** One of `choices`. @throws CliError usage */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined;
}

/** One command of the CLI. */
export interface Command {
  readonly summary: string;
  /** What follows the name, such as `FILE… --to NUMBER`. */
  readonly usage: string;
  /** Words that it takes: least and most. */
  readonly words: readonly [number, number];
  readonly options: Readonly<Record<string, Option>>;
  /** More than the summary, for its own help. */
  readonly more?: string;
  run(context: Context, args: Arguments): Promise<ExitName>;
}

/** Options that every command takes. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', about: 'one JSON value (a line each where there are many) instead of text' },
  connection: { type: 'string', value: 'STRING', about: 'connection string, instead of the environment' },
  totp: { type: 'boolean', about: 'ask for the code of the authenticator, for a user who needs one' },
  help: { type: 'boolean', short: 'h', about: 'this text' },
};

/** Reads what follows the command's name. @throws CliError usage */
export function parseCommand(command: Command, argv: readonly string[]): Arguments {
  const parsed = parse(command, argv);
  const { positionals: words } = parsed;
  const values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>> = parsed.values;
  const [least, most] = command.words;
  if (values.help !== true && (words.length < least || words.length > most)) {
    throw new CliError(
      'usage',
      words.length < least ? `something is missing of: ${command.usage}` : `"${words[most]}" is one word too many`,
    );
  }
  const all = (name: string) => [values[name] ?? []].flat().filter((one) => typeof one === 'string');
  const text = (name: string) => all(name).at(-1);
  return {
    words,
    all,
    text,
    flag: (name) => values[name] === true,
    number: (name, min, max) => wholeNumber(name, text(name), min, max),
    choice: (name, choices) => oneOf(name, text(name), choices),
  };
}

function parse(command: Command, argv: readonly string[]) {
  const options = { ...command.options, ...COMMON_OPTIONS };
  const known = Object.entries(options).map(([name, { type, short, multiple = false }]) => {
    return [name, { type, multiple, ...(short === undefined ? {} : { short }) }] as const;
  });
  try {
    const args = joinDashedValues(argv, options);
    return parseArgs({ args, options: Object.fromEntries(known), allowPositionals: true, strict: true });
  } catch (error) {
    throw new CliError(
      'usage',
      error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : 'wrong command line',
    );
  }
}

/**
 * Writes `--pin -x7…` as `--pin=-x7…`: one base64url text in 64 begins with a dash, and must be taken as the value that
 * it is. What is the name of an option stays one, so that a forgotten value is still found.
 */
function joinDashedValues(argv: readonly string[], options: Readonly<Record<string, Option>>): string[] {
  const shorts = Object.values(options).map(({ short }) => short);
  const isOption = (word: string) =>
    word.startsWith('--') ? word === '--' || Object.hasOwn(options, word.slice(2)) : shorts.includes(word.slice(1));
  const joined: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const next = argv[at + 1];
    if (word === '--') return [...joined, ...argv.slice(at)];
    const takesText = word.startsWith('--') && options[word.slice(2)]?.type === 'string';
    const isDashed = next?.startsWith('-') === true && next.length > 1 && !isOption(next);
    if (takesText && isDashed) at++;
    joined.push(takesText && isDashed ? `${word}=${next}` : word);
  }
  return joined;
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new CliError('usage', `--${name} is a whole number from ${min} to ${max}`);
}

function oneOf<T extends string>(name: string, text: string | undefined, choices: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new CliError('usage', `--${name} is one of ${choices.join(', ')}`);
  return found;
}
