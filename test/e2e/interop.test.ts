import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import { Engine } from '../interop/engine.ts';
import { originate, taken } from '../interop/lab/asterisk.ts';
import { Lab, labHindrance } from '../interop/lab/lab.ts';
import { bitmapsOf, difference, writeSheet } from '../interop/lab/pages.ts';

const hindrance = await labHindrance();

/** Port of our engine; those of test/interop/calls.test.ts begin elsewhere. */
const PORT = 15_190;

/** A laboratory, or undefined (and the test skipped) while another one is running. */
async function laboratory(t: TestContext): Promise<Lab | undefined> {
  try {
    const lab = await Lab.start();
    t.after(() => lab.stop());
    return lab;
  } catch (error) {
    if (!(error instanceof Error) || !/in use|is taken/.test(error.message)) throw error;
    t.skip(error.message);
    return undefined;
  }
}

/** What to say of a call that went wrong: its detail, and every step of it. */
function storyOf({ detail, ladder }: CallResult): string {
  const steps = ladder?.steps.map(
    ({ at, layer, direction, signal, info }) => `${at} ${layer} ${direction} ${signal} ${info ?? ''}`,
  );
  return [detail, ...(steps ?? [])].join('\n');
}

/** The short part of `npm run test:interop`: one call out, one in and one that fails, all at once. */
describe("our engine and other people's machines", { skip: hindrance ?? false }, () => {
  test('a page goes to Asterisk and another comes from it, pixel by pixel, while a third line is busy', async (t) => {
    const lab = await laboratory(t);
    if (lab === undefined) return;
    const sheet = await writeSheet(join(lab.layout.state, 'pages'), 'a4-standard');
    const engine = await Engine.start(lab, PORT, { account: 'gw' });
    t.after(() => engine.stop());
    const [placed, originated, busy] = await Promise.all([
      engine.send('7801100', sheet),
      originate(lab, 'carrier', {
        channel: `PJSIP/gw/sip:7802555@127.0.0.1:${PORT}`,
        does: 'send',
        variables: { FAXFILE: sheet },
      }),
      engine.send('7803300', sheet),
    ]);
    assert.equal(placed.result.cause, 'ok', storyOf(placed.result));
    assert.deepEqual([originated.status, originated.mode, originated.pages], ['SUCCESS', 'T38', '1']);
    assert.equal(busy.result.cause, 'busy', storyOf(busy.result));

    const sent = await bitmapsOf(sheet);
    const there = await taken(lab, 'carrier', '7801100');
    assert.equal(difference(sent, await bitmapsOf(there.file)), undefined);
    const here = await engine.call('7802555');
    assert.equal(here.result.cause, 'ok', storyOf(here.result));
    assert.equal(difference(sent, here.pages), undefined);
  });
});
