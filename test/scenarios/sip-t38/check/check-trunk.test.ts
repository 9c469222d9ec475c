import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSipT38 } from '../../../../carrier-adapters/sip-t38/adapter.ts';
import {
  type CheckOrder,
  type CheckSurroundings,
  checkTrunk,
  type Finding,
  type Topic,
  type TrunkReport,
} from '../../../../carrier-adapters/sip-t38/check/index.ts';
import { sipT38ConfigSchema } from '../../../../carrier-adapters/sip-t38/config.ts';
import type { CallReception, IncomingCall } from '../../../../gateway/ports/carrier-adapter.ts';
import { createRandom } from '../../../crash/random.ts';
import { VirtualClock } from '../../calls/virtual-clock.ts';
import { type Packet, VirtualNetwork } from '../call/virtual-network.ts';
import { ACCOUNT, PROVIDER, Provider, type Script } from './provider.ts';

const US = '192.0.2.1';
const MACHINE = '192.0.2.2';
const NAT = '203.0.113.7';
const SDP = ['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0'];

/** Accepts everybody who knows the password, keeps bindings, and knows no number. */
const good: Script = (request, provider) => {
  if (request.method === 'OPTIONS')
    return [
      200,
      {
        headers: [
          ['Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS'],
          ['Server', 'Telco SBC'],
        ],
      },
    ];
  const challenge = provider.challenge(request);
  if (challenge !== null) return challenge;
  return request.method === 'REGISTER' ? provider.register(request) : [404];
};

interface World {
  readonly clock: VirtualClock;
  readonly network: VirtualNetwork;
  readonly provider: Provider;
}

function world(script: Script): World {
  const clock = new VirtualClock(undefined, 6);
  const network = new VirtualNetwork(clock);
  return { clock, network, provider: new Provider(network, clock, script) };
}

/** Whoever stands between us and the provider rewrites our address. */
function nat(network: VirtualNetwork): void {
  network.route = (packet) => {
    if (packet.from.address === US) return { ...packet, from: { ...packet.from, address: NAT } };
    return packet.to.address === NAT ? { ...packet, to: { ...packet.to, address: US } } : packet;
  };
}

const REGISTERED = { register: true, ...ACCOUNT };

async function check(
  { clock, network }: World,
  change: {
    readonly trunk?: Readonly<Record<string, unknown>>;
    readonly config?: Readonly<Record<string, unknown>>;
    readonly order?: Partial<CheckOrder>;
    readonly surroundings?: Partial<CheckSurroundings>;
  } = {},
): Promise<TrunkReport> {
  const { next } = createRandom(7);
  const config = sipT38ConfigSchema.parse({
    kind: 'sip-t38',
    name: 'sip',
    trunks: [{ name: 'telco', server: PROVIDER, ...change.trunk }],
    ...change.config,
  });
  const [trunk] = config.trunks;
  assert.ok(trunk !== undefined);
  const order = { config, trunk, to: null, probe: false, register: true, ...change.order };
  const checking = checkTrunk(order, {
    clock,
    random: (octets) => Uint8Array.from({ length: octets }, () => Math.floor(next() * 256)),
    network: () => network.host(US),
    listenable: async () => 'free',
    reach: async () => ({ ok: true, ms: 1, certificate: null }),
    ...change.surroundings,
  });
  return clock.until(checking);
}

const about = (report: TrunkReport, topic: Topic): readonly Finding[] =>
  report.findings.filter((finding) => finding.topic === topic);

/** The one finding of a topic. */
function the(report: TrunkReport, topic: Topic): Finding {
  const [finding, ...others] = about(report, topic);
  assert.ok(finding !== undefined && others.length === 0, `${topic}: ${JSON.stringify(about(report, topic))}`);
  return finding;
}

describe('a check of a trunk', () => {
  test('calls nobody, and leaves no registration behind', async () => {
    const here = world(good);
    const report = await check(here, { trunk: REGISTERED });
    assert.equal(report.severity, 'ok');
    assert.deepEqual(new Set(here.provider.heard), new Set(['OPTIONS', 'REGISTER?', 'REGISTER']));
    assert.equal(here.provider.bindings.size, 0);
    assert.match(
      the(report, 'options').text,
      /^200 OK in \d+ ms from udp 192\.0\.2\.9 port 5060; “Telco SBC”; allows INVITE/,
    );
    assert.deepEqual(
      about(report, 'register').map(({ text }) => text),
      ['the account is accepted; nobody is registered with it', 'registered for 300 s, and taken back'],
    );
  });

  test('says nothing of passwords and of user names', async () => {
    const report = await check(world(good), { trunk: REGISTERED });
    assert.doesNotMatch(JSON.stringify(report), /sesame|gw/);
  });

  test('changes nothing at the registrar where the gateway runs', async () => {
    const here = world(good);
    here.provider.bindings.set('sip:gw@192.0.2.1:5060', 200);
    const listenable = async () => ({ code: 'address_in_use', message: 'taken' }) as const;
    const report = await check(here, { trunk: REGISTERED, surroundings: { listenable } });
    assert.deepEqual([...here.provider.bindings.keys()], ['sip:gw@192.0.2.1:5060']);
    assert.ok(!here.provider.heard.includes('REGISTER'));
    assert.deepEqual(
      about(report, 'register').map(({ severity, text }) => `${severity} ${text.split(';')[1] ?? ''}`),
      ['ok  registered from 192.0.2.1:5060', 'skipped '],
    );
    assert.equal(report.severity, 'ok');
  });

  test('wonders about a gateway that runs and is not registered', async () => {
    const listenable = async () => ({ code: 'address_in_use', message: 'taken' }) as const;
    const report = await check(world(good), { trunk: REGISTERED, surroundings: { listenable } });
    assert.equal(about(report, 'register')[0]?.severity, 'warning');
  });

  test('does not register when it is told so', async () => {
    const here = world(good);
    await check(here, { trunk: REGISTERED, order: { register: false } });
    assert.ok(!here.provider.heard.includes('REGISTER'));
  });

  test('gives a registrar the time that it wants', async () => {
    const report = await check(
      world((request, provider) => {
        const challenge = provider.challenge(request);
        if (challenge !== null || request.method !== 'REGISTER') return challenge ?? [200];
        return provider.register(request, 1_800);
      }),
      { trunk: REGISTERED },
    );
    assert.equal(about(report, 'register').at(-1)?.text, 'registered for 1800 s, and taken back');
  });

  test('tells that a registration could not be taken back', async () => {
    const report = await check(
      world((request, provider) => {
        const challenge = request.method === 'REGISTER' ? provider.challenge(request) : null;
        if (challenge !== null) return challenge;
        return request.headers.get('expires') === '0' ? [500] : provider.register(request);
      }),
      { trunk: REGISTERED },
    );
    assert.match(about(report, 'register').at(-1)?.text ?? '', /could not be taken back/);
    assert.equal(report.severity, 'warning');
  });
});

describe('what is wrong with a trunk', () => {
  test('a wrong password', async () => {
    const report = await check(world(good), { trunk: { ...REGISTERED, password: 'wrong' } });
    assert.equal(the(report, 'register').severity, 'fault');
    assert.match(the(report, 'register').advice ?? '', /^The user name or the password is wrong/);
    assert.equal(report.severity, 'fault');
  });

  test('a password that is wanted and not set', async () => {
    const report = await check(world((request, provider) => provider.challenge(request) ?? [200]));
    assert.match(the(report, 'options').advice ?? '', /^The trunk wants to be told who we are/);
  });

  test('an address that is not admitted, with the address that the provider sees', async () => {
    const here = world((request) => (request.method === 'OPTIONS' ? [200] : [403]));
    nat(here.network);
    const report = await check(here, { trunk: REGISTERED });
    assert.equal(the(report, 'register').severity, 'fault');
    assert.match(the(report, 'register').advice ?? '', /whether our address, 203\.0\.113\.7, is on its list/);
  });

  test('no registrar at all', async () => {
    const report = await check(
      world((request) => (request.method === 'REGISTER' ? [405] : [200])),
      { trunk: REGISTERED },
    );
    assert.match(about(report, 'register').at(-1)?.advice ?? '', /^There is no registrar here/);
  });

  test('nobody who answers', async () => {
    const report = await check(
      world(() => null),
      { trunk: REGISTERED },
    );
    assert.equal(the(report, 'options').severity, 'fault');
    assert.equal(the(report, 'register').severity, 'fault');
    assert.match(the(report, 'options').text, /^no answer from udp 192\.0\.2\.9 port 5060$/);
  });

  test('a trunk that leaves OPTIONS alone works all the same', async () => {
    const report = await check(
      world((request, provider) => (request.method === 'OPTIONS' ? null : good(request, provider))),
      { trunk: REGISTERED },
    );
    assert.equal(the(report, 'options').severity, 'warning');
    assert.equal(report.severity, 'warning');
  });

  test('a trunk that is out of order', async () => {
    const report = await check(world(() => [503]));
    assert.equal(the(report, 'options').severity, 'warning');
    assert.match(the(report, 'options').advice ?? '', /a fault of its own/);
  });

  test('NAT without publicAddress, which names what to set', async () => {
    const here = world(good);
    nat(here.network);
    const report = await check(here);
    assert.equal(the(report, 'address').severity, 'warning');
    assert.match(the(report, 'address').advice ?? '', /"publicAddress": "203\.0\.113\.7", and forward UDP 40000–40999/);
  });

  test('a publicAddress that is no longer true', async () => {
    const here = world(good);
    nat(here.network);
    const report = await check(here, { config: { publicAddress: '198.51.100.1' } });
    assert.match(the(report, 'address').text, /^publicAddress is 198\.51\.100\.1, but the trunk sees 203\.0\.113\.7$/);
  });

  test('a transport that nothing listens for', async () => {
    const report = await check(world(good), { config: { listen: [{ transport: 'tcp' }] } });
    assert.match(the(report, 'listen').advice ?? '', /^Add \{ "transport": "udp"/);
    assert.equal(report.severity, 'fault');
  });

  test('an address of listen that is not ours', async () => {
    const listenable = async () => ({ code: 'address_unavailable', message: 'SIP over udp cannot be opened' }) as const;
    const report = await check(world(good), { surroundings: { listenable } });
    assert.equal(the(report, 'listen').severity, 'fault');
  });

  test('a name that leads nowhere ends the check', async () => {
    const here = world(good);
    const network = () => ({ ...here.network.host(US), addresses: async () => [] });
    const report = await check(here, { trunk: { server: 'sip.example.net' }, surroundings: { network } });
    assert.equal(the(report, 'name').severity, 'fault');
    assert.deepEqual(here.provider.heard, []);
  });

  test('a name server that does not answer is told from a name that is not there', async () => {
    const here = world(good);
    const network: CheckSurroundings['network'] = (_, failed) => ({
      ...here.network.host(US),
      addresses: async () => {
        failed();
        return [];
      },
    });
    const report = await check(here, { trunk: { server: 'sip.example.net' }, surroundings: { network } });
    assert.match(the(report, 'name').text, /^the name server does not answer/);
  });

  test('a place of the trunk whose name has no address', async () => {
    const here = world(good);
    const network = () => ({
      ...here.network.host(US),
      services: async () => [
        { priority: 1, weight: 0, port: 5_060, target: 'a.example.net' },
        { priority: 2, weight: 0, port: 5_060, target: 'b.example.net' },
      ],
      addresses: async (name: string) => (name === 'a.example.net' ? [PROVIDER] : []),
    });
    const report = await check(here, { trunk: { server: 'example.net' }, surroundings: { network } });
    assert.match(
      the(report, 'name').text,
      /by SRV: a\.example\.net port 5060 \(192\.0\.2\.9\); b\.example\.net port 5060 \(no address\)\. No address: b\.example\.net$/,
    );
    assert.equal(the(report, 'options').severity, 'ok');
  });

  test('a range of media ports for fewer calls than are let in', async () => {
    const report = await check(world(good), { config: { media: { ports: [40_000, 40_009] } } });
    assert.match(the(report, 'media').text, /room for 5 calls at once, but maxIncoming is 60$/);
  });

  test('no media port', async () => {
    const here = world(good);
    const network = () => ({ ...here.network.host(US), openMedia: async () => null });
    assert.equal(the(await check(here, { surroundings: { network } }), 'media').severity, 'fault');
  });
});

describe('T.38', () => {
  const announcing =
    (media: string): Script =>
    (request) =>
      request.method === 'OPTIONS'
        ? [200, { contentType: 'application/sdp', body: new TextEncoder().encode([...SDP, media, ''].join('\r\n')) }]
        : [404];

  test('is not known without an answered call, unless the trunk announces it', async () => {
    assert.equal(the(await check(world(good)), 't38').severity, 'skipped');
    assert.equal(the(await check(world(announcing('m=image 9 udptl t38'))), 't38').severity, 'ok');
    assert.match(the(await check(world(announcing('m=audio 9 RTP/AVP 0'))), 't38').text, /announces no T\.38$/);
  });

  test('a call to no number shows that calls are taken', async () => {
    const here = world(good);
    const report = await check(here, { trunk: ACCOUNT, order: { probe: true } });
    assert.match(the(report, 't38').text, /^a call to no number: 404 Not Found: calls of ours are taken/);
    await here.clock.pass(100);
    assert.deepEqual(
      here.provider.heard.filter((method) => method !== 'OPTIONS'),
      ['INVITE', 'ACK', 'INVITE', 'ACK'],
    );
  });

  test('a call to no number that is forbidden is a fault', async () => {
    const report = await check(
      world((request) => (request.method === 'INVITE' ? [403] : [200])),
      { order: { probe: true } },
    );
    assert.equal(the(report, 't38').severity, 'fault');
  });

  test('a call to no number that is answered is ended at once', async () => {
    const here = world((request) =>
      request.method === 'INVITE'
        ? [
            200,
            {
              headers: [['Contact', `<sip:x@${PROVIDER}>`]],
              contentType: 'application/sdp',
              body: new TextEncoder().encode([...SDP, 'm=audio 9 RTP/AVP 0', ''].join('\r\n')),
            },
          ]
        : [200],
    );
    const report = await check(here, { order: { probe: true } });
    assert.equal(the(report, 't38').severity, 'warning');
    await here.clock.pass(1_000);
    assert.deepEqual(
      here.provider.heard.filter((method) => method !== 'OPTIONS'),
      ['INVITE', 'ACK', 'BYE'],
    );
  });

  test('a call to no number that rings is canceled at once', async () => {
    const here = world((request) => {
      if (request.method === 'INVITE') return [180];
      return [200];
    });
    const report = await check(here, { order: { probe: true } });
    assert.match(the(report, 't38').text, /^a call to no number rang; it was ended at once$/);
    assert.ok(here.provider.heard.includes('CANCEL'));
  });
});

/** Another engine of ours in the place of the provider and its fax machine. */
function machine({ clock, network }: World, answer: CallReception['offer']) {
  const { next } = createRandom(3);
  const config = sipT38ConfigSchema.parse({
    kind: 'sip-t38',
    name: 'far',
    trunks: [{ name: 'hub', server: PROVIDER, peers: [US] }],
  });
  const quiet = () => {};
  const adapter = createSipT38(config, {
    clock,
    network: network.host(MACHINE),
    random: (octets) => Uint8Array.from({ length: octets }, () => Math.floor(next() * 256)),
    pause: () => new Promise(setImmediate),
    log: { debug: quiet, info: quiet, warn: quiet, error: (fields) => console.error(fields) },
    metrics: { count: quiet, observe: quiet, gauge: quiet },
  });
  return { start: () => adapter.start({ offer: answer }), stop: () => adapter.stop() };
}

/** A machine behind the trunk, and what it was given. */
function paper() {
  const given = { answered: 0, pages: 0 };
  const call: IncomingCall = {
    answered: async () => void given.answered++,
    beginPage: async () => void given.pages++,
    write: async () => {},
    endPage: async () => {},
    dropPage: async () => {},
    ended: async () => {},
  };
  return { given, call };
}

async function trial(
  answer: (call: IncomingCall) => Awaited<ReturnType<CallReception['offer']>>,
  lost: (packet: Packet) => boolean = () => false,
) {
  const here = world(good);
  const { given, call } = paper();
  const far = machine(here, async () => answer(call));
  here.network.route = (packet) => (lost(packet) ? null : packet);
  await far.start();
  const report = await check(here, { trunk: { server: MACHINE }, order: { to: '+15550100001' } });
  const stopping = far.stop();
  await here.clock.until(stopping);
  return { report, given };
}

describe('a call to a fax machine of one’s own', () => {
  test('agrees on T.38, trains, and sends no page', async () => {
    const { report, given } = await trial((call) => ({ accepted: call }));
    assert.match(
      the(report, 't38').text,
      /^a fax machine answered by T\.38 and trained at 14400 bit\/s V\.17, with error correction; no page was sent$/,
    );
    assert.deepEqual(given, { answered: 1, pages: 0 });
    assert.match(the(report, 'media').text, /media comes and goes$/);
    assert.equal(report.severity, 'ok');
  });

  test('tells a busy line from a fault', async () => {
    const { report } = await trial(() => ({ refused: 'busy' }));
    assert.equal(the(report, 't38').severity, 'warning');
    assert.match(the(report, 't38').text, /SIP 486/);
  });

  test('tells that media does not arrive', async () => {
    const { report } = await trial(
      (call) => ({ accepted: call }),
      (packet) => packet.kind === 'media' && packet.to.address === US,
    );
    assert.equal(the(report, 't38').text, 'T.38 was agreed upon, but nothing of it arrives here');
    assert.match(the(report, 't38').advice ?? '', /^Open UDP 40000–40999/);
    assert.equal(report.severity, 'fault');
  });

  test('can be ended from outside', async () => {
    const here = world(() => null);
    const interrupt = new AbortController();
    const since = here.clock.monotonic();
    here.clock.after(50, () => interrupt.abort());
    await check(here, { order: { to: '+15550100001', signal: interrupt.signal } });
    assert.ok(here.clock.monotonic() - since < 5_000);
    assert.deepEqual(here.provider.heard, ['OPTIONS']);
  });
});
