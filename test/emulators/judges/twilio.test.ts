import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { EmulatorServer } from '../http/server.ts';
import { startTwilioLookup } from '../twilio/emulator.ts';

/** As much of the SDK as is used here; it is installed by `npm run test:carriers` only. */
interface Sdk {
  readonly lookups: {
    baseUrl: string;
    readonly v2: {
      phoneNumbers(number: string): {
        fetch(query: { fields: string }): Promise<{
          readonly valid: boolean;
          readonly lineTypeIntelligence: { readonly type: string | null; readonly errorCode: number | null } | null;
        }>;
      };
    };
  };
}

const PACKAGE = 'twilio';
const { default: twilio } = (await import(`../node_modules/${PACKAGE}/lib/index.js`)) as {
  default: (key: string, secret: string, options: object) => Sdk;
};

const ACCOUNT = `AC${'1'.repeat(32)}`;
const KEY = `SK${'0'.repeat(32)}`;

describe('Twilio’s own SDK at the emulator', () => {
  let server: EmulatorServer;

  const ask = (number: string, secret = 'secret') => {
    const sdk = twilio(KEY, secret, { accountSid: ACCOUNT });
    sdk.lookups.baseUrl = server.url;
    return sdk.lookups.v2.phoneNumbers(number).fetch({ fields: 'line_type_intelligence' });
  };

  before(async () => {
    server = await startTwilioLookup(KEY, 'secret');
  });
  after(() => server.close());

  test('is told the kind of a line', async () => {
    const { valid, lineTypeIntelligence } = await ask('+15550100002');
    assert.deepEqual([valid, lineTypeIntelligence?.type], [true, 'mobile']);
  });

  test('is told why there is none', async () => {
    const { lineTypeIntelligence } = await ask('+15550100007');
    assert.deepEqual([lineTypeIntelligence?.type, lineTypeIntelligence?.errorCode], [null, 60_601]);
  });

  test('is refused with a wrong secret', async () => {
    await assert.rejects(ask('+15550100002', 'wrong'), { status: 401 });
  });
});
