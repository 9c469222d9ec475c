import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LineCommand, LineEvent, Modem } from '../../../../carrier-adapters/sip-t38/t30/line.ts';
import { Bench, pageOctets } from './wire.ts';

const V17: Modem = { modulation: 'V.17', rate: 14_400 };
const V29: Modem = { modulation: 'V.29', rate: 7_200 };
const FRAMES = [Uint8Array.of(0xff, 0xc0, 0x43, 0x20), Uint8Array.of(0xff, 0xc8, 0x83, 0, 0x77)];
const FCDS = Array.from({ length: 9 }, (_, i) => Uint8Array.from([0xff, 0xc0, 0x60, i, ...pageOctets(256)]));

/** One of each kind of transmission, and what a listener must hear of it. */
const COMMANDS: readonly [LineCommand, LineEvent[]][] = [
  [{ do: 'tone', tone: 'ced' }, [{ type: 'tone', tone: 'ced' }]],
  [{ do: 'control', frames: FRAMES }, signal('V.21', frames(FRAMES))],
  [{ do: 'training', modem: V29 }, signal(V29, [{ type: 'data', octets: new Uint8Array(1_350) }])],
  [
    { do: 'image', modem: V17, short: true, data: pageOctets(20_000) },
    signal(V17, [{ type: 'data', octets: pageOctets(20_000) }]),
  ],
  [{ do: 'ecm', modem: V17, short: true, frames: FCDS }, signal(V17, frames(FCDS))],
  [
    { do: 'image', modem: V17, short: false, data: Uint8Array.of(1) },
    signal(V17, [{ type: 'data', octets: Uint8Array.of(1) }]),
  ],
];

function frames(all: readonly Uint8Array[]): LineEvent[] {
  return all.map((octets) => ({ type: 'frame', octets, good: true }));
}

function signal(modem: Modem | 'V.21', between: readonly LineEvent[]): LineEvent[] {
  return [{ type: 'carrier', modem }, ...between, { type: 'no_carrier' }];
}

/** Zeros stand behind a page for a gateway's sake; pages of these tests do not end in zeros, and TCF is nothing else. */
function withoutTrailer(event: LineEvent): LineEvent {
  if (event.type !== 'data' || event.octets.every((octet) => octet === 0)) return event;
  const end = event.octets.findLastIndex((octet) => octet !== 0) + 1;
  return { ...event, octets: event.octets.slice(0, end) };
}

/** Commands through two terminals with `delay` ms between; gives the listener. */
function carried(
  commands: readonly LineCommand[],
  options: ConstructorParameters<typeof Bench>[0],
  delay: number,
): [Bench, Bench] {
  const [talker, listener] = [new Bench(options), new Bench(options)];
  const way: { at: number; ifp: Uint8Array }[] = [];
  talker.onPacket = (ifp, now) => way.push({ at: now + delay, ifp });
  for (const command of commands) talker.command(command);
  talker.drain();
  for (const { at, ifp } of way) {
    listener.until(at);
    listener.tell({ type: 'packet', ifp, lost: 0 }, at);
  }
  return [talker, listener];
}

describe('two T.38 terminals', () => {
  for (const options of [
    { syntax: '1998', pace: 'gateway' },
    { syntax: '2002', pace: 'gateway' },
    { syntax: '2002', pace: 'internet' },
    { syntax: '1998', pace: 'gateway', maxIfp: 6 },
    { syntax: '1998', pace: 'internet', maxIfp: 1_400 },
  ] as const) {
    test(`what one is asked to send the other hears: ${Object.values(options).join(', ')}`, () => {
      const [talker, listener] = carried(
        // A terminal owns what it is given.
        COMMANDS.map(([command]) => structuredClone(command)),
        options,
        80,
      );
      assert.deepEqual(
        listener.heard.map(withoutTrailer),
        COMMANDS.flatMap(([, events]) => events),
      );
      assert.equal(talker.events.filter(({ what }) => what.type === 'sent').length, COMMANDS.length);
    });
  }

  test('a signal is heard to end when it is sent, but for the way', () => {
    const [talker, listener] = carried([COMMANDS[3]?.[0] ?? { do: 'stop' }], {}, 80);
    const sent = talker.events.find(({ what }) => what.type === 'sent')?.at ?? 0;
    const ended = listener.events.find(({ what }) => what.type === 'no_carrier')?.at ?? 0;
    // The last field leaves when the modem begins with its octets: 30 ms earlier at most.
    assert.ok(ended - 80 <= sent && ended - 80 >= sent - 30);
  });
});
