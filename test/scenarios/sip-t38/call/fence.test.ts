import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeIfp, type Ifp } from '../../../../carrier-adapters/sip-t38/t38/ifp.ts';
import { parseDatagram } from '../../../../carrier-adapters/sip-t38/udptl/datagram.ts';
import { type Packet, SIP_PORT } from './virtual-network.ts';
import { CALLER, World } from './world.ts';

/** ms after which a worker that has lost its lease must be silent (QUEUE.md). */
const SILENT = 75_000;

const text = new TextDecoder('latin1');

/** The packet that a UDPTL datagram brings, repetitions left out; null: it is none. */
function primaryOf(datagram: Uint8Array): Ifp | null {
  const udptl = parseDatagram(datagram);
  return udptl === null ? null : decodeIfp(udptl.primary, '1998');
}

const isBye = ({ kind, bytes }: Packet) => kind === 'sip' && text.decode(bytes).startsWith('BYE ');

/** Fences a call in the middle of its first page, on a line that `after` changes at that moment. */
async function fenced(after: (world: World) => void = () => {}) {
  const world = await World.start();
  const abort = new AbortController();
  let at = 0;
  const result = await world.call(2, abort.signal, (step) => {
    if (step.type !== 'progress' || abort.signal.aborted) return;
    at = world.clock.monotonic();
    abort.abort('fenced');
    after(world);
  });
  return { world, result, at, over: world.clock.monotonic() };
}

describe('a worker that has lost its lease in the middle of a page', () => {
  test('sends no further octet of it but DCN, the call is ended by BYE, and its socket is closed within seconds', async () => {
    const { world, result, at, over } = await fenced();
    assert.equal(result.cause, 'gateway_stopped');
    assert.deepEqual([result.pagesConfirmed, result.pageInFlight], [0, true]);
    assert.equal(world.imageSince(at), 0);
    const after = world.packets.filter((packet) => packet.from.address === CALLER && packet.at > at);
    const types = after.flatMap(({ kind, bytes }) => {
      const ifp = kind === 'media' ? primaryOf(bytes) : null;
      return ifp?.kind === 'data' ? [ifp.dataType] : [];
    });
    assert.deepEqual(new Set(types), new Set(['v21']));
    assert.ok(result.ladder?.steps.some(({ signal, direction }) => signal === 'DCN' && direction === 'sent'));
    // Whoever is first: the far machine hangs up when it has heard DCN.
    assert.ok(world.packets.some(isBye));
    assert.ok(over - at < SILENT / 4, `${over - at} ms`);
    assert.deepEqual(world.network.openAt(CALLER), [SIP_PORT]);
    await world.stop();
  });

  test('is as silent when the line is dead, and nobody answers its BYE', async () => {
    const { world, result, at, over } = await fenced((cut) => {
      cut.route = () => null;
    });
    assert.equal(result.cause, 'gateway_stopped');
    assert.equal(world.imageSince(at), 0);
    assert.ok(over - at < SILENT / 4, `${over - at} ms`);
    assert.deepEqual(world.network.openAt(CALLER), [SIP_PORT]);
    assert.ok(world.packets.some((packet) => packet.from.address === CALLER && isBye(packet)));
    // What the agent still repeats of its BYE ends with timer F, RFC 3261 §17.1.2.2.
    await world.clock.pass(60_000);
    const last = world.packets.findLast(({ from }) => from.address === CALLER);
    assert.ok(last !== undefined && last.at - at < SILENT, `${(last?.at ?? 0) - at} ms`);
    await world.stop();
  });

  test('the far machine keeps nothing of the page', async () => {
    const { world } = await fenced();
    await world.clock.pass(60_000);
    assert.deepEqual(world.reception.pages, []);
    assert.equal(world.reception.results.length, 1);
    assert.equal(world.reception.results[0]?.pagesConfirmed, 0);
    await world.stop();
  });
});

describe('a process that slept in the middle of a page', () => {
  for (const seconds of [6, 40, 600]) {
    test(`for ${seconds} s sends nothing of what was due, and ends the call`, async () => {
      const world = await World.start();
      let woke = 0;
      const result = await world.call(2, new AbortController().signal, (step) => {
        if (step.type !== 'progress' || woke > 0) return;
        world.clock.sleep(seconds * 1_000);
        woke = world.clock.monotonic();
      });
      assert.equal(result.cause, 'gateway_stopped');
      assert.deepEqual([result.pagesConfirmed, result.pageInFlight], [0, true]);
      assert.equal(world.imageSince(woke - 1), 0);
      await world.stop();
    });
  }

  test('for a moment goes on', async () => {
    const world = await World.start();
    let slept = false;
    const result = await world.call(1, new AbortController().signal, (step) => {
      if (step.type !== 'progress' || slept) return;
      slept = true;
      world.clock.sleep(1_000);
    });
    assert.equal(result.cause, 'ok');
    await world.stop();
  });
});
