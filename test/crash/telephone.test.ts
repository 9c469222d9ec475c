import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createLoopback } from '../../carrier-adapters/loopback/adapter.ts';
import { loopbackConfigSchema } from '../../carrier-adapters/loopback/config.ts';
import { encodeFrame } from '../../carrier-adapters/loopback/wire/frame.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import type { CallStep, CarrierAdapter, LookupAnswer, OutgoingCall } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { printedTwice, readPaperLog } from './paper-log.ts';

let directory: string;
let telephone: ChildProcess;
const socket = () => join(directory, 's');
const paper = () => join(directory, 'paper');

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'telephone-'));
  const program = join(import.meta.dirname, 'telephone.ts');
  telephone = spawn(process.execPath, [program, socket(), paper(), 'instant'], { stdio: ['pipe', 'pipe', 'inherit'] });
  assert.ok(telephone.stdout);
  await once(telephone.stdout, 'data');
});
after(async () => {
  telephone.stdin?.end();
  await once(telephone, 'exit');
  await rm(directory, { recursive: true });
});

async function gateway(): Promise<CarrierAdapter> {
  const adapter = createLoopback(loopbackConfigSchema.parse({ kind: 'loopback', socket: socket() }), clock);
  await adapter.start({ offer: async () => ({ refused: 'out_of_service' }) });
  return adapter;
}

function call(reference: string, fill: number): OutgoingCall {
  const page = (number: number) => ({
    number,
    width: 1728,
    rows: 1,
    xDpi: 204,
    yDpi: 196,
    bytes: 20_000,
    async *open() {
      yield new Uint8Array(20_000).fill(fill + number);
    },
  });
  return {
    reference,
    from: null,
    to: parseE164('+15550100001'),
    csid: '',
    settings: FIRST_LINE_SETTINGS,
    pages: [page(1), page(2)],
    signal: new AbortController().signal,
  };
}

async function until(adapter: CarrierAdapter, order: OutgoingCall, stop: (step: CallStep) => boolean): Promise<string> {
  const steps = adapter.place(order);
  for (let next = await steps.next(); ; next = await steps.next()) {
    if (next.done === true) return next.value.cause;
    if (stop(next.value)) return next.value.type;
  }
}

async function fate(adapter: CarrierAdapter, reference: string): Promise<LookupAnswer> {
  for (;;) {
    const answer = await adapter.lookup(reference);
    if (answer.found !== 'live') return answer;
  }
}

describe('the telephone process', () => {
  test('what it confirms is in its paper log before, page by page', async () => {
    const adapter = await gateway();
    const seen: number[] = [];
    const cause = await until(adapter, call('one', 10), (step) => {
      if (step.type === 'page_confirmed')
        seen.push(readPaperLog(paper()).filter((line) => line.kind === 'page').length);
      return false;
    });
    assert.equal(cause, 'ok');
    assert.deepEqual(seen, [1, 2]);
    assert.deepEqual(printedTwice(readPaperLog(paper())), []);
    await adapter.stop();
  });

  test('a gateway whose socket closes is hung up at once, and the next one learns what became of its call', async () => {
    const dying = await gateway();
    assert.equal(await until(dying, call('two', 20), (step) => step.type === 'progress'), 'progress');
    await dying.stop();
    const next = await gateway();
    const answer = await fate(next, 'two');
    assert.equal(answer.found, 'ended');
    assert.deepEqual(answer.found === 'ended' && [answer.result.pagesConfirmed, answer.result.pageInFlight], [0, true]);
    assert.deepEqual(await next.lookup('three'), { found: 'never_placed' });
    assert.equal(readPaperLog(paper()).filter((line) => line.kind === 'cut').length, 1);
    await next.stop();
  });

  test('a reference is never placed twice', async () => {
    const adapter = await gateway();
    assert.equal(await until(adapter, call('one', 10), () => false), 'rejected');
    assert.deepEqual(printedTwice(readPaperLog(paper())), []);
    await adapter.stop();
  });

  for (const [what, bytes] of [
    ['a frame of an impossible length', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1)],
    ['a frame of an unknown kind', Uint8Array.of(0, 0, 0, 9, 7, 0, 0, 0, 1, 0, 2, 0x7b, 0x7d)],
    ['a head that is no JSON', Uint8Array.of(0, 0, 0, 9, 1, 0, 0, 0, 1, 0, 2, 0x7b, 0x7b)],
    ['a head that is longer than its frame', Uint8Array.of(0, 0, 0, 9, 1, 0, 0, 0, 1, 0, 9, 0x7b, 0x7d)],
  ] as const) {
    test(`${what} closes the socket, and the network goes on`, async () => {
      const line = connect(socket());
      line.write(bytes);
      line.resume();
      await once(line, 'close');
      const adapter = await gateway();
      assert.equal((await adapter.health()).ok, true);
      await adapter.stop();
    });
  }

  test('an ask outside of the schema is refused, and the socket stays', async () => {
    const line = connect(socket());
    line.write(encodeFrame({ kind: 'ask', id: 1, head: { ask: 'tell', call: -1, command: { do: 'ring' } } }));
    const [answer] = await once(line, 'data');
    assert.match(String(answer), /"failed":true/);
    line.destroy();
  });
});
