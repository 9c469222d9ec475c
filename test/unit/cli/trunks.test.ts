import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { carrierConfigsSchema } from '../../../carrier-adapters/registry.ts';
import { parseMessage, responseTo, serialise } from '../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { COMMANDS, runCli } from '../../../ops/cli/index.ts';
import { trunkCommands } from '../../../ops/cli/trunks.ts';
import { rememberingIo } from './console.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealfax-trunks-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function run(words: readonly string[], answers: string[] = []) {
  const { io, shown } = rememberingIo({ answers });
  const status = await runCli(['trunk', ...words], {}, io, { ...COMMANDS, ...trunkCommands });
  return { status, ...shown };
}

const inFolder = (name: string) => join(folder, name);
const carriersIn = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

async function carriersFile(name: string, carriers: unknown): Promise<string> {
  await writeFile(inFolder(name), JSON.stringify(carriers));
  return inFolder(name);
}

const TELCO = { name: 'telco', server: 'sip.telco.example' };
const carrier = (trunks: unknown[], more: Record<string, unknown> = {}) => ({
  kind: 'sip-t38',
  name: 'sip',
  trunks,
  ...more,
});

describe('sealfax trunk add', () => {
  test('prints the settings of a trunk that is known by its address', async () => {
    const { status, out } = await run(['add', '--server', 'sip.telco.example', '--peer', '192.0.2.0/24']);
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(out), [carrier([{ ...TELCO, transport: 'udp', peers: ['192.0.2.0/24'] }])]);
  });

  test('keeps the password in its file', async () => {
    const secret = inFolder('secret');
    await writeFile(secret, 'open sesame\n');
    const words = ['add', '--server', 'sip.telco.example', '--username', 'gw', '--password-file', secret];
    const { status, out } = await run([...words, '--public-address', '203.0.113.7', '--media-ports', '40000-40099']);
    assert.equal(status, 0);
    assert.doesNotMatch(out, /sesame/);
    const [made] = JSON.parse(out);
    assert.deepEqual(made.trunks, [
      { ...TELCO, transport: 'udp', username: 'gw', passwordFile: secret, register: true },
    ]);
    assert.deepEqual([made.publicAddress, made.media], ['203.0.113.7', { ports: [40_000, 40_099] }]);
  });

  test('listens for the transport that it needs', async () => {
    const { out } = await run(['add', '--server', 'sip.telco.example', '--transport', 'tls']);
    assert.deepEqual(JSON.parse(out)[0].listen, [{ transport: 'tls', address: '0.0.0.0', port: 5_061 }]);
  });

  test('asks a person, and writes what was typed into a file that nobody else reads', async () => {
    const file = inFolder('asked.json');
    const answers = ['sip.telco.example', '', '', 'main', 'gw', 'open sesame', '203.0.113.7'];
    const { status, out } = await run(['add', '--write', file], answers);
    assert.equal(status, 0);
    assert.doesNotMatch(out, /sesame/);
    assert.match(out, /sealfax trunk check sip\/main --carriers/);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const written = await carriersIn(file);
    assert.ok(carrierConfigsSchema.safeParse(written).success);
    const account = { username: 'gw', password: 'open sesame', register: true };
    const trunk = { name: 'main', server: 'sip.telco.example', transport: 'udp', ...account };
    assert.deepEqual(written, [carrier([trunk], { publicAddress: '203.0.113.7' })]);
  });

  test('leaves a file alone that exists', async () => {
    const file = await carriersFile('there.json', []);
    const { status, err } = await run(['add', '--server', 'sip.telco.example', '--write', file]);
    assert.equal(status, 8);
    assert.match(err, /exists; --into adds/);
    assert.equal(await readFile(file, 'utf8'), '[]');
  });

  test('adds a trunk beside others, and keeps what else the file says', async () => {
    const file = await carriersFile('many.json', [
      { kind: 'loopback', name: 'loopback' },
      carrier([TELCO], { stationId: '+49 30 1' }),
    ]);
    const { status } = await run([
      'add',
      '--server',
      '192.0.2.9',
      '--name',
      'spare',
      '--transport',
      'tcp',
      '--into',
      file,
    ]);
    assert.equal(status, 0);
    assert.deepEqual(await carriersIn(file), [
      { kind: 'loopback', name: 'loopback' },
      carrier([TELCO, { name: 'spare', server: '192.0.2.9', transport: 'tcp' }], {
        stationId: '+49 30 1',
        listen: [
          { transport: 'udp', address: '0.0.0.0', port: 5_060 },
          { transport: 'tcp', address: '0.0.0.0', port: 5_060 },
        ],
      }),
    ]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  test('replaces a trunk, or what is around it, only when it is told so', async () => {
    const file = await carriersFile('one.json', [carrier([TELCO], { publicAddress: '203.0.113.7' })]);
    const again = ['add', '--server', 'sip2.telco.example', '--name', 'telco', '--into', file];
    assert.equal((await run(again)).status, 8);
    const moved = ['add', '--server', '192.0.2.9', '--name', 'new', '--public-address', '203.0.113.8', '--into', file];
    assert.equal((await run(moved)).status, 8);
    assert.equal((await run([...again, '--replace'])).status, 0);
    assert.deepEqual((await carriersIn(file))[0].trunks, [
      { name: 'telco', server: 'sip2.telco.example', transport: 'udp' },
    ]);
  });

  for (const [what, words, problem] of [
    ['a server that is none', ['--server', 'sip.example/x'], /trunks\.0\.server/],
    [
      'a password file that is not there',
      ['--server', 'h.example', '--username', 'gw', '--password-file', '/nowhere/x'],
      /cannot be read/,
    ],
    [
      'a password that would have to be printed',
      ['--server', 'h.example', '--username', 'gw'],
      /where is the password/,
    ],
    ['ports that are no range', ['--server', 'h.example', '--media-ports', '40000'], /is a range/],
    ['a public address that is none', ['--server', 'h.example', '--public-address', 'nat'], /publicAddress/],
    ['two files', ['--server', 'h.example', '--write', 'a', '--into', 'b'], /not both/],
    ['nothing, where nobody can be asked', [], /missing: Server/],
  ] as const) {
    test(`refuses ${what}`, async () => {
      const { status, err, out } = await run(['add', ...words]);
      assert.equal(status, 2);
      assert.match(err, problem);
      assert.equal(out, '');
    });
  }

  test('refuses a file that is no file of carriers, and leaves it as it is', async () => {
    const file = await carriersFile('odd.json', { kind: 'sip-t38' });
    const { status, err } = await run(['add', '--server', 'h.example', '--into', file]);
    assert.equal(status, 2);
    assert.match(err, /no JSON array of carriers/);
  });
});

describe('sealfax trunk list', () => {
  test('shows every trunk and no secret', async () => {
    const file = await carriersFile('list.json', [
      { kind: 'loopback', name: 'loopback' },
      carrier([
        { ...TELCO, username: 'gw', password: 'open sesame', register: true },
        { name: 'spare', server: '[2001:db8::1]:5070' },
      ]),
    ]);
    const plain = await run(['list', '--carriers', file]);
    assert.match(plain.out, /^sip\/telco +sip\.telco\.example +udp +registration /m);
    assert.match(plain.out, /^sip\/spare +\[2001:db8::1\]:5070 +udp +address /m);
    const json = await run(['list', '--json', '--carriers', file]);
    assert.equal(json.out.trim().split('\n').length, 2);
    assert.doesNotMatch(plain.out + json.out, /sesame|"gw"/);
  });
});

describe('sealfax trunk check', () => {
  test('tells a fault by its exit status, for people and as JSON', async () => {
    // Nothing that listens can reach it: no packet leaves.
    const file = await carriersFile('six.json', [
      carrier([{ name: 'six', server: '[2001:db8::1]' }], { listen: [{ address: '127.0.0.1', port: 0 }] }),
    ]);
    const plain = await run(['check', '--carriers', file]);
    assert.equal(plain.status, 27);
    assert.match(plain.out, /^sip\/six: \[2001:db8::1\] over udp, address\n/);
    assert.match(plain.out, /\n {2}fault {4}name {8}2001:db8::1 is an IPv6 address[^\n]*\n +→ Add an entry/);
    const json = await run(['check', 'sip/six', '--json', '--carriers', file]);
    assert.equal(json.status, 27);
    const report = JSON.parse(json.out);
    assert.deepEqual([report.carrier, report.trunk, report.severity], ['sip', 'six', 'fault']);
  });

  test('finds a trunk that answers in order', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    socket.on('message', (bytes, from) => {
      const parsed = parseMessage(bytes);
      if (!('message' in parsed) || parsed.message.kind !== 'request') return;
      socket.send(serialise(responseTo(parsed.message, 200, { toTag: 'x' })), from.port, from.address);
    });
    const file = await carriersFile('answers.json', [
      carrier([{ name: 'near', server: `127.0.0.1:${socket.address().port}` }], {
        listen: [{ address: '127.0.0.1', port: 0 }],
        media: { address: '127.0.0.1', ports: [0, 0] },
      }),
    ]);
    const { status, out } = await run(['check', 'near', '--carriers', file]);
    socket.close();
    assert.equal(status, 0);
    assert.match(out, /\n {2}ok {7}options {5}200 OK in \d+ ms from udp 127\.0\.0\.1/);
  });

  test('does not know a trunk that is not there, and calls over one trunk at a time', async () => {
    const file = await carriersFile('two.json', [carrier([TELCO, { ...TELCO, name: 'spare' }])]);
    assert.equal((await run(['check', 'other', '--carriers', file])).status, 7);
    assert.equal((await run(['check', '--to', '+15550100', '--carriers', file])).status, 2);
    assert.equal((await run(['check', 'telco', '--to', 'fax', '--carriers', file])).status, 2);
  });
});
