import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NotifyError } from '../../../gateway/notify/errors.ts';
import { parseEndpointUrl, resolveTarget } from '../../../gateway/notify/target.ts';

const refusedFor = (reason: string) => (error: unknown) =>
  error instanceof NotifyError && error.code === 'url_refused' && error.pointer === '/url' && error.reason === reason;

describe('the URL of an endpoint', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/hook', 'malformed'],
    ['https://', 'malformed'],
    [`https://example.org/${'a'.repeat(2_048)}`, 'malformed'],
    ['http://example.org/hook', 'scheme'],
    ['ftp://example.org/hook', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['https://user@example.org/', 'credentials'],
    ['https://:secret@example.org/', 'credentials'],
    ['https://example.org/#part', 'fragment'],
    ['https://127.0.0.1/', 'address'],
    ['https://[::1]/', 'address'],
    ['https://[::ffff:127.0.0.1]/', 'address'],
    // The URL parser of WHATWG turns each of these into 127.0.0.1.
    ['https://2130706433/', 'address'],
    ['https://0x7f000001/', 'address'],
    ['https://0177.0.0.1/', 'address'],
    ['https://127.1/', 'address'],
    ['https://①②⑦.0.0.1/', 'address'],
  ];
  for (const [text, reason] of cases) {
    test(`${text.slice(0, 60)} is refused: ${reason}`, () => {
      assert.throws(() => parseEndpointUrl(text, false), refusedFor(reason));
    });
  }

  test('a name, a port, a path and a query are kept', () => {
    assert.equal(parseEndpointUrl('https://example.org:8443/a?b=c', false).href, 'https://example.org:8443/a?b=c');
  });

  test('plain http to this host passes only where private hosts are allowed', () => {
    assert.equal(parseEndpointUrl('http://127.0.0.1:9/', true).host, '127.0.0.1:9');
    assert.throws(() => parseEndpointUrl('ftp://127.0.0.1/', true), refusedFor('scheme'));
  });
});

describe('resolving an endpoint', () => {
  const url = new URL('https://example.org/');
  const answering =
    (...addresses: readonly string[]) =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? (6 as const) : (4 as const) }));

  test('one private address among public ones refuses the name', async () => {
    assert.equal(await resolveTarget(url, answering('8.8.8.8', '10.0.0.1'), false), 'address_refused');
    assert.equal(await resolveTarget(url, answering('8.8.8.8', '::1'), false), 'address_refused');
  });

  test('a name without an address, or whose server fails, is unresolved', async () => {
    assert.equal(await resolveTarget(url, answering(), false), 'name_unresolved');
    const failing = async () => Promise.reject(new Error('SERVFAIL'));
    assert.equal(await resolveTarget(url, failing, false), 'name_unresolved');
  });

  test('IPv4 is preferred; IPv6 alone is taken', async () => {
    const both = await resolveTarget(url, answering('2606:4700::1', '8.8.8.8'), false);
    assert.deepEqual(both, { address: '8.8.8.8', family: 4 });
    const six = await resolveTarget(url, answering('2606:4700::1'), false);
    assert.deepEqual(six, { address: '2606:4700::1', family: 6 });
  });

  test('an address in the URL is never asked of a name server, and checked all the same', async () => {
    const never = async () => assert.fail('asked the name server');
    assert.equal(await resolveTarget(new URL('https://[fd00::1]/'), never, false), 'address_refused');
    const public6 = await resolveTarget(new URL('https://[2606:4700::1]/'), never, false);
    assert.deepEqual(public6, { address: '2606:4700::1', family: 6 });
  });
});
