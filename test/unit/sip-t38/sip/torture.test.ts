import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createFramer,
  nameAddrs,
  number,
  type Parsed,
  parseMessage,
  parseUri,
  type ReceivedMessage,
  retryAfter,
  type SipUri,
  serialise,
  tokens,
  vias,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { ABOVE, INVALID, type Torture, VALID } from '../../../vectors/sip-t38/torture.ts';

const ALL = [...VALID, ...INVALID, ...ABOVE];

function bytesOf(name: string): Uint8Array {
  const message = ALL.find((candidate) => candidate.name === name);
  assert.ok(message !== undefined, name);
  return new TextEncoder().encode(message.text);
}

function valid(name: string): ReceivedMessage {
  const parsed = parseMessage(bytesOf(name));
  assert.ok('message' in parsed, `${name}: ${'error' in parsed ? parsed.error : ''}`);
  return parsed.message;
}

function invalid(name: string): Extract<Parsed, { error: string }> {
  const parsed = parseMessage(bytesOf(name));
  assert.ok('error' in parsed, name);
  return parsed;
}

function sipUri(text: string): SipUri {
  const uri = parseUri(text);
  assert.ok(uri !== undefined && uri.scheme !== 'tel', text);
  return uri;
}

/** A message as what it says, for comparison. */
function gist({ headers, body, ...rest }: ReceivedMessage) {
  const lines = headers.lines().filter(({ key }) => key !== 'content-length');
  return { ...rest, lines, body: Buffer.from(body).toString('latin1') };
}

function rebuilt(message: ReceivedMessage): ReceivedMessage {
  const parsed = parseMessage(serialise(message));
  assert.ok('message' in parsed);
  return parsed.message;
}

describe('RFC 4475 §3.1.1: valid messages', () => {
  for (const { name, section } of VALID) {
    test(`§${section} ${name} is read, and written again says the same`, () => {
      const message = valid(name);
      assert.deepEqual(gist(rebuilt(message)), gist(message));
    });
  }

  test('§3.1.1.1 wsinv: white space, folding, odd spellings and escapes are seen through', () => {
    const message = valid('wsinv');
    assert.ok(message.kind === 'request');
    assert.deepEqual(message.cseq, { number: 9, method: 'INVITE' });
    assert.deepEqual([message.toTag, message.fromTag], ['1918181833n', '98asjd8']);
    assert.equal(message.from.display, 'J Rosenberg \\"');
    assert.equal(number(message.headers, 'max-forwards'), 68);
    assert.equal(message.headers.get('subject'), '');
    assert.equal(message.headers.get('newfangledheader'), 'newfangled value continued newfangled value');
    assert.deepEqual(
      vias(message.headers)?.map(({ transport, host, branch }) => [transport, host, branch]),
      [
        ['UDP', '192.0.2.2', '390skdjuw'],
        ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
        ['UDP', '192.168.255.111', 'z9hG4bK30239'],
      ],
    );
    const [contact] = nameAddrs(message.headers, 'contact') ?? [];
    assert.equal(contact?.display, 'Quoted string ""');
    assert.deepEqual(
      [...(contact?.params ?? [])],
      [
        ['newparam', 'newvalue'],
        ['secondparam', ''],
        ['q', '0.33'],
      ],
    );
    assert.equal(message.body.length, 150);
  });

  test('§3.1.1.2 intmeth: tokens, words and quoted pairs have all their characters', () => {
    const message = valid('intmeth');
    assert.ok(message.kind === 'request');
    assert.equal(message.method, "!interesting-Method0123456789_*+`.%indeed'~");
    assert.equal(message.to.display, 'BEL:\u0007 NUL:\u0000 DEL:\u007f');
    assert.equal(message.from.display, "token1~` token2'+_ token3*%!.-");
    assert.equal(message.from.params.get("fromparam''~+*_!.-%"), '"работающий"');
    assert.equal(message.fromTag, "_token~1'+`*%!-.");
    assert.equal(message.headers.get("extensionheader-!.%*+_`'~"), '\ufeff大停電');
    const uri = sipUri(message.uri);
    assert.equal(uri.user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    assert.equal(uri.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
  });

  test('§3.1.1.3 esc01: escapes of a URI are undone once', () => {
    const message = valid('esc01');
    assert.ok(message.kind === 'request');
    assert.equal(sipUri(message.uri).user, 'sips:user@example.com');
    assert.equal(sipUri(message.to.uri).user, 'user');
    assert.equal(sipUri(message.from.uri).user, 'I have spaces');
    const contact = sipUri(nameAddrs(message.headers, 'contact')?.[0]?.uri ?? '');
    assert.equal(contact.user, 'caller');
    assert.deepEqual(
      [...contact.params],
      [
        ['lr', ''],
        ['name', 'value%41'],
      ],
    );
  });

  test('§3.1.1.4 escnull: an escaped NUL ends nothing', () => {
    const contacts = nameAddrs(valid('escnull').headers, 'contact') ?? [];
    assert.deepEqual(
      contacts.map(({ uri }) => sipUri(uri).user),
      ['\u0000', '\u0000\u0000'],
    );
  });

  test('§3.1.1.5 esc02: a percent sign is an escape in URIs alone', () => {
    const message = valid('esc02');
    assert.ok(message.kind === 'request');
    assert.equal(message.method, 'RE%47IST%45R');
    assert.equal(message.to.display, '%Z%45');
    assert.equal(nameAddrs(message.headers, 'contact')?.length, 2);
    assert.equal(message.headers.get('c%6fntact'), '<sip:alias2@host2.example.com>');
  });

  test('§3.1.1.7 longreq: every value of a long request is read', () => {
    const message = valid('longreq');
    assert.equal(vias(message.headers)?.length, 34);
    assert.equal(message.via.host, 'sip33.example.com');
    assert.equal(message.from.params.size, 3);
    assert.equal(sipUri(message.to.uri).port, 6000);
    assert.equal(message.body.length, 150);
  });

  test('§3.1.1.8 dblreq: a datagram is one message, a stream is two', () => {
    const message = valid('dblreq');
    assert.deepEqual([message.cseq.method, message.body.length], ['REGISTER', 0]);
    const methods = createFramer()
      .push(bytesOf('dblreq'))
      .flatMap((frame) => (frame.type === 'message' ? [parseMessage(frame.bytes)] : []))
      .map((parsed) => ('message' in parsed ? parsed.message.cseq.method : parsed.error));
    assert.deepEqual(methods, ['REGISTER', 'INVITE']);
  });

  test('§3.1.1.9 semiuri: a semicolon in the user part is no parameter', () => {
    const message = valid('semiuri');
    assert.ok(message.kind === 'request');
    const uri = sipUri(message.uri);
    assert.deepEqual([uri.user, uri.host, uri.params.size], ['user;par=u@example.net', 'example.com', 0]);
  });

  test('§3.1.1.10 transports: unknown transports are names like others', () => {
    const names = vias(valid('transports').headers)?.map(({ transport }) => transport);
    assert.deepEqual(names, ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
  });

  test('§3.1.1.12 unreason, §3.1.1.13 noreason: a reason phrase is any text, or none', () => {
    const [unusual, empty] = [valid('unreason'), valid('noreason')];
    assert.ok(unusual.kind === 'response' && empty.kind === 'response');
    assert.equal(unusual.reason, '= 2**3 * 5**2 но сто девяносто девять - простое');
    assert.deepEqual([empty.status, empty.reason], [100, '']);
  });
});

/** What is said to each invalid message; null: nothing, since it is a response or who asked cannot be told. */
const ANSWERS: Readonly<Record<string, readonly [error: string, status: number | null]>> = {
  badinv01: ['bad_essential', null],
  clerr: ['bad_length', 400],
  ncl: ['bad_length', 400],
  scalar02: ['bad_essential', null],
  scalarlg: ['bad_essential', null],
  quotbal: ['bad_essential', null],
  ltgtruri: ['bad_start_line', 400],
  lwsruri: ['bad_start_line', 400],
  lwsstart: ['bad_start_line', 400],
  trws: ['bad_start_line', 400],
  badaspec: ['bad_essential', null],
  baddn: ['bad_essential', null],
  badvers: ['bad_essential', null],
  mismatch01: ['method_mismatch', 400],
  mismatch02: ['method_mismatch', 400],
  bigcode: ['bad_start_line', null],
};

describe('RFC 4475 §3.1.2: invalid messages', () => {
  for (const { name, section } of INVALID.filter(({ name }) => name !== 'regbadct')) {
    test(`§${section} ${name} is refused`, () => {
      const { error, answer } = invalid(name);
      assert.deepEqual([error, answer?.status ?? null], ANSWERS[name]);
    });
  }

  test('§3.1.2.13 regbadct: a Contact whose URI has headers must have brackets', () => {
    assert.equal(nameAddrs(valid('regbadct').headers, 'contact'), undefined);
  });

  test('§3.1.2.5 scalarlg: a Retry-After beyond all numbers is none', () => {
    const text = new TextDecoder().decode(bytesOf('scalarlg')).replace('9292394834772304023312', '1');
    const parsed = parseMessage(new TextEncoder().encode(text));
    assert.ok('message' in parsed);
    assert.equal(retryAfter(parsed.message.headers), undefined);
  });

  test('§3.1.2.16 badvers: another version is answered 505 where its Via is ours', () => {
    const text = new TextDecoder().decode(bytesOf('badvers')).replace('SIP/7.0/UDP', 'SIP/2.0/UDP');
    const parsed = parseMessage(new TextEncoder().encode(text));
    assert.ok('error' in parsed);
    assert.deepEqual([parsed.error, parsed.answer?.status], ['bad_version', 505]);
  });
});

describe('RFC 4475 §3.2 to §3.4: what is left to others', () => {
  const refused: Readonly<Record<string, string>> = {
    insuf: 'bad_essential',
    multi01: 'bad_essential',
    mcl01: 'bad_length',
  };

  for (const { name, section } of ABOVE) {
    test(`§${section} ${name} is ${refused[name] === undefined ? 'read' : 'refused'}`, () => {
      if (refused[name] === undefined) valid(name);
      else assert.equal(invalid(name).error, refused[name]);
    });
  }

  test('§3.3.11 zeromf: zero is a number of hops', () => {
    assert.equal(number(valid('zeromf').headers, 'max-forwards'), 0);
  });

  test('§3.3.12, §3.3.13 cparam: a parameter belongs to the header without brackets and to the URI within', () => {
    const [bare] = nameAddrs(valid('cparam01').headers, 'contact') ?? [];
    const [bracketed] = nameAddrs(valid('cparam02').headers, 'contact') ?? [];
    assert.deepEqual([bare?.params.has('unknownparam'), bracketed?.params.size], [true, 0]);
    assert.ok(sipUri(bracketed?.uri ?? '').params.has('unknownparam'));
  });

  test('§3.4.1 inv2543: a request of RFC 2543 has neither branch nor tag nor length', () => {
    const message = valid('inv2543');
    assert.deepEqual([message.via.branch, message.fromTag, message.body.length], [null, null, 150]);
    assert.deepEqual(tokens(message.headers, 'supported'), []);
  });
});

describe('truncation', () => {
  test('no part of a message of RFC 4475 makes the parser throw, and none without its header is a message', () => {
    for (const { name, text } of ALL satisfies readonly Torture[]) {
      const whole = new TextEncoder().encode(text);
      const headerEnd = Buffer.from(whole).indexOf('\r\n\r\n') + 4;
      for (let length = 0; length < whole.length; length++) {
        const parsed = parseMessage(whole.subarray(0, length));
        assert.ok('error' in parsed || length >= headerEnd, `${name} cut to ${length}`);
      }
    }
  });

  test('a datagram that ends before Content-Length says is refused (RFC 3261 §18.3)', () => {
    const whole = bytesOf('wsinv');
    const parsed = parseMessage(whole.subarray(0, whole.length - 1));
    assert.ok('error' in parsed);
    assert.deepEqual([parsed.error, parsed.answer?.status], ['bad_length', 400]);
  });
});
