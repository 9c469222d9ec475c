import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  contentType,
  formatNameAddr,
  formatVia,
  Headers,
  minSe,
  nameAddrs,
  number,
  parseAuthParams,
  parseNameAddr,
  parseTopVia,
  q850Cause,
  quote,
  rack,
  reasons,
  retryAfter,
  sessionExpires,
  tokens,
  unquote,
  vias,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';

function one(name: string, ...values: readonly string[]): Headers {
  return new Headers(values.map((value) => [name, value]));
}

describe('addresses (RFC 3261 §20.10)', () => {
  test('a list is taken apart over lines and commas, quotes and brackets kept whole', () => {
    const headers = one('Contact', '"A, B" <sip:a@x;p=1>;q=0.5 , sip:b@x;expires=60', '<sip:c,d@x>');
    assert.deepEqual(
      nameAddrs(headers, 'contact')?.map(({ display, uri, params }) => [display, uri, [...params]]),
      [
        ['A, B', 'sip:a@x;p=1', [['q', '0.5']]],
        [null, 'sip:b@x', [['expires', '60']]],
        [null, 'sip:c,d@x', []],
      ],
    );
  });

  test('an asterisk is an address of its own, and no header is no address', () => {
    assert.deepEqual(
      nameAddrs(one('m', '*'), 'contact')?.map(({ uri }) => uri),
      ['*'],
    );
    assert.deepEqual(nameAddrs(new Headers(), 'route'), []);
  });

  test('a malformed element spoils the list', () => {
    for (const value of [
      '',
      '<>',
      '<sip:a',
      'a b <sip:a> c',
      '"a <sip:a>',
      '<sip:a>;',
      '<sip:a>;x;x',
      '<sip:a>,',
      'x y',
      '<sip:a b>',
    ]) {
      assert.equal(nameAddrs(one('Contact', value), 'contact'), undefined, value);
    }
    assert.equal(nameAddrs(one('Contact', Array(65).fill('<sip:a>').join()), 'contact'), undefined);
    assert.equal(parseNameAddr(`<sip:a>${Array.from({ length: 33 }, (_, n) => `;p${n}`).join('')}`), undefined);
  });

  test('what is written can be read again, whatever the name holds', () => {
    for (const display of ['Ada', 'a "b" \\c', 'x\r\ny', '<sip:evil>', 'Łódź']) {
      const text = formatNameAddr({
        display,
        uri: 'sip:a@b',
        params: new Map([
          ['tag', 'x'],
          ['lr', ''],
        ]),
      });
      const again = parseNameAddr(text);
      assert.equal(again?.display, display.replace('\r\n', '  '));
      assert.deepEqual([again?.uri, again?.params.get('tag'), again?.params.get('lr')], ['sip:a@b', 'x', '']);
    }
    assert.equal(formatNameAddr({ uri: 'sip:a@b' }), '<sip:a@b>');
  });

  test('quoting and its undoing', () => {
    assert.equal(quote('a"b\\'), '"a\\"b\\\\"');
    assert.equal(unquote('"a\\"b\\\\"'), 'a"b\\');
    assert.equal(unquote('plain'), 'plain');
    assert.equal(unquote('"'), '"');
  });
});

describe('Via (RFC 3261 §20.42)', () => {
  test('elements, ports, IPv6 and parameters are read, and written again', () => {
    const line = 'SIP/2.0/tls [2001:DB8::1]:5061;branch=z9hG4bK1;rport=4, SIP / 2.0 / UDP b : 7 ;received=192.0.2.1';
    const list = vias(one('Via', line)) ?? [];
    assert.deepEqual(list.map(formatVia), [
      'SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bK1;rport=4',
      'SIP/2.0/UDP b:7;received=192.0.2.1',
    ]);
    const top = parseTopVia(line);
    assert.equal(line.slice(top?.length), ', SIP / 2.0 / UDP b : 7 ;received=192.0.2.1');
  });

  test('malformed ones are none', () => {
    for (const value of [
      '',
      'SIP/2.0/UDP',
      'SIP/2.0/UDP ',
      'SIP/2.0/UDPhost',
      'SIP/3.0/UDP h',
      'SIP/2.0/UDP h:x',
      'SIP/2.0/UDP h;',
      'SIP/2.0/UDP h;;a',
      'SIP/2.0/UDP h x',
      'SIP/2.0/UDP h,',
      'HTTP/2.0/UDP h',
    ]) {
      assert.equal(vias(one('Via', value)), undefined, value);
    }
    assert.equal(vias(one('Via', Array(65).fill('SIP/2.0/UDP h').join())), undefined);
    assert.equal(parseTopVia('SIP/2.0/UDP h x'), undefined);
  });
});

describe('values of headers', () => {
  test('tokens are listed over lines', () => {
    assert.deepEqual(tokens(one('Supported', 'timer, 100rel', 'histinfo', ''), 'supported'), [
      'timer',
      '100rel',
      'histinfo',
    ]);
    assert.deepEqual(tokens(one('Privacy', 'id;critical'), 'privacy'), ['id', 'critical']);
    assert.equal(tokens(one('Require', 'a,,b'), 'require'), undefined);
    assert.equal(tokens(one('Allow', Array(65).fill('X').join()), 'allow'), undefined);
  });

  test('numbers are digits of at most 2^32 - 1', () => {
    assert.equal(number(one('Expires', '3600'), 'expires'), 3_600);
    assert.equal(number(one('Expires', '4294967295'), 'expires'), 4_294_967_295);
    for (const value of ['', '-1', '1.5', '4294967296', 'x', '1 2']) {
      assert.equal(number(one('Expires', value), 'expires'), undefined, value);
    }
    assert.equal(number(new Headers(), 'max-forwards'), undefined);
  });

  test('session timers (RFC 4028 §4, §5)', () => {
    assert.deepEqual(sessionExpires(one('x', '1800;refresher=UAS')), { seconds: 1_800, refresher: 'uas' });
    assert.deepEqual(sessionExpires(one('Session-Expires', '90 ; other')), { seconds: 90, refresher: null });
    assert.equal(sessionExpires(one('Session-Expires', 'soon')), undefined);
    assert.equal(minSe(one('Min-SE', '120;x=y')), 120);
    assert.equal(minSe(new Headers()), undefined);
  });

  test('Retry-After without its comment and parameters (RFC 3261 §20.33)', () => {
    for (const value of ['120', '120 (I am in a meeting)', '120;duration=60', '120(x)']) {
      assert.equal(retryAfter(one('Retry-After', value)), 120, value);
    }
    for (const value of ['', 'x', '120x', '-1']) assert.equal(retryAfter(one('Retry-After', value)), undefined, value);
  });

  test('Reason gives the cause of Q.850 (RFC 3326)', () => {
    const headers = one('Reason', 'SIP ;cause=600 ;text="Busy, everywhere"', 'q.850;cause=16;text="Normal"');
    assert.equal(q850Cause(headers), 16);
    assert.deepEqual(reasons(headers)[0], { protocol: 'SIP', cause: 600, text: 'Busy, everywhere' });
    assert.equal(q850Cause(one('Reason', 'Q.850;cause=0')), undefined);
    assert.equal(q850Cause(one('Reason', 'Q.850;cause=128')), undefined);
    assert.equal(q850Cause(one('Reason', ';;;', 'Q.850;cause=17')), 17);
    assert.equal(q850Cause(new Headers()), undefined);
  });

  test('RAck (RFC 3262 §7.2)', () => {
    assert.deepEqual(rack(one('RAck', '776656 1 INVITE')), {
      response: 776_656,
      cseq: { number: 1, method: 'INVITE' },
    });
    for (const value of ['', '1', '1 2', '1 INVITE', 'x 1 INVITE'])
      assert.equal(rack(one('RAck', value)), undefined, value);
  });

  test('Content-Type (RFC 3261 §20.15)', () => {
    assert.equal(contentType(one('c', 'Application / SDP'))?.type, 'application/sdp');
    assert.equal(contentType(one('c', 'multipart/mixed;boundary="x;y"'))?.params.get('boundary'), '"x;y"');
    for (const value of ['', 'text', 'text/', 'text/plain x'])
      assert.equal(contentType(one('c', value)), undefined, value);
  });

  test('challenges and credentials (RFC 3261 §20.44)', () => {
    const line = parseAuthParams('DIGEST realm="a \\"b\\", c", nonce=abc=, qop="auth,auth-int" , stale=FALSE');
    assert.equal(line?.scheme, 'digest');
    assert.deepEqual(
      [...(line?.params ?? [])],
      [
        ['realm', 'a "b", c'],
        ['nonce', 'abc='],
        ['qop', 'auth,auth-int'],
        ['stale', 'FALSE'],
      ],
    );
    for (const value of ['', 'Digest realm', 'Digest realm=', 'Digest a=b c=d', 'Digest a="b', 'Digest a=b,a=c']) {
      assert.equal(parseAuthParams(value), undefined, value);
    }
  });

  test('no part of a value cut short makes a view throw', () => {
    const values = [
      '"A \\"" <sip:a@x;p=1>;q=0.5',
      'SIP/2.0/TLS [2001:DB8::1]:5061;a="b"',
      'Digest a="b\\"", c=d',
      '1800;refresher=uac',
    ];
    for (const value of values) {
      for (let length = 0; length < value.length; length++) {
        const cut = value.slice(0, length);
        parseNameAddr(cut);
        parseTopVia(cut);
        parseAuthParams(cut);
        sessionExpires(one('x', cut));
        reasons(one('Reason', cut));
        contentType(one('c', cut));
      }
    }
  });
});
