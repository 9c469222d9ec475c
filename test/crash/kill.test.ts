// Never lost, never twice: a gateway is killed at random moments while it sends and receives, and judged by what the
// telephone, a process of its own, has printed. `npm run test:crash -- --layout single` makes other plans, and with
// `--seed S` repeats one and shows each kill.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSound } from './judge.ts';
import { runTrial } from './scenario.ts';
import { emptyTotal, faultLines, summaryOf, withVerdict } from './summary.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

/** The same plan in every test run; the command takes a new one each time. */
const SEED = 20;
const kills = number('CRASH_KILLS', 24);
const faxes = number('CRASH_FAXES', 10);

test(`${kills} kills during ${faxes} faxes: nothing lost, nothing twice, nothing left behind`, async (context) => {
  const trial = { kills, faxes, seed: number('CRASH_SEED', SEED) };
  context.diagnostic(`seed ${trial.seed}`);
  const verdict = await runTrial(trial);
  const summary = summaryOf(withVerdict(emptyTotal(), trial, verdict));
  context.diagnostic(summary);
  assert.ok(isSound(verdict), [`seed ${trial.seed}`, summary, ...faultLines(verdict)].join('\n'));
});
