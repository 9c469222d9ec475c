import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LINE_PAPER } from '../../../conformance/line-paper.ts';
import { createRandom } from '../../../crash/random.ts';
import { SIP_PORT } from './virtual-network.ts';
import { CALLED, CALLER, World } from './world.ts';

const STRANGER = { address: '198.51.100.66', port: 5_060 };
const text = new TextEncoder();

const sip = (lines: readonly string[]) => text.encode(`${lines.join('\r\n')}\r\n\r\n`);
const request = (method: string, to: string) =>
  sip([
    `${method} sip:+15551230000@${to} SIP/2.0`,
    `Via: SIP/2.0/UDP ${STRANGER.address}:5060;branch=z9hG4bK${method};rport`,
    'Max-Forwards: 70',
    `From: <sip:a@${STRANGER.address}>;tag=1`,
    `To: <sip:+15551230000@${to}>${method === 'BYE' ? ';tag=2' : ''}`,
    // The reference is the Call-ID: the stranger has guessed it.
    'Call-ID: reference-1',
    `CSeq: 1 ${method}`,
    `Contact: <sip:a@${STRANGER.address}>`,
    'Content-Length: 0',
  ]);

/** What a stranger who knows every port and the Call-ID tries, over and over. */
function* attempts(to: string): Generator<Uint8Array> {
  for (const method of ['OPTIONS', 'INVITE', 'BYE', 'CANCEL', 'REGISTER', 'ACK']) yield request(method, to);
  yield text.encode('SIP/2.0 486 Busy Here\r\n\r\n');
  const { next } = createRandom(to.length);
  for (const length of [0, 1, 6, 13, 60, 172, 1_400]) {
    yield Uint8Array.from({ length }, () => Math.floor(next() * 256));
  }
}

/** UDPTL that ends the call: sequence 5, DCN in V.21 with its FCS. */
const FORGED_DCN = Uint8Array.from([0, 5, 11, 0xc0, 2, 0x80, 0, 2, 0xff, 0xc8, 0x5f, 0x50, 0x00, 0x00, 0, 0]);

describe('packets of strangers', () => {
  test('to every open port of a live call, SIP and media, change nothing and are answered by nothing', async () => {
    const world = await World.start();
    let attacks = 0;
    let heard = 0;
    const close = world.network.bind(STRANGER, () => heard++);
    const attack = () => {
      for (const address of [CALLER, CALLED]) {
        for (const port of world.network.openAt(address)) {
          for (const bytes of [...attempts(address), FORGED_DCN]) {
            attacks++;
            world.network.send({ kind: 'media', from: STRANGER, to: { address, port }, bytes });
          }
        }
      }
      again = world.clock.after(500, attack);
    };
    let again = world.clock.after(0, attack);
    const result = await world.call(2, new AbortController().signal);
    again();
    assert.equal(result.cause, 'ok');
    assert.equal(result.pagesConfirmed, 2);
    assert.equal(result.line?.retrains, 0);
    assert.deepEqual(world.reception.pages, [LINE_PAPER.bytes(1), LINE_PAPER.bytes(2)]);
    assert.ok(attacks > 1_000, `${attacks}`);
    assert.equal(heard, 0);
    assert.ok(world.packets.every(({ to }) => to.address !== STRANGER.address));
    close();
    await world.stop();
  });

  test('to an engine at rest open nothing and are answered by nothing', async () => {
    const world = await World.start();
    for (let round = 0; round < 100; round++) {
      for (const bytes of attempts(CALLED)) {
        world.network.send({ kind: 'sip', from: STRANGER, to: { address: CALLED, port: SIP_PORT }, bytes });
      }
    }
    const before = world.packets.length;
    await world.clock.pass(1_000);
    assert.equal(world.packets.length, before);
    assert.deepEqual(world.network.openAt(CALLED), [SIP_PORT]);
    assert.deepEqual(world.reception.log, []);
    await world.stop();
  });
});
