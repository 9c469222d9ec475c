import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createFramer,
  parseMessage,
  responseTo,
  STREAM_LIMIT,
  serialise,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { attack, look } from '../../../fuzz/sip-t38/sip.ts';
import { requestLines } from './messages.ts';

/** Characters that `work` looks at one by one or searches through; what takes strings apart is counted by their length. */
function charactersSeen(work: () => void): number {
  let seen = 0;
  const { charCodeAt, indexOf, includes, split, slice } = String.prototype;
  String.prototype.charCodeAt = function (this: string, at) {
    seen++;
    return charCodeAt.call(this, at);
  };
  String.prototype.indexOf = function (this: string, what, from = 0) {
    const found = indexOf.call(this, what, from);
    seen += (found < 0 ? this.length : found) - from;
    return found;
  };
  String.prototype.includes = function (this: string, what, from = 0) {
    seen += this.length;
    return includes.call(this, what, from);
  };
  String.prototype.split = function (this: string, separator: string | RegExp, limit?: number) {
    seen += this.length;
    return Reflect.apply(split, this, [separator, limit]);
  } as typeof split;
  String.prototype.slice = function (this: string, ...args: [number?, number?]) {
    const part = slice.apply(this, args);
    seen += part.length;
    return part;
  };
  try {
    work();
  } finally {
    Object.assign(String.prototype, { charCodeAt, indexOf, includes, split, slice });
  }
  return seen;
}

/** Reads a message as far as it goes, and all that is in it. */
function readAll(text: string): void {
  const bytes = new TextEncoder().encode(text);
  createFramer().push(bytes);
  const parsed = parseMessage(bytes, STREAM_LIMIT);
  if ('error' in parsed) return;
  look(parsed.message);
  if (parsed.message.kind === 'request') serialise(responseTo(parsed.message, 200, { toTag: 'x' }));
}

/** A request with these header lines. */
function withLines(lines: readonly string[]): string {
  return requestLines('INVITE', ['Content-Length: 0', ...lines])
    .join('\r\n')
    .concat('\r\n');
}

/** Messages of about `size` octets that are made to be slow to read. */
const WORST: Readonly<Record<string, (size: number) => string>> = {
  'one long token': (size) => 'a'.repeat(size),
  'one line without a colon': (size) => withLines(['a'.repeat(size)]),
  'line ends alone': (size) => '\r\n'.repeat(size / 2),
  'folds alone': (size) => withLines([`Subject: x${'\r\n '.repeat(size / 3)}`]),
  'folds in every header': (size) => withLines(Array(100).fill(`Via: ${'\r\n '.repeat(size / 300)}SIP/2.0/UDP a`)),
  'lists of elements': (size) => withLines(Array(16).fill(`Contact: ${'a,'.repeat(size / 32)}`)),
  'open quotes': (size) => withLines(Array(16).fill(`Contact: ${'"a<'.repeat(size / 48)}`)),
  'quoted pairs': (size) => withLines(Array(16).fill(`Contact: "${'\\"'.repeat(size / 32)}" <sip:a>`)),
  'open brackets': (size) => withLines(Array(16).fill(`Contact: ${'<'.repeat(size / 16)}`)),
  'words before brackets': (size) =>
    withLines(Array(16).fill(`Contact: ${'a '.repeat(size / 64)}<sip:a>,${'a '.repeat(size / 64)}`)),
  parameters: (size) => withLines(Array(16).fill(`Contact: <sip:a>${';a=b'.repeat(size / 64)}`)),
  'parameters of a URI': (size) =>
    withLines(Array(60).fill(`Contact: <sip:a@b${';a'.repeat(Math.min(500, size / 120))}>`)),
  escapes: (size) => withLines(Array(60).fill(`Contact: <sip:${'%41'.repeat(Math.min(300, size / 180))}@b>`)),
  'headers of a URI': (size) =>
    withLines(Array(60).fill(`Contact: <sip:b?${'a=b&'.repeat(Math.min(200, size / 240))}>`)),
  tokens: (size) => withLines(Array(16).fill(`Allow: ${'a ,'.repeat(size / 48)}`)),
  reasons: (size) => withLines(Array(16).fill(`Reason: ${'Q.850;a="b" ,'.repeat(size / 208)}`)),
  'white space': (size) => withLines(Array(16).fill(`Contact: a${' '.repeat(size / 16)}`)),
  credentials: (size) => withLines(Array(16).fill(`Authorization: Digest ${'a="b",'.repeat(size / 96)}`)),
  'messages one behind the other': (size) => withLines([]).repeat(size / withLines([]).length),
};

describe('hostile messages', () => {
  test('100,000 mutated ones: no throw, no growth, and what is read is written so that it says the same', () => {
    const seen = [1, 2, 3, 4].map((seed) => attack(25_000, seed));
    assert.ok(
      seen.every((count) => count > 2_500 && count < 22_500),
      seen.join(),
    );
  });

  for (const [name, make] of Object.entries(WORST)) {
    test(`${name}: four times the length is at most four times the work`, () => {
      const [short, long] = [8_000, 32_000].map((size) => charactersSeen(() => readAll(make(size))));
      assert.ok(short !== undefined && long !== undefined);
      assert.ok(long <= 4.4 * short + 20_000, `${short}, then ${long}`);
      assert.ok(long <= 40 * 32_000, `${long} characters seen of 32,000`);
    });
  }
});
