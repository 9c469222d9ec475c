import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { type AuditFindings, AuditReader } from '../../crypto/client.ts';
import type { Context } from './context.ts';
import { CliError, type ExitName } from './exit-status.ts';
import { moment, pairs } from './text.ts';

/**
 * Checks an exported audit log line by line, whatever its length, and tells everything that is wrong with it.
 *
 * @param pins of the gateways that may have signed it; any, when empty
 */
export async function verifyAuditFile(context: Context, file: string, pins: readonly string[]): Promise<ExitName> {
  const input = file === '-' ? Readable.from([await context.io.input()]) : createReadStream(file);
  const reader = new AuditReader();
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) await reader.read(line);
  const findings = reader.findings();
  for (const { line, sentence } of findings.faults) context.io.err(`line ${line}: ${sentence}\n`);
  if (findings.faults.length > 0) {
    throw new CliError('not_valid', `this audit log is not as the gateway wrote it: ${findings.faults.length} faults`);
  }
  const stranger = findings.pins.find((pin) => pins.length > 0 && !pins.includes(pin));
  if (stranger !== undefined) {
    throw new CliError('not_valid', `another gateway signed this: its pin is ${stranger}`);
  }
  context.show({ valid: true, ...findings }, text(findings, pins.length > 0));
  return 'ok';
}

function text({ entries, places, heads, until, pins }: AuditFindings, known: boolean): string {
  const advice = known ? 'as expected' : 'compare it with the pin in your connection string';
  return pairs({
    valid: 'nothing was changed, put in or taken away',
    entries: places === null ? 'none' : `${entries}, number ${places[0]} to ${places[1]}`,
    'signed heads': `${heads}${until === null ? '' : `, the last of ${moment(new Date(until).toISOString())}`}`,
    'signed by': pins.map((pin) => `the gateway with pin ${pin} (${advice})`).join(', '),
  });
}
