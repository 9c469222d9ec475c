import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type CheckOrder,
  checkTrunk,
  hostSurroundings,
  type Topic,
  type TrunkReport,
} from '../../carrier-adapters/sip-t38/check/index.ts';
import { sipT38ConfigSchema } from '../../carrier-adapters/sip-t38/config.ts';
import { systemClock } from '../../ops/system-clock.ts';
import { Lab, labHindrance } from './lab/lab.ts';

const hindrance = await labHindrance();

describe('the check of a trunk, with Asterisk', { skip: hindrance ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.start({});
  });
  after(() => lab.stop());

  async function check(
    account: string,
    trunk: Readonly<Record<string, unknown>> = {},
    change: Partial<CheckOrder> = {},
  ): Promise<TrunkReport> {
    const config = sipT38ConfigSchema.parse({
      kind: 'sip-t38',
      name: 'sip',
      trunks: [
        {
          name: account,
          server: `127.0.0.1:${lab.layout.ports.carrierSip}`,
          numberFormat: 'digits',
          ...{ username: account, password: `${account}-secret`, ...trunk },
        },
      ],
      listen: [{ transport: trunk.transport ?? 'udp', address: '127.0.0.1', port: 0 }],
      media: { address: '127.0.0.1', ports: [0, 0] },
    });
    const [first] = config.trunks;
    assert.ok(first !== undefined);
    const order = { config, trunk: first, to: null, probe: false, register: true, ...change };
    return checkTrunk(order, hostSurroundings(config, systemClock));
  }

  const texts = (report: TrunkReport, topic: Topic) =>
    report.findings.filter((one) => one.topic === topic).map(({ severity, text }) => `${severity}: ${text}`);

  for (const transport of ['udp', 'tcp'] as const) {
    test(`registers over ${transport} and takes it back`, async () => {
      const report = await check('gw', { register: true, transport });
      assert.match(texts(report, 'options')[0] ?? '', /^ok: 200 OK in \d+ ms from /);
      assert.match(texts(report, 'register').at(-1) ?? '', /^ok: registered for \d+ s, and taken back$/);
      assert.deepEqual(texts(report, 'address'), ['ok: the trunk sees us at 127.0.0.1, as we say']);
      const again = await check('gw', { register: true, transport });
      assert.equal(texts(again, 'register')[0], 'ok: the account is accepted; nobody is registered with it');
    });
  }

  test('finds a wrong password', async () => {
    const report = await check('gw', { register: true, password: 'wrong' });
    assert.equal(report.severity, 'fault');
    assert.match(texts(report, 'register')[0] ?? '', /^fault: 401 Unauthorized/);
  });

  test('finds that calls are taken, by one to no number', async () => {
    const report = await check('gw', {}, { probe: true });
    assert.match(texts(report, 't38')[0] ?? '', /^ok: a call to no number: 404 Not Found: calls of ours are taken/);
  });

  test('trains with a fax machine and sends it no page', async () => {
    const report = await check('gw', {}, { to: '+7012100' });
    assert.match(
      texts(report, 't38')[0] ?? '',
      /^ok: a fax machine answered by T\.38 and trained at 14400 bit\/s V\.17/,
    );
  });

  test('finds that a trunk carries no T.38', async () => {
    const report = await check('gwg711', {}, { to: '+7013110' });
    assert.match(texts(report, 't38')[0] ?? '', /^fault: answered, but the trunk refuses T\.38 \(488\)/);
  });

  test('tells a busy number from a fault', async () => {
    const report = await check('gw', {}, { to: '+7014300' });
    assert.match(texts(report, 't38')[0] ?? '', /^warning: the call was not answered: SIP 486/);
  });
});
