import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ladderSvg } from '../../../api/views/ladder-svg.ts';
import { createLadder, joinLadders } from '../../../gateway/fax/ladder.ts';
import { ladderText } from '../../../ops/cli/call.ts';

const sent = { direction: 'sent', layer: 'sip' } as const;

test('a ladder counts from the first step of its call', () => {
  const recorder = createLadder();
  recorder.add(1_000.4, { ...sent, signal: 'INVITE' });
  recorder.add(1_250, { direction: 'heard', layer: 'sip', signal: '180 Ringing', info: '' });
  assert.deepEqual(recorder.ladder(), {
    steps: [
      { at: 0, direction: 'sent', layer: 'sip', signal: 'INVITE', info: null },
      { at: 250, direction: 'heard', layer: 'sip', signal: '180 Ringing', info: null },
    ],
    left: 0,
    cut: 2,
  });
});

test('a ladder keeps the beginning and the end of a call without end', () => {
  const recorder = createLadder();
  for (let step = 0; step < 10_000; step++) recorder.add(step, { ...sent, signal: `S${step}` });
  const { steps, left, cut } = recorder.ladder();
  assert.equal(steps.length + left, 10_000);
  assert.ok(steps.length <= 600);
  assert.equal(steps[cut - 1]?.signal, `S${cut - 1}`);
  assert.equal(steps[cut]?.signal, `S${cut + left}`);
  assert.equal(steps.at(-1)?.signal, 'S9999');
});

test('what a peer says is one line of ASCII, of bounded length, without numbers', () => {
  const recorder = createLadder();
  recorder.add(0, { ...sent, signal: `486 ${'x'.repeat(5_000)}`, info: 'no +493022222222 here\r\n\u001b[31m \u00e4' });
  const [step] = recorder.ladder().steps;
  assert.equal(step?.signal.length, 40);
  assert.equal(step?.info, 'no … here [31m  ');
});

test('the diagram is well formed whatever a signal is called, and the text shows what was left out', () => {
  const recorder = createLadder();
  for (let step = 0; step < 700; step++) recorder.add(step, { ...sent, signal: '<script>&"\'' });
  recorder.add(700, { direction: 'none', layer: 'call', signal: 'T1 expired' });
  const ladder = recorder.ladder();
  const svg = ladderSvg(ladder);
  assert.doesNotMatch(svg, /<script/);
  assert.match(svg, /&lt;script&gt;&amp;&quot;&#39;/);
  assert.match(svg, new RegExp(`… ${ladder.left} steps …`));
  assert.match(ladderText({ ...ladder, steps: [...ladder.steps] }), new RegExp(`… ${ladder.left} steps …`));
});

test('ladders of tries that were one call stand behind each other, with the times of the call', () => {
  const first = createLadder();
  first.add(0, { ...sent, signal: 'INVITE' });
  first.add(32_000, { direction: 'none', layer: 'sip', signal: 'timer B' });
  const second = createLadder();
  for (let step = 0; step < 700; step++) second.add(step, { ...sent, signal: `S${step}` });
  const joined = joinLadders([
    { ladder: first.ladder(), at: 0 },
    { ladder: second.ladder(), at: 32_100 },
  ]);
  const begin = joined.steps.slice(0, 4).map(({ at, signal }) => [at, signal]);
  assert.deepEqual(begin, [
    [0, 'INVITE'],
    [32_000, 'timer B'],
    [32_100, 'next trunk'],
    [32_100, 'S0'],
  ]);
  assert.equal(joined.steps.length + joined.left, 3 + 700);
  assert.equal(joined.steps[joined.cut]?.signal, `S${joined.cut - 3 + joined.left}`);
});
