import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { mixedPdf } from '../../ops/bench/documents.ts';
import { benchDirectory, startService } from '../../ops/bench/service.ts';

describe('the page that arrives', () => {
  test('is bit for bit the one that was previewed, with its header line, before anything was dialled', async (t) => {
    const place = await benchDirectory();
    const service = await startService(place.path, { SEALFAX_LOOPBACK_SPEED: 'instant' });
    const client = connect(service.api.connection, service.api.secret);
    const admin = connectAdmin(service.admin.connection, service.admin.password);
    t.after(async () => {
      await client.close();
      await admin.close();
      await service.stop();
      await place.remove();
    });
    const [account] = await admin.accounts();
    assert.ok(account !== undefined);
    for (const number of ['+15550190001', '+15550190002']) await admin.addNumber(account.id, { number });

    const { id } = await admin.faxes.send(account.id, {
      to: '+15550190002',
      documents: [await mixedPdf()],
      contrast: 20,
      resolution: 'standard',
      review: true,
    });
    for await (const { fax } of admin.faxes.watch(id)) if (fax.state === 'held') break;
    const before = await client.faxes.get(id);
    assert.deepEqual([before.state, before.attempts], ['held', 0]);
    const [page] = await client.faxes.pages(id);
    const previewed = await client.faxes.preview(id, 1);
    await admin.faxes.release(id);

    const sent = await client.faxes.wait(id);
    assert.equal(sent.state, 'delivered');
    const [after] = await client.faxes.pages(id);
    assert.equal(after?.mark, page?.mark, 'the mark of the page does not change');
    const received = await client.inbox.next();
    assert.ok(received !== null);
    const parts: Uint8Array[] = [];
    for await (const part of received.document('tiff')) parts.push(Buffer.from(part));
    const pixels = (file: Uint8Array) => sharp(file).greyscale().raw().toBuffer();
    const [was, is] = [await pixels(previewed), await pixels(Buffer.concat(parts))];
    assert.ok(is.equals(was), 'pixel for pixel');
    const [row] = await received.pages();
    assert.deepEqual([row?.width, row?.rows, row?.bytes], [page?.width, page?.rows, page?.bytes]);
  });
});
