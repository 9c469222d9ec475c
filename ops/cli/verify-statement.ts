import { readFileSync } from 'node:fs';
import {
  type PublishedKey,
  SealError,
  type StatementFile,
  type VerifiedKeyStatement,
  verifyKeyStatement,
} from '../../crypto/client.ts';
import type { Context } from './context.ts';
import { CliError, type ExitName } from './exit-status.ts';
import { columns, moment, pairs } from './text.ts';

/**
 * Reads and verifies the public statement of a gateway.
 *
 * @param known pins that are trusted; the statement is of their gateway when one of its roots is among them. Any, when empty
 * @throws CliError usage, not_valid
 */
async function readStatement(bytes: Uint8Array, known: readonly string[]): Promise<VerifiedKeyStatement> {
  const verified = await verifyKeyStatement(fileOf(bytes)).catch((error: unknown) => {
    if (!(error instanceof SealError)) throw error;
    throw new CliError('not_valid', `this statement is not as a gateway signed it: ${error.message}`);
  });
  const isKnown = known.length === 0 || verified.pins.some((pin) => known.includes(pin));
  if (!isKnown) throw new CliError('not_valid', `another gateway signed this: its pin is ${verified.pin}`);
  return verified;
}

/** Pins of all roots of the gateway whose statement lies in `file`. @throws CliError usage, not_valid */
export async function pinsOfStatement(file: string, known: readonly string[]): Promise<readonly string[]> {
  return (await readStatement(readFileSync(file), known)).pins;
}

/** Shows a statement that is genuine. @throws CliError usage, not_valid */
export async function verifyStatementFile(
  context: Context,
  bytes: Uint8Array,
  known: readonly string[],
): Promise<ExitName> {
  const { statement, pin, pins } = await readStatement(bytes, known);
  const advice = known.length > 0 ? 'as expected' : 'compare it with the pin in your connection string';
  const facts = {
    signature: 'genuine',
    'signed by': `the gateway with pin ${pin} (${advice})`,
    of: moment(statement.at),
    hosts: statement.hosts.join(', '),
    'earlier roots': pins.slice(0, -1).join(', '),
    'next root': statement.next,
  };
  context.show({ valid: true, pin, pins, ...statement }, `${pairs(facts)}\n\n${table(statement.keys)}`);
  return 'ok';
}

function table(keys: readonly PublishedKey[]): string {
  const rows = keys.map(({ use, kid, whpk, since, until }) => [
    use,
    whpk ?? kid,
    moment(since),
    until === null ? 'in use' : moment(until),
  ]);
  return columns(['key', 'id', 'since', 'until'], rows);
}

function fileOf(bytes: Uint8Array): Pick<StatementFile, 'statement' | 'roots'> {
  const value = jsonOf(bytes);
  const { sealfax, v, statement, roots } = value;
  const isList = Array.isArray(roots) && roots.every((one) => typeof one === 'string');
  if (sealfax !== 'keys' || v !== 1 || typeof statement !== 'string' || !isList) {
    throw new CliError('usage', 'the file holds no statement of `sealfax keys statement`');
  }
  return { statement, roots };
}

function jsonOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Falls through to the same answer as JSON of another kind.
  }
  throw new CliError('usage', 'the file holds no statement of `sealfax keys statement`');
}
