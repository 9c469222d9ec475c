import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createConsoleOrigins } from '../../../ops/console-origins.ts';

describe('origins of the console', () => {
  const of = (names: string[], tls: 'files' | 'off' = 'files', consoleOrigins: URL[] = []) =>
    createConsoleOrigins({ names, tls, consoleOrigins });

  test('are the names on 443 and on the port of the listener, and those of the settings', () => {
    const origins = of(['fax.example.org', 'fax'], 'files', [new URL('https://proxy.example.org:9443')]);
    assert.deepEqual(origins.all(), ['https://proxy.example.org:9443', 'https://fax.example.org', 'https://fax']);
    origins.listens(8443);
    assert.deepEqual(origins.all().slice(3), ['https://fax.example.org:8443', 'https://fax:8443']);
    origins.listens(443);
    assert.equal(origins.all().length, 5);
  });

  test('have no addresses, which browsers bind nothing to', () => {
    const origins = of(['127.0.0.1', '::1', 'LOCALHOST', 'no host']);
    origins.listens(8443);
    assert.deepEqual(origins.all(), ['https://localhost', 'https://localhost:8443']);
  });

  test('have http on this host alone, and where TLS is off', () => {
    const origins = of(['localhost', 'fax.example.org'], 'off');
    origins.listens(8080);
    assert.deepEqual(
      origins.all().filter((origin) => origin.startsWith('http:')),
      ['http://localhost:8080'],
    );
  });
});
