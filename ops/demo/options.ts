import { parseArgs } from 'node:util';

/** What a person asked the demo for. */
export interface DemoOptions {
  /** Document to send; null = the sample letter. */
  readonly file: string | null;
  readonly json: boolean;
  /** Line speed in bit/s, or `instant`. */
  readonly speed: string;
  /** Where the received pages are put. */
  readonly out: string;
  readonly help: boolean;
}

/** A wrong command line; the message is for the person. */
export class DemoUsage extends Error {}

export const DEMO_HELP = `Sends one real fax through the whole gateway, on this machine alone.

usage: npm run demo -- [FILE] [options]

  FILE              PDF, TIFF, PNG, JPEG or plain text; a sample letter when left out
  --out DIR         where the received pages and the PDF are put (default sealfax-demo)
  --speed BITS      line speed: 2400 to 14400 bit/s, or instant (default 14400)
  --json            one JSON object on standard output and nothing else (with: npm run -s demo -- --json)
  --help            this text
`;

/** Reads the command line. @throws DemoUsage */
export function readDemoOptions(argv: readonly string[]): DemoOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        speed: { type: 'string', default: '14400' },
        out: { type: 'string', default: 'sealfax-demo' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (positionals.length > 1) throw new DemoUsage('the demo sends one FILE');
    return { file: positionals[0] ?? null, json: values.json, speed: values.speed, out: values.out, help: values.help };
  } catch (error) {
    if (error instanceof DemoUsage) throw error;
    throw new DemoUsage(error instanceof Error ? error.message : 'wrong command line');
  }
}
