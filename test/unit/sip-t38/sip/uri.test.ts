import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  escapeUri,
  formatUri,
  parseUri,
  type SipUri,
  sameUri,
  unescapeUri,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';

function same(a: string, b: string): boolean {
  const [left, right] = [parseUri(a), parseUri(b)];
  assert.ok(left !== undefined && right !== undefined, `${a} ${b}`);
  assert.equal(sameUri(left, right), sameUri(right, left));
  return sameUri(left, right);
}

const PLAIN = { user: null, password: null, port: null, params: new Map(), headers: '' };

describe('SIP and SIPS URIs (RFC 3261 §19.1)', () => {
  const examples: readonly (readonly [string, SipUri])[] = [
    ['sip:alice@atlanta.com', { ...PLAIN, scheme: 'sip', user: 'alice', host: 'atlanta.com' }],
    [
      'sip:alice:secretword@atlanta.com;transport=tcp',
      {
        ...PLAIN,
        scheme: 'sip',
        user: 'alice',
        password: 'secretword',
        host: 'atlanta.com',
        params: new Map([['transport', 'tcp']]),
      },
    ],
    [
      'sips:alice@atlanta.com?subject=project%20x&priority=urgent',
      {
        ...PLAIN,
        scheme: 'sips',
        user: 'alice',
        host: 'atlanta.com',
        headers: 'subject=project%20x&priority=urgent',
      },
    ],
    [
      'sip:+1-212-555-1212:1234@gateway.com;user=phone',
      {
        ...PLAIN,
        scheme: 'sip',
        user: '+1-212-555-1212',
        password: '1234',
        host: 'gateway.com',
        params: new Map([['user', 'phone']]),
      },
    ],
    ['sip:alice@192.0.2.4', { ...PLAIN, scheme: 'sip', user: 'alice', host: '192.0.2.4' }],
    [
      'sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com',
      {
        ...PLAIN,
        scheme: 'sip',
        host: 'atlanta.com',
        params: new Map([['method', 'REGISTER']]),
        headers: 'to=alice%40atlanta.com',
      },
    ],
    ['sip:alice;day=tuesday@atlanta.com', { ...PLAIN, scheme: 'sip', user: 'alice;day=tuesday', host: 'atlanta.com' }],
    ['SIP:bob@[2001:DB8::10]:5070', { ...PLAIN, scheme: 'sip', user: 'bob', host: '[2001:db8::10]', port: 5070 }],
  ];

  for (const [text, uri] of examples) {
    test(`${text} is read, and written it is the same`, () => {
      assert.deepEqual(parseUri(text), uri);
      assert.ok(same(formatUri(uri), text));
    });
  }

  test('what is malformed or of another scheme is no URI', () => {
    const malformed = [
      '',
      'sip',
      'sip:',
      'sip:@host',
      'sip:a@',
      'sip:a@b@c',
      'sip:a b@c',
      'sip:a@b:port',
      'sip:a@b:70000',
    ];
    const worse = [
      'sip:%4@b',
      'sip:a%zz@b',
      'sip:a@b;',
      'sip:a@b;=x',
      'sip:a@b;x;X',
      'sip:[::1',
      'sip:[x]',
      'http://a',
      'tel:',
    ];
    for (const text of [...malformed, ...worse, 'sip:a@b<c', 'tel:xyz', 'tel:++4', `sip:${'a'.repeat(1_100)}@b`]) {
      assert.equal(parseUri(text), undefined, text);
    }
    assert.equal(parseUri(`sip:a@b${';p'.repeat(33)}`), undefined);
    const many = Array.from({ length: 33 }, (_, index) => `;p${index}`).join('');
    assert.equal(parseUri(`sip:a@b${many}`), undefined);
  });

  test('every part of a URI cut short is a URI or none, and nothing throws', () => {
    for (const [text] of examples) {
      for (let length = 0; length < text.length; length++) parseUri(text.slice(0, length));
    }
  });

  test('what a user part cannot bear is escaped when written', () => {
    const uri: SipUri = { ...PLAIN, scheme: 'sip', user: 'a@b:c ü', host: 'x' };
    assert.equal(formatUri(uri), 'sip:a%40b%3Ac%20%C3%BC@x');
    assert.deepEqual(parseUri(formatUri(uri)), uri);
  });

  test('escapes are whole octets of UTF-8', () => {
    assert.equal(unescapeUri('%C3%BC%41'), 'üA');
    assert.equal(unescapeUri('%'), undefined);
    assert.equal(unescapeUri('%g0'), undefined);
    assert.equal(unescapeUri('%ff'), '\ufffd');
    assert.equal(escapeUri('a b/c', '/'), 'a%20b/c');
  });
});

describe('comparison (RFC 3261 §19.1.4)', () => {
  const equal = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['sip:%2B49301234@x', 'sip:+49301234@x'],
  ] as const;
  const different = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:alice@atlanta.com', 'sips:alice@atlanta.com'],
    ['sip:alice:a@atlanta.com', 'sip:alice:b@atlanta.com'],
  ] as const;

  for (const [a, b] of equal) test(`${a} is ${b}`, () => assert.equal(same(a, b), true));
  for (const [a, b] of different) test(`${a} is not ${b}`, () => assert.equal(same(a, b), false));
});

describe('TEL URIs (RFC 3966)', () => {
  test('separators are no part of a number', () => {
    assert.deepEqual(parseUri('tel:+1-201-555-0123'), { scheme: 'tel', number: '+12015550123', params: new Map() });
    const local = parseUri('tel:7042;phone-context=example.com');
    assert.ok(local?.scheme === 'tel');
    assert.deepEqual([local.number, local.params.get('phone-context')], ['7042', 'example.com']);
    assert.equal(formatUri(local), 'tel:7042;phone-context=example.com');
  });

  test('numbers and parameters compare without case and order (§4)', () => {
    assert.equal(same('tel:+1-201-555-0123', 'TEL:+12015550123'), true);
    assert.equal(same('tel:1;phone-context=a;ext=2', 'tel:1;EXT=2;phone-context=A'), true);
    assert.equal(same('tel:1;ext=2', 'tel:1'), false);
    assert.equal(same('tel:+1', 'sip:+1@host'), false);
  });
});
