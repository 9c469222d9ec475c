// node test/crash/run.ts [--kills N] [--faxes M] [--seed S] [--layout cluster|single] [--only FAULT]… [--quiet]
//
// Long runs are made of trials of at most 100 faults each, on a gateway of their own and with a seed of their own.

import { parseArgs } from 'node:util';
import { redisMissing } from '../servers/redis.ts';
import { runMatrix } from './cluster/matrix.ts';
import { isSound } from './judge.ts';
import { runTrial } from './scenario.ts';
import { emptyTotal, faultLines, summaryOf, withVerdict } from './summary.ts';

const KILLS_A_TRIAL = 100;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    faxes: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    layout: { type: 'string' },
    only: { type: 'string', multiple: true },
    quiet: { type: 'boolean', default: false },
  },
});
const say = (line: string) => {
  if (!values.quiet) process.stdout.write(`${line}\n`);
};
const missing = await redisMissing();
const layout = values.layout ?? (missing === undefined ? 'cluster' : 'single');
if (layout === 'cluster' && missing !== undefined) throw new Error(missing);
process.stdout.write(
  `seed ${values.seed}, ${layout}${values.layout === undefined && missing ? ` (${missing})` : ''}\n`,
);

let total = emptyTotal();
for (let left = Number(values.kills), seed = Number(values.seed); left > 0; left -= KILLS_A_TRIAL, seed++) {
  const kills = Math.min(left, KILLS_A_TRIAL);
  const trial = { kills, faxes: Number(values.faxes), seed, say };
  const verdict =
    layout === 'cluster'
      ? await runMatrix({ ...trial, ...(values.only === undefined ? {} : { only: values.only }) })
      : await runTrial(trial);
  total = withVerdict(total, trial, verdict);
  if (!isSound(verdict)) {
    process.stdout.write(`seed ${seed} is not sound\n`);
    for (const line of faultLines(verdict)) process.stdout.write(`${line}\n`);
    process.exitCode = 1;
  } else if (left > KILLS_A_TRIAL) process.stdout.write(`${summaryOf(total)}\n`);
}
process.stdout.write(`${summaryOf(total)}\n`);
