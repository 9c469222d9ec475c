// Never lost, never twice: a gateway is killed at random moments while it sends and receives, and judged by what the
// telephone, a process of its own, has printed. `node test/crash/run.ts --seed S` repeats a plan and shows each kill.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSound } from './judge.ts';
import { runTrial } from './scenario.ts';
import { emptyTotal, faultLines, summaryOf, withVerdict } from './summary.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

const kills = number('CRASH_KILLS', 50);
const faxes = number('CRASH_FAXES', 20);

test(`${kills} kills during ${faxes} faxes: nothing lost, nothing twice, nothing left behind`, async (context) => {
  const trial = { kills, faxes, seed: number('CRASH_SEED', Math.floor(Math.random() * 1_000_000)) };
  context.diagnostic(`seed ${trial.seed}`);
  const verdict = await runTrial(trial);
  const summary = summaryOf(withVerdict(emptyTotal(), trial, verdict));
  context.diagnostic(summary);
  assert.ok(isSound(verdict), [`seed ${trial.seed}`, summary, ...faultLines(verdict)].join('\n'));
});
