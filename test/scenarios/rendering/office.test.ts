import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { DocumentRejected, type Renderer } from '../../../gateway/ports/renderer.ts';
import { converterFinding } from '../../../gateway/rendering/converting-renderer.ts';
import { createRenderer, DEFAULT_LIMITS } from '../../../gateway/rendering/index.ts';
import { findOffice, officeCommand, officeSandboxWorks } from '../../../gateway/rendering/office-sandbox.ts';
import { zipOf } from '../../unit/imaging/documents/zip.ts';
import { collect, jobOf, samplePdf } from './samples.ts';

const text = (value: string) => new TextEncoder().encode(value);
const HTML = text('<!DOCTYPE html><html><body><h1>Rechnung</h1><p>Grüße, Ωμέγα, Привет</p></body></html>');
const RTF = text('{\\rtf1\\ansi Hello from RTF}');
const ODT = 'application/vnd.oasis.opendocument.text';
const odt = (body: string) =>
  zipOf([
    { name: 'mimetype', text: ODT },
    {
      name: 'content.xml',
      text: `<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:text><text:p>${body}</text:p></office:text></office:body></office:document-content>`,
    },
    {
      name: 'META-INF/manifest.xml',
      text: `<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="${ODT}"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`,
    },
  ]);

const office = findOffice();
const confined = office !== undefined && (await officeSandboxWorks(office, DEFAULT_LIMITS));
const ready = confined ? false : 'LibreOffice is not installed, or bubblewrap may not be used here';

/** A job for one document as `about` calls it. */
function jobFor(document: Uint8Array, about: { fileName?: string; mediaType?: string } = {}) {
  const job = jobOf([document], { resolution: 'standard' });
  return { ...job, documents: job.documents.map((one) => ({ ...one, ...about })) };
}

function refusal(cause: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof DocumentRejected);
    assert.deepEqual([error.cause, error.document], [cause, 0]);
    assert.match(error.message, message);
    return true;
  };
}

describe('an office document becomes fax pages through LibreOffice', { skip: ready }, () => {
  let renderer: Renderer;
  before(async () => {
    renderer = await createRenderer({ pool: { spare: 1, working: 2 } });
  });
  after(() => renderer.close());

  const documents: [string, Uint8Array, { fileName?: string; mediaType?: string }, string][] = [
    ['HTML', HTML, { mediaType: 'text/html' }, 'text/html'],
    ['RTF', RTF, { fileName: 'letter.rtf' }, 'application/rtf'],
    ['ODT', odt('Hello from ODT'), { fileName: 'letter.odt' }, ODT],
  ];
  for (const [kind, document, about, type] of documents) {
    test(`${kind} has one page with ink, and keeps its media type`, async () => {
      const { events, summary } = await collect(renderer.render(jobFor(document, about)));
      assert.equal(summary.pages, 1);
      assert.deepEqual(events[0], { type: 'inspected', pages: 1, mediaTypes: [type] });
      const [, page] = events;
      assert.ok(page?.type === 'page' && page.bytes > 200);
      assert.deepEqual(page.warnings, []);
    });
  }

  test('a PDF that is called a DOCX is drawn as the PDF it is', async () => {
    const { events } = await collect(renderer.render(jobFor(await samplePdf(2), { fileName: 'letter.docx' })));
    assert.deepEqual(events[0], { type: 'inspected', pages: 2, mediaTypes: ['application/pdf'] });
  });

  test('a document that LibreOffice cannot read is damaged', async () => {
    const broken = zipOf([
      { name: '[Content_Types].xml', text: '<' },
      { name: 'word/document.xml', text: '<w:' },
    ]);
    const run = collect(renderer.render(jobFor(broken, { fileName: 'broken.docx' })));
    await assert.rejects(run, refusal('damaged', /LibreOffice cannot read the document/));
  });

  test('without a name that says so, the refusal asks for one', async () => {
    const run = collect(renderer.render(jobFor(RTF)));
    await assert.rejects(run, refusal('unsupported_type', /send it with its file name or media type/));
  });

  test('a job that is given up ends its converter', async () => {
    const abort = new AbortController();
    const run = renderer.render({ ...jobFor(HTML, { mediaType: 'text/html' }), signal: abort.signal });
    const first = run.next();
    abort.abort(new Error('given up'));
    await assert.rejects(first, { message: 'given up' });
  });
});

describe('the sandbox of a converter', { skip: ready }, () => {
  test('no network, no /etc/passwd, no file but in a /tmp of its own, no other process', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const root = new URL('../../../', import.meta.url).pathname;
    const script = `
      attempt() { "$@" > /dev/null 2>&1 && echo "$3 $4"; }
      attempt sh -c "exec 3<>/dev/tcp/127.0.0.1/${port}" socket
      attempt bash -c "exec 3<>/dev/tcp/127.0.0.1/${port}" socket
      attempt sh -c 'cat /etc/passwd' passwd
      attempt sh -c 'ls /home' home
      attempt sh -c 'ls ${root}api' code
      attempt sh -c ': > /attempt' root
      attempt sh -c ': > /usr/attempt' usr
      attempt sh -c ': > /dev/shm/attempt' shm
      attempt sh -c ': > /var/tmp/attempt' var
      attempt sh -c 'kill -0 ${process.pid}' process
      attempt sh -c 'head -c 300000000 /dev/zero > /tmp/attempt' flood
      attempt sh -c 'rm -f /tmp/attempt; : > /tmp/attempt' tmp
      exit 0`;
    const { file, args, env } = officeCommand(office ?? '', DEFAULT_LIMITS, ['/bin/sh', '-c', script]);
    const done = await new Promise<string>((resolve, reject) => {
      execFile(file, [...args], { env, timeout: 60_000 }, (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      );
    }).finally(() => server.close());
    assert.deepEqual(
      done
        .trim()
        .split('\n')
        .map((line) => line.trim().split(' ').at(-1)),
      ['tmp'],
    );
  });
});

describe('without a converter', () => {
  let plain: Renderer;
  before(async () => {
    plain = await createRenderer({ sandbox: 'none', pool: { spare: 0, working: 1 } });
  });
  after(() => plain.close());

  test('an office document is refused and the reason is given', async () => {
    for (const [document, about] of [
      [RTF, { fileName: 'letter.rtf' }],
      [HTML, {}],
    ] as const) {
      const run = collect(plain.render(jobFor(document, about)));
      await assert.rejects(run, refusal('converter_missing', /needs LibreOffice, which is not .*; send it as PDF\./));
    }
  });

  test('what is called text is printed as text, tags and all', async () => {
    const { events } = await collect(plain.render(jobFor(HTML, { mediaType: 'text/plain' })));
    assert.deepEqual(events[0], { type: 'inspected', pages: 1, mediaTypes: ['text/plain'] });
  });

  test('the host report has a line for it', async () => {
    const findings = await plain.hostFindings();
    const state = office === undefined ? 'missing' : 'unconfined';
    assert.deepEqual(findings.at(-1), converterFinding(state));
    assert.equal(converterFinding('unconfined').level, 'yellow');
    assert.match(converterFinding('missing').text, /refused: LibreOffice is not installed/);
  });
});
