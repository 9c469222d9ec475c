import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deliverFile, isReadable, type PdfPages } from '../../../carrier-adapters/http/index.ts';
import { codePage, pdfFromT6Pages } from '../../../gateway/imaging/index.ts';
import type { IncomingCall } from '../../../gateway/ports/carrier-adapter.ts';
import type { Renderer } from '../../../gateway/ports/renderer.ts';
import { createRenderer, receivedPages } from '../../../gateway/rendering/index.ts';
import { barPages } from '../telnyx/world.ts';

/** A call that keeps its pages. */
function keeping(at: (page: number) => void = () => {}) {
  const pages: { width: number; yDpi: number; rows: number; t6: Uint8Array }[] = [];
  let open: { width: number; yDpi: number; chunks: Uint8Array[] } | undefined;
  const call: IncomingCall = {
    answered: async () => {},
    beginPage: async ({ width, yDpi }) => {
      open = { width, yDpi, chunks: [] };
    },
    write: async (chunk) => void open?.chunks.push(chunk.slice()),
    endPage: async ({ rows }) => {
      at(pages.length + 1);
      const { chunks = [], width = 0, yDpi = 0 } = open ?? {};
      pages.push({ width, yDpi, rows, t6: new Uint8Array(Buffer.concat(chunks)) });
    },
    dropPage: async () => {},
    ended: async () => {},
  };
  return { pages, call };
}

describe('a fax that comes as a PDF', () => {
  let renderer: Renderer;
  let pdf: PdfPages;
  before(async () => {
    renderer = await createRenderer({ pool: { spare: 0 } });
    pdf = (file, signal) => receivedPages(renderer, file, signal);
  });
  after(() => renderer.close());

  const standard = { width: 1728, rows: 300, stride: 216, data: new Uint8Array(216 * 300).fill(0x11) };
  const faxPages = [...barPages(2), { width: 1728, rows: 300, xDpi: 204, yDpi: 98, t6: codePage(standard) }];
  const file = () => new Uint8Array(Buffer.concat([...pdfFromT6Pages(faxPages)]));

  test('comes out page by page, each in its own pixels and resolution', async () => {
    const { pages, call } = keeping();
    assert.deepEqual(await deliverFile(file(), call, { pdf }), { ok: true, pages: 3 });
    assert.deepEqual(
      pages,
      faxPages.map(({ width, yDpi, rows, t6 }) => ({ width, yDpi, rows, t6 })),
    );
  });

  test('is read by nobody where there is no renderer', async () => {
    assert.deepEqual([isReadable(file(), {}), isReadable(file(), { pdf })], [false, true]);
    const told = await deliverFile(file(), keeping().call);
    assert.deepEqual([told.ok, told.pages], [false, 0]);
  });

  for (const [what, bytes, detail] of [
    ['is damaged', new TextEncoder().encode('%PDF-1.7 and nothing more'), 'damaged'],
    ['is no PDF', new TextEncoder().encode('<html>'), 'not_tiff'],
    ['is empty', new Uint8Array(0), 'not_tiff'],
  ] as const) {
    test(`that ${what} is unreadable`, async () => {
      const told = await deliverFile(bytes, keeping().call, { pdf });
      assert.deepEqual({ ...told, detail: '' }, { ok: false, reason: 'unreadable', pages: 0, detail: '' });
      assert.match('detail' in told ? told.detail : '', new RegExp(detail));
    });
  }

  test('whose page is not kept ends there, and nobody blames the file', async () => {
    const { call } = keeping((page) => {
      if (page === 2) throw new Error('no room');
    });
    const told = await deliverFile(file(), call, { pdf });
    assert.deepEqual([told.ok, told.pages, 'reason' in told && told.reason], [false, 1, 'not_kept']);
  });

  test('is not blamed when the gateway stops', async () => {
    const stop = new AbortController();
    const { call } = keeping((page) => page === 1 && stop.abort('cut'));
    const told = await deliverFile(file(), call, { pdf, signal: stop.signal });
    assert.equal('reason' in told && told.reason, 'not_kept');
  });
});
