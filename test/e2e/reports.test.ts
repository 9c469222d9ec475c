import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Client, connect } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory, type Service, startService } from '../../ops/bench/service.ts';

/** Numbers of the loopback network: one that answers, and one whose line is in use. */
const [ANSWERS, BUSY] = ['+15550100001', '+15550110001'];

describe('a gateway that has called', () => {
  let service: Service;
  let client: Client;
  let remove: () => Promise<void>;

  before(async () => {
    const place = await benchDirectory();
    ({ remove } = place);
    service = await startService(place.path, { SEALFAX_LOOPBACK_SPEED: 'instant', SEALFAX_LOG_LEVEL: 'error' });
    client = connect(service.api.connection, service.api.secret);
  });
  after(async () => {
    await client.close();
    await service.stop();
    await remove();
  });

  test('says why a fax failed, and reports by the country of its number', async () => {
    const documents = [await sampleLetter()];
    const send = async (to: string) => client.faxes.wait((await client.faxes.send({ to, documents, retries: 0 })).id);
    const [delivered, busy] = [await send(ANSWERS), await send(BUSY)];
    const why = await client.faxes.why(busy.id);
    assert.match(why.summary, /^Failed after 1 call: the line was in use/);
    assert.match(why.action, /^Send it again at another time/);
    assert.equal(why.calls.length, 1);
    assert.match(
      (await client.faxes.why(delivered.id)).summary,
      /^Delivered, \d+ of \d+ pages? confirmed after 1 call/,
    );
    const { source, items } = await client.cdrs.summary({ group: 'total', by: ['country', 'result'] });
    assert.deepEqual(
      [source, items.map(({ country, result, cdrs, successRate }) => [country, result, cdrs, successRate])],
      [
        'sums',
        [
          // 555-01xx is set apart for stories: no country of North America has it.
          ['+1', 'failed', 1, 0],
          ['+1', 'ok', 1, 1],
        ],
      ],
    );
    const saved = { query: { by: ['number' as const], percentiles: true, period: 'today' as const } };
    await client.cdrs.reports.save('numbers', saved);
    const run = await client.cdrs.reports.run('numbers');
    assert.deepEqual(
      run.items.map(({ number, connect }) => [number, connect === null]),
      [
        [ANSWERS, false],
        [BUSY, true],
      ],
    );
  });
});
