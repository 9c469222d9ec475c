import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { twilioLookupSchema } from '../../../carrier-adapters/twilio/config.ts';
import { createTwilioLookup } from '../../../carrier-adapters/twilio/lookup.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import type { LineTypes } from '../../../gateway/ports/line-types.ts';
import { systemClock } from '../../../ops/system-clock.ts';
import type { EmulatorServer } from '../../emulators/http/server.ts';
import { startTwilioLookup } from '../../emulators/twilio/emulator.ts';

const KEY = `SK${'0'.repeat(32)}`;

describe('Twilio Lookup', () => {
  let server: EmulatorServer;
  let lookup: LineTypes;

  const at = (secret: string) =>
    createTwilioLookup(
      twilioLookupSchema.parse({ kind: 'twilio', key: KEY, secret, baseUrl: server.url }),
      systemClock,
    );
  const ask = (number: string, by = lookup) => by.lookup(parseE164(number), new AbortController().signal);

  before(async () => {
    server = await startTwilioLookup(KEY, 'secret');
    lookup = at('secret');
  });
  after(() => server.close());

  for (const [number, type] of [
    ['+15550100001', 'landline'],
    ['+15550100002', 'mobile'],
    ['+15550100003', 'voip'],
    ['+15550100004', 'voip'],
    ['+15550100005', 'unknown'],
    ['+15550100006', 'unknown'],
    ['+15550100007', 'unknown'],
    ['+4930123456', 'unknown'],
  ] as const) {
    test(`${number} is ${type}`, async () => {
      assert.equal(await ask(number), type);
    });
  }

  test('a number is asked for as it is, and for nothing else', async () => {
    server.requests.length = 0;
    await ask('+15550100001');
    assert.deepEqual(server.requests, ['GET /v2/PhoneNumbers/%2B15550100001']);
  });

  for (const fault of [
    { type: 'status', status: 500 },
    { type: 'status', status: 429 },
    { type: 'cut_before' },
    { type: 'garbage' },
  ] as const) {
    test(`a question that meets ${JSON.stringify(fault)} is not answered, and the error does not tell the number`, async () => {
      server.faults.push({ matching: /./, fault });
      await assert.rejects(
        ask('+15550100002'),
        (error) => error instanceof Error && error.name === 'LookupFailed' && !/5550100002/.test(error.message),
      );
    });
  }

  test('a secret that is refused is no answer', async () => {
    await assert.rejects(ask('+15550100001', at('wrong')), /HTTP 401/);
  });

  test('whoever does not want to wait is not waited for', async () => {
    server.faults.push({ matching: /./, fault: { type: 'hang_after' } });
    const end = new AbortController();
    const asked = lookup.lookup(parseE164('+15550100001'), end.signal);
    end.abort();
    await assert.rejects(asked, /stopped/);
  });
});
