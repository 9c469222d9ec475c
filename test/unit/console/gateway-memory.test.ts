import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  deviceName,
  forgetGateway,
  gatewayFrom,
  rememberedGateway,
  rememberGateway,
  statementMemory,
} from '../../../api/console/gateway-memory.ts';

const PIN = 'A'.repeat(43);
const OTHER = 'B'.repeat(43);

/** As a browser's, without the browser. */
function storage(): Storage & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

describe('what the console keeps between visits', () => {
  test('a browser calls itself the same at every visit, and another one otherwise', () => {
    const [here, there] = [storage(), storage()];
    const name = deviceName(here);
    assert.match(name, /^console [0-9a-f]{8}$/);
    assert.equal(deviceName(here), name);
    assert.notEqual(deviceName(there), name);
    forgetGateway(here);
    assert.equal(deviceName(here), name);
    here.setItem('sealfax.device', 'something long that somebody typed');
    assert.match(deviceName(here), /^console [0-9a-f]{8}$/);
  });

  test('a connection string names host, user and pins; a pin alone goes with the address bar', () => {
    const pasted = ` sealfax://admin:owner@fax.example.org:8443?pin=${PIN}&pin=${OTHER}\n`;
    assert.deepEqual(gatewayFrom(pasted, 'localhost'), { pins: [PIN, OTHER], host: 'fax.example.org', user: 'owner' });
    assert.deepEqual(gatewayFrom(`${PIN} `, 'localhost'), { pins: [PIN], host: 'localhost', user: '' });
    for (const wrong of ['', 'owner', `${PIN}x`, 'https://fax.example.org', 'sealfax://admin:owner@fax.example.org'])
      assert.throws(() => gatewayFrom(wrong, 'localhost'), { code: 'connection_string' }, wrong);
  });

  test('the gateway is known again, and nothing but that is kept', () => {
    const place = storage();
    const known = { pins: [PIN], host: 'fax.example.org', user: 'owner' };
    rememberGateway(place, { ...known, password: 'no' } as typeof known);
    assert.deepEqual(rememberedGateway(place), known);
    assert.doesNotMatch([...place.kept.values()].join(), /password|"no"/);
    forgetGateway(place);
    assert.equal(rememberedGateway(place), undefined);
  });

  test('what somebody else has written there is not believed', () => {
    const place = storage();
    const wrong = [
      '',
      '{',
      '1',
      'null',
      '{}',
      `{"pins":[],"host":"h","user":"u"}`,
      `{"pins":["x"],"host":"h","user":"u"}`,
    ];
    for (const text of [
      ...wrong,
      `{"pins":"${PIN}","host":"h","user":"u"}`,
      `{"pins":["${PIN}"],"host":1,"user":"u"}`,
    ]) {
      place.setItem('sealfax.gateway', text);
      assert.equal(rememberedGateway(place), undefined, text);
    }
  });

  test('the highest statement outlives the visit, for each set of pins by itself', async () => {
    const place = storage();
    await statementMemory(place).saw([PIN, OTHER], 7);
    await statementMemory(place).saw([OTHER, PIN], 5);
    const later = statementMemory(place);
    assert.equal(await later.highest([OTHER, PIN]), 7);
    assert.equal(await later.highest([PIN]), 0);
    forgetGateway(place);
    assert.equal(await later.highest([PIN, OTHER]), 7, 'another gateway does not make an older statement pass');
    for (const key of place.kept.keys()) place.setItem(key, '-1e9');
    assert.equal(await later.highest([PIN, OTHER]), 0);
  });
});
