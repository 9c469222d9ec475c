import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Admin, type Client, connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { carrierPolicySchema, routesSchema } from '../../gateway/routing/config.ts';
import { benchDirectory, type Service, startService } from '../../ops/bench/service.ts';
import { explanationText, routeCommands, routeText } from '../../ops/cli/routes.ts';
import { columns } from '../../ops/cli/text.ts';

const PAGE = readFileSync(new URL('../../docs/operations/routes.md', import.meta.url), 'utf8');

/** The texts of all blocks of the page that are marked with `mark`. */
const blocks = (mark: string) =>
  [...PAGE.matchAll(/^```(?:json|text) (\w+)\n([\s\S]*?)\n```$/gm)]
    .filter(([, name]) => name === mark)
    .map(([, , body]) => body ?? '');
const block = (mark: string): string => {
  const [body, more] = blocks(mark);
  assert.ok(body !== undefined && more === undefined, `one block ${mark}`);
  return body;
};

describe('the page on routes', () => {
  test('has examples that the gateway takes', () => {
    const routes = blocks('routes').map((text) => routesSchema.parse(JSON.parse(text)));
    assert.equal(routes.length, 3);
    assert.deepEqual(Object.keys(carrierPolicySchema.parse(JSON.parse(block('policy')))), ['trunk', 'telnyx', 'sinch']);
  });

  test('names commands and options that there are', () => {
    for (const [, name = '', rest = ''] of PAGE.matchAll(/sealfax (route \w+)([^`#\n]*)/g)) {
      const command = routeCommands[name];
      assert.ok(command !== undefined, name);
      for (const [, option = ''] of rest.matchAll(/--([a-z-]+)/g)) assert.ok(Object.hasOwn(command.options, option));
    }
  });
});

describe('its demonstration: three carriers, one down, one without circuits', () => {
  let service: Service;
  let client: Client;
  let admin: Admin;
  let remove: () => Promise<void>;

  before(async () => {
    const place = await benchDirectory();
    ({ remove } = place);
    service = await startService(place.path, {
      SEALFAX_CARRIERS: block('carriers'),
      SEALFAX_ROUTES: block('germany'),
      SEALFAX_COUNTRY: 'DE',
      SEALFAX_LOG_LEVEL: 'error',
    });
    client = connect(service.api.connection, service.api.secret);
    admin = connectAdmin(service.admin.connection, service.admin.password);
  });
  after(async () => {
    await client.close();
    await admin.close();
    await service.stop();
    await remove();
  });

  /** What `sealfax route explain` prints, without the line that has the time. */
  const explained = async () => {
    const [, ...lines] = explanationText(await admin.explainRoute({ number: '+49301234567' })).split('\n');
    return lines.join('\n');
  };
  const calls = async (to: string, retryInterval: number) => {
    const { id } = await client.faxes.send({ to, documents: [await sampleLetter()], retryInterval });
    const fax = await client.faxes.wait(id);
    const { items } = await client.cdrs.list({ fax: id });
    const cdrs = items.toSorted((a, b) => a.attempt - b.attempt);
    const rows = cdrs.map((cdr) => [String(cdr.attempt), cdr.carrier ?? '', cdr.cause, routeText(cdr) ?? '']);
    return { fax, cdrs, table: columns(['attempt', 'carrier', 'cause', 'route'], rows) };
  };

  test('explains whom it would call', async () => {
    assert.equal(await explained(), block('explained'));
  });

  test('delivers one fax with three calls, and does not wait for the retry interval, an hour', async () => {
    const { fax, cdrs, table } = await calls('+49301234567', 3_600);
    assert.equal(fax.state, 'delivered');
    assert.equal(table, block('delivered'));
    assert.equal(new Set(cdrs.map(({ reference }) => reference)).size, 3);
    assert.equal(fax.pagesConfirmed, fax.pages);
  });

  test('keeps a busy line with the carrier that found it', async () => {
    const { fax, cdrs, table } = await calls('+49401234567', 5);
    assert.equal(fax.state, 'delivered');
    assert.equal(table, block('busy'));
    const [, , busy, again] = cdrs;
    assert.ok(Date.parse(again?.startedAt ?? '') - Date.parse(busy?.endedAt ?? '') >= 5_000);
  });

  test('leaves a paused carrier out, with its reason', async () => {
    await admin.pauseCarrier('world', 'maintenance until 18:00');
    assert.equal(await explained(), block('paused'));
  });
});
