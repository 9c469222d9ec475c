import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SipError } from '../../../../carrier-adapters/sip-t38/sip/errors.ts';
import {
  DATAGRAM_LIMIT,
  Headers,
  NO_BODY,
  parseMessage,
  responseTo,
  serialise,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { octets, read, request, requestLines } from './messages.ts';

function errorOf(bytes: Uint8Array, limit?: number): string {
  const parsed = parseMessage(bytes, limit);
  return 'error' in parsed ? parsed.error : 'none';
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

describe('a message (RFC 3261 §7)', () => {
  test('a request is its line, its headers in order and its body', () => {
    const message = request(...requestLines('INVITE', ['Subject: a fax', 'Content-Length: 4'], ['v=']));
    assert.equal(message.uri, 'sip:bob@biloxi.example.com');
    assert.equal(text(message.body), 'v=\r\n');
    assert.deepEqual(message.cseq, { number: 1, method: 'INVITE' });
    assert.deepEqual(
      [message.via.host, message.via.port, message.via.branch],
      ['client.atlanta.example.com', 5060, 'z9hG4bK74bf9'],
    );
    assert.deepEqual([message.fromTag, message.toTag, message.from.display], ['9fxced76sl', null, 'Alice']);
    assert.equal(message.headers.lines().at(-2)?.name, 'Subject');
  });

  test('empty lines before the start line are no part of it (§7.5)', () => {
    assert.equal(read(octets('', '', ...requestLines('OPTIONS'))).kind, 'request');
  });

  test('octets behind Content-Length are dropped in a datagram, and without it the body is the rest (§18.3)', () => {
    const long = request(...requestLines('INVITE', ['l: 2'], ['abcdef']));
    assert.equal(text(long.body), 'ab');
    const open = request(...requestLines('INVITE', [], ['abcdef']));
    assert.equal(text(open.body), 'abcdef\r\n');
  });

  test('a body is octets, not text', () => {
    const head = octets(...requestLines('INFO', ['Content-Length: 3']));
    const message = read(new Uint8Array([...head, 0, 255, 13]));
    assert.deepEqual([...message.body], [0, 255, 13]);
    assert.deepEqual([...serialise(message).slice(-3)], [0, 255, 13]);
  });

  test('text that is no UTF-8 is read with replacement characters', () => {
    const bytes = octets(...requestLines('OPTIONS', ['Subject: x']));
    bytes[Buffer.from(bytes).indexOf('Subject: x') + 9] = 0xe9;
    assert.equal(read(bytes).headers.get('subject'), '\ufffd');
  });

  test('lines end by CRLF alone, and controls stand only behind a backslash', () => {
    for (const evil of ['a\nb', 'a\rb', 'a\u0000b', 'a\u007fb', 'a\u0001']) {
      assert.equal(errorOf(octets(...requestLines('OPTIONS', [`Subject: ${evil}`]))), 'control_character', evil);
    }
    assert.equal(errorOf(octets(...requestLines('OPTIONS', ['Subject: "a\\\u0001"\tb']))), 'none');
    assert.equal(errorOf(octets(...requestLines('OPTIONS', ['Subject: "a\\\n"']))), 'control_character');
  });

  test('every limit is kept', () => {
    const padded = (headers: readonly string[]) => octets(...requestLines('OPTIONS', headers));
    assert.equal(errorOf(padded([`Subject: ${'x'.repeat(DATAGRAM_LIMIT)}`])), 'too_long');
    assert.equal(errorOf(padded([`Subject: ${'x'.repeat(4_000)}`])), 'none');
    assert.equal(errorOf(padded([`Subject: ${'x'.repeat(4_100)}`])), 'line_too_long');
    assert.equal(errorOf(padded(Array(122).fill('a: b'))), 'none');
    assert.equal(errorOf(padded(Array(123).fill('a: b'))), 'too_many_headers');
    const long = requestLines('OPTIONS').with(0, `OPTIONS sip:${'x'.repeat(1_100)}@a SIP/2.0`);
    assert.equal(errorOf(octets(...long)), 'bad_start_line');
  });

  test('a line without a name is no header', () => {
    for (const line of ['no colon', ': no name', 'a b: two words', 'ü: no token']) {
      assert.equal(errorOf(octets(...requestLines('OPTIONS', [line]))), 'bad_header', line);
    }
  });

  test('each essential header must be there, once and well-formed', () => {
    const lines = requestLines('OPTIONS');
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) {
      const without = lines.filter((line) => !line.startsWith(`${name}:`));
      assert.equal(errorOf(octets(...without)), 'bad_essential', `no ${name}`);
      const broken = lines.map((line) => (line.startsWith(`${name}:`) ? `${name}:` : line));
      assert.equal(errorOf(octets(...broken)), 'bad_essential', `empty ${name}`);
      const twice = lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line, line] : [line]));
      assert.equal(errorOf(octets(...twice)), name === 'Via' ? 'none' : 'bad_essential', `two ${name}`);
    }
  });

  test('Content-Length is one number of octets that are there', () => {
    for (const lengths of [['-1'], ['1e1'], ['3', '4'], ['99'], [''], ['99999999999999999999999']]) {
      const headers = lengths.map((length) => `Content-Length: ${length}`);
      const bytes = octets(...requestLines('OPTIONS', headers, ['abcdef']));
      assert.equal(errorOf(bytes), 'bad_length', lengths.join());
    }
    assert.equal(errorOf(octets(...requestLines('OPTIONS', ['l: 4', 'Content-Length: 4'], ['abcdef']))), 'none');
  });

  test('a malformed request is answered, a malformed ACK or response never', () => {
    const answer = (...lines: readonly string[]) => {
      const parsed = parseMessage(octets(...lines));
      return 'error' in parsed ? (parsed.answer?.status ?? null) : undefined;
    };
    assert.equal(answer(...requestLines('INVITE', ['Content-Length: 9'])), 400);
    assert.equal(answer(...requestLines('ACK', ['Content-Length: 9'])), null);
    const [, ...headers] = requestLines('INVITE', ['Content-Length: 9']);
    assert.equal(answer('SIP/2.0 200 OK', ...headers), null);
    assert.equal(answer('INVITE sip:a@b SIP/3.0', ...headers.toSpliced(-2, 1)), 505);
  });

  test('status lines have three digits from 100 to 699', () => {
    const [, ...headers] = requestLines('INVITE');
    for (const line of ['SIP/2.0 099 x', 'SIP/2.0 700 x', 'SIP/2.0 20 x', 'SIP/2.0 2000 x', 'SIP/1.0 200 x']) {
      assert.equal(errorOf(octets(line, ...headers)), 'bad_start_line', line);
    }
    for (const line of ['SIP/2.0 200 OK', 'sip/2.0 200', 'SIP/2.0 699 ']) {
      assert.equal(errorOf(octets(line, ...headers)), 'none', line);
    }
  });

  test('nothing and noise are no messages', () => {
    assert.equal(errorOf(new Uint8Array(0)), 'no_end');
    assert.equal(errorOf(octets('')), 'no_end');
    assert.equal(errorOf(octets('', '')), 'no_end');
    assert.equal(errorOf(octets('GET / HTTP/1.1', 'Host: x', '')), 'bad_start_line');
  });
});

describe('Headers (RFC 3261 §7.3)', () => {
  const headers = () =>
    new Headers([
      ['v', 'one'],
      ['CALL-id', 'x'],
      ['Via', 'two'],
      ['X-Own', 'y'],
    ]);

  test('names are compared by their long form without case', () => {
    assert.deepEqual(headers().all('via'), ['one', 'two']);
    assert.deepEqual([headers().get('call-id'), headers().get('x-own'), headers().get('to')], ['x', 'y', undefined]);
    assert.equal(headers().has('via'), true);
  });

  test('compact forms of every header that has one (§7.3.3, §20)', () => {
    const forms = {
      i: 'call-id',
      m: 'contact',
      e: 'content-encoding',
      l: 'content-length',
      c: 'content-type',
      f: 'from',
    };
    const others = { s: 'subject', k: 'supported', t: 'to', v: 'via', x: 'session-expires' };
    for (const [short, long] of Object.entries({ ...forms, ...others })) {
      assert.equal(new Headers([[short.toUpperCase(), 'x']]).lines()[0]?.key, long);
    }
  });

  test('lines are put first, last, in place, and taken away', () => {
    const list = headers().prepend('Via', 'zero').append('To', 't').set('X-OWN', 'z').replaceFirst('via', 'nil');
    assert.deepEqual(
      list.lines().map(({ name, value }) => `${name}: ${value}`),
      ['Via: nil', 'v: one', 'CALL-id: x', 'Via: two', 'X-OWN: z', 'To: t'],
    );
    list.set('Via', 'only').remove('to').set('From', 'f').replaceFirst('route', 'nothing happens');
    assert.deepEqual(
      list.lines().map(({ name, value }) => `${name}: ${value}`),
      ['Via: only', 'CALL-id: x', 'X-OWN: z', 'From: f'],
    );
  });

  test('a copy changes alone', () => {
    const list = headers();
    list.copy().remove('via').append('To', 't');
    assert.equal(list.lines().length, 4);
  });

  test('what would end its line is refused', () => {
    for (const evil of ['a\r\nb', 'a\nb', 'a\rb']) {
      for (const write of [
        () => headers().append('To', evil),
        () => headers().prepend(evil, 'x'),
        () => headers().set('To', evil),
        () => headers().replaceFirst('via', evil),
        () => serialise({ kind: 'request', method: 'INVITE', uri: evil, headers: headers(), body: NO_BODY }),
        () => serialise({ kind: 'response', status: 200, reason: evil, headers: headers(), body: NO_BODY }),
      ]) {
        assert.throws(write, (error) => error instanceof SipError && error.code === 'unsafe_value');
      }
    }
  });
});

describe('a response (RFC 3261 §8.2.6)', () => {
  const invite = request(
    ...requestLines('INVITE', [
      'Via: SIP/2.0/UDP proxy.example.com;branch=z9hG4bK1',
      'Record-Route: <sip:proxy.example.com;lr>',
      'Timestamp: 54',
      'Contact: <sip:alice@client.atlanta.example.com>',
    ]),
  );
  const names = (status: number, method = invite) =>
    responseTo(method, status)
      .headers.lines()
      .map(({ key }) => key);

  test('it has the Via lines, From, To, Call-ID and CSeq of its request', () => {
    const built = responseTo(invite, 486, { toTag: 'a6c85cf' });
    assert.equal(
      text(serialise(built)),
      [
        'SIP/2.0 486 Busy Here',
        'Via: SIP/2.0/UDP client.atlanta.example.com:5060;branch=z9hG4bK74bf9;rport',
        'From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl',
        'To: Bob <sip:bob@biloxi.example.com>;tag=a6c85cf',
        'Call-ID: 3848276298220188511@atlanta.example.com',
        'CSeq: 1 INVITE',
        'Via: SIP/2.0/UDP proxy.example.com;branch=z9hG4bK1',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test('what may make a dialog has Record-Route, and 100 has the Timestamp', () => {
    assert.deepEqual(
      [183, 200, 302].map((status) => names(status).includes('record-route')),
      [true, true, false],
    );
    assert.deepEqual(
      [100, 180].map((status) => names(status).includes('timestamp')),
      [true, false],
    );
    assert.equal(
      names(200, request(...requestLines('BYE', ['Record-Route: <sip:p;lr>']))).includes('record-route'),
      false,
    );
  });

  test('the tag of a request within a dialog stays', () => {
    const tagged = requestLines('BYE').map((line) => (line.startsWith('To:') ? `${line};tag=theirs` : line));
    assert.match(responseTo(request(...tagged), 200, { toTag: 'ours' }).headers.get('to') ?? '', /;tag=theirs$/);
  });

  test('body, type, phrase and further headers are as given', () => {
    const body = new TextEncoder().encode('v=0\r\n');
    const built = responseTo(invite, 299, {
      reason: 'Fine',
      headers: [['Contact', '<sip:us>']],
      body,
      contentType: 'application/sdp',
    });
    const again = read(serialise(built));
    assert.ok(again.kind === 'response');
    assert.deepEqual([again.status, again.reason, again.headers.get('content-type')], [299, 'Fine', 'application/sdp']);
    assert.deepEqual([...again.body], [...body]);
    assert.equal(responseTo(invite, 499).reason, 'Bad Request');
  });
});
