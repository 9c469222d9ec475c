// Faults of every kind strike a cluster while it sends and receives; judged by the telephone.
// `npm run test:crash -- --seed S` repeats a plan and shows each fault; `--kills 10000` is the long run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisMissing } from '../../servers/redis.ts';
import { isSound } from '../judge.ts';
import { emptyTotal, faultLines, summaryOf, withVerdict } from '../summary.ts';
import { runMatrix } from './matrix.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

/** The same plan in every test run; the command takes a new one each time. */
const SEED = 20;
const kills = number('CRASH_KILLS', 20);
const faxes = number('CRASH_FAXES', 12);
const shared = process.env.REDIS_URL === undefined ? undefined : 'the Redis of REDIS_URL may not be killed';

test(`${kills} faults in a cluster during ${faxes} faxes: nothing lost, nothing twice, nothing left behind`, {
  skip: (await redisMissing()) ?? shared ?? false,
}, async (context) => {
  const trial = { kills, faxes, seed: number('CRASH_SEED', SEED) };
  context.diagnostic(`seed ${trial.seed}`);
  const said: string[] = [];
  const verdict = await runMatrix({ ...trial, say: (line) => void said.push(line) });
  const summary = summaryOf(withVerdict(emptyTotal(), trial, verdict));
  context.diagnostic(summary);
  for (const line of said.filter((one) => one.includes('not here'))) context.diagnostic(line);
  assert.ok(isSound(verdict), [`seed ${trial.seed}`, ...said, summary, ...faultLines(verdict)].join('\n'));
});
