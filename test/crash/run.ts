// node test/crash/run.ts [--kills N] [--faxes M] [--seed S] [--quiet]

import { parseArgs } from 'node:util';
import { isSound } from './judge.ts';
import { runTrial } from './scenario.ts';
import { faultLines, summaryOf } from './summary.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    faxes: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    quiet: { type: 'boolean', default: false },
  },
});
const trial = { kills: Number(values.kills), faxes: Number(values.faxes), seed: Number(values.seed) };
const say = (line: string) => {
  if (!values.quiet) process.stdout.write(`${line}\n`);
};
process.stdout.write(`seed ${trial.seed}\n`);
const verdict = await runTrial({ ...trial, say });
for (const line of faultLines(verdict)) process.stdout.write(`${line}\n`);
process.stdout.write(`${summaryOf(trial, verdict)}\n`);
process.exitCode = isSound(verdict) ? 0 : 1;
