import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestResponse, readAlgorithm } from '../../../../carrier-adapters/sip-t38/sip/digest.ts';
import {
  contentType,
  createFramer,
  nameAddrs,
  parseAuthParams,
  parseMessage,
  parseUri,
  q850Cause,
  type ReceivedMessage,
  serialise,
  sessionExpires,
  tokens,
  vias,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { digestHash } from '../../../../crypto/index.ts';
import { NO_CAPTURES } from '../../../vectors/sip-t38/captures.ts';
import { sipMessages } from '../../../vectors/sip-t38/messages.ts';
import { read } from './messages.ts';

/** Header lines as name and value; Content-Length is compared by the body. */
function lines(message: ReceivedMessage): string[] {
  return message.headers
    .lines()
    .filter(({ key }) => key !== 'content-length')
    .map(({ name, value }) => `${name}: ${value}`);
}

function startLine(message: ReceivedMessage): string {
  return message.kind === 'request' ? `${message.method} ${message.uri}` : `${message.status} ${message.reason}`;
}

describe('SIP of the lab', { skip: NO_CAPTURES }, () => {
  const payloads = sipMessages().map(({ payload }) => payload);
  const messages = payloads.map(read);

  test('every message is read, and written again says the same', () => {
    assert.ok(messages.length > 200);
    for (const message of messages) {
      const again = read(serialise(message));
      assert.equal(startLine(again), startLine(message));
      assert.deepEqual(lines(again), lines(message));
      assert.deepEqual(Buffer.from(again.body), Buffer.from(message.body));
    }
  });

  test('every header that a call depends on is understood', () => {
    for (const { headers, via, cseq, body } of messages) {
      assert.equal(vias(headers)?.length, 1);
      assert.ok(via.branch?.startsWith('z9hG4bK'));
      assert.ok(cseq.number >= 0);
      for (const key of ['contact', 'route', 'record-route'] as const) {
        for (const { uri } of nameAddrs(headers, key) ?? assert.fail(key)) assert.ok(parseUri(uri) !== undefined);
      }
      for (const key of ['allow', 'supported', 'require'] as const) assert.ok(tokens(headers, key) !== undefined);
      assert.equal(headers.has('session-expires'), sessionExpires(headers) !== undefined);
      assert.equal(body.length > 0, contentType(headers)?.type === 'application/sdp');
    }
    assert.ok(messages.some(({ headers }) => q850Cause(headers) === 16));
  });

  test('every response to a challenge is the one that we would compute', () => {
    let seen = 0;
    for (const message of messages) {
      const field = parseAuthParams(message.headers.get('authorization') ?? '')?.params;
      if (message.kind !== 'request' || field === undefined) continue;
      const of = (name: string) => field.get(name) ?? '';
      const parts = {
        algorithm: readAlgorithm(of('algorithm')) ?? 'MD5',
        username: of('username'),
        realm: of('realm'),
        // The lab gives each account a password made of its name.
        password: `${of('username')}-secret`,
        method: message.method,
        uri: of('uri'),
        nonce: of('nonce'),
        counted: { nc: of('nc'), cnonce: of('cnonce') },
      };
      assert.equal(digestResponse(digestHash, parts), of('response'));
      seen++;
    }
    assert.ok(seen > 10);
  });

  test('as a stream they are the same messages', () => {
    const framer = createFramer();
    const framed = framer.push(new Uint8Array(Buffer.concat(payloads)));
    const cut = framed.flatMap((frame) => (frame.type === 'message' ? [Buffer.from(frame.bytes)] : []));
    assert.deepEqual(
      cut,
      payloads.map((payload) => Buffer.from(payload)),
    );
  });

  test('every truncation is refused without a throw', () => {
    for (const payload of payloads.filter((_, index) => index % 20 === 0)) {
      for (let length = 0; length < payload.length; length++) {
        assert.ok('error' in parseMessage(payload.subarray(0, length)), `${length} of ${payload.length}`);
      }
    }
  });
});
