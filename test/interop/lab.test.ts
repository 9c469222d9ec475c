import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { originate, taken } from './lab/asterisk.ts';
import { receivedFax, sendfax, through } from './lab/hylafax.ts';
import { Lab, labHindrance } from './lab/lab.ts';
import { bitmapsOf, difference, writeSheet } from './lab/pages.ts';

const hindrance = await labHindrance();

/** The network is proved with its own members first: what fails here is not ours. */
describe('the fax laboratory by itself', { skip: hindrance ?? false, concurrency: true }, () => {
  let lab: Lab;
  let page: string;

  before(async () => {
    lab = await Lab.start({ far: true, hylafax: true });
    page = await writeSheet(join(lab.layout.state, 'pages'), 'a4-fine');
  });
  after(() => lab.stop());

  test('carries a page from Asterisk to Asterisk by T.38, pixel by pixel', async () => {
    const channel = `PJSIP/gw/sip:7001100@127.0.0.1:${lab.layout.ports.carrierSip}`;
    const sent = await originate(lab, 'far', { channel, does: 'send', variables: { FAXFILE: page } });
    assert.deepEqual([sent.status, sent.mode, sent.pages], ['SUCCESS', 'T38', '1']);
    const got = await taken(lab, 'carrier', '7001100');
    assert.equal(difference(await bitmapsOf(page), await bitmapsOf(got.file)), undefined);
  });

  test('carries a page from HylaFAX to Asterisk through the T.38 gateway', async () => {
    const sent = await sendfax(lab, { number: through(lab.layout.ports.farSip, '7002100'), file: page });
    assert.equal(sent.why, 'done');
    const got = await taken(lab, 'far', '7002100');
    assert.equal(difference(await bitmapsOf(page), await bitmapsOf(got.file)), undefined);
  });

  test('carries a page from Asterisk through the T.38 gateway to HylaFAX', async () => {
    const channel = `PJSIP/gw/sip:7003401@127.0.0.1:${lab.layout.ports.carrierSip}`;
    const sent = await originate(lab, 'far', { channel, does: 'send', variables: { FAXFILE: page } });
    assert.deepEqual([sent.status, sent.mode], ['SUCCESS', 'T38']);
    const got = await receivedFax(lab, () => true);
    assert.equal(difference(await bitmapsOf(page), await bitmapsOf(got.file)), undefined);
  });
});
