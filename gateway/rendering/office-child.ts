// The program of a converter: one process and LibreOffice below it, one document, no network. It has what a rendering
// child has and the system's programs and fonts, and a /tmp in memory that ends with it. The document comes sealed
// and leaves as a sealed PDF; a document of another kind leaves as it came.

import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { DocumentError } from '../imaging/documents/error.ts';
import { OFFICE_TYPES, type OfficeType, sniffOfficeType } from '../imaging/documents/office-type.ts';
import type { Assignment } from './assignment.ts';
import { RenderingError } from './error.ts';
import { readObject, writeObject } from './objects.ts';
import { type OfficeOrder, parseOfficeOrder } from './office-order.ts';
import { officeProfile } from './office-profile.ts';
import { ChildPipe } from './pipe.ts';

/** Where the document lies in plain: a file system of this process alone, in memory. */
const WORK = '/tmp/work';

/** Settings of LibreOffice, likewise. */
const PROFILE = '/tmp/profile';

const pipe = new ChildPipe();

async function main(): Promise<void> {
  pipe.write('ready');
  const key = pipe.read();
  if (key === undefined) return;
  const order = pipe.read();
  if (key.kind !== 'key' || order?.kind !== 'job') throw new RenderingError('protocol', 'a key and a job come first');
  await convert({ pipe, dek: key.payload, document: null }, parseOfficeOrder(order.payload));
}

async function convert(job: Assignment, order: OfficeOrder): Promise<void> {
  const bytes = await readObject(job, order.fax, order.object, order.documentBytes);
  const type = sniffOfficeType(bytes, order.declared ?? undefined);
  const out = type === undefined ? bytes : await pdfOf(bytes, type, order);
  pipe.writeJson('inspected', { pages: 1, mediaTypes: type === undefined ? [] : [type] });
  await writeObject(job, order.fax, order.output, out);
  pipe.writeJson('done', {});
}

async function pdfOf(bytes: Uint8Array, type: OfficeType, order: OfficeOrder): Promise<Uint8Array> {
  const input = `${WORK}/document.${OFFICE_TYPES[type]}`;
  await mkdir(WORK);
  await writeFile(input, bytes);
  bytes.fill(0);
  await mkdir(`${PROFILE}/user`, { recursive: true });
  await writeFile(`${PROFILE}/user/registrymodifications.xcu`, officeProfile(order.paper));
  await runOffice(order.program, input, type);
  const path = `${WORK}/document.pdf`;
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > order.documentBytes) throw new DocumentError('too_large', 'The document is too large as PDF.');
  if (size > 0) return readFile(path);
  throw new DocumentError('damaged', 'LibreOffice cannot read the document: it is damaged or protected by a password.');
}

/** HTML as a document of pages: the editor for web pages begins its PDF with an empty one. */
const AS_LETTER = ['--infilter=HTML (StarWriter)'];

/** Converts `input` beside itself. The program's exit status says nothing, and its words could quote the document. */
function runOffice(program: string, input: string, type: OfficeType): Promise<void> {
  const profile = `-env:UserInstallation=file://${PROFILE}`;
  const quiet = ['--headless', '--norestore', '--nolockcheck', '--nodefault', '--nologo'];
  const args = [
    profile,
    ...quiet,
    ...(type === 'text/html' ? AS_LETTER : []),
    '--convert-to',
    'pdf:writer_pdf_Export',
    '--outdir',
    WORK,
    input,
  ];
  return new Promise((resolve) => {
    execFile(program, args, { cwd: WORK, maxBuffer: 1 << 20 }, () => resolve());
  });
}

/** Tells the gateway why. Only texts of our own classes leave. */
function reject(error: unknown): void {
  const known = error instanceof DocumentError;
  const message = known ? error.message : 'The document made its converter fail.';
  pipe.writeJson('rejected', { cause: known ? error.code : 'crash', message });
}

try {
  await main();
} catch (error) {
  reject(error);
}
process.exit(0);
