import { declaredType, type OfficeType } from '../imaging/documents/office-type.ts';
import type {
  ConvertJob,
  HostFinding,
  Inspected,
  RenderEvent,
  Renderer,
  RenderJob,
  RenderSummary,
  SealedDocument,
} from '../ports/renderer.ts';
import { DocumentRejected } from '../ports/renderer.ts';
import type { ChildLimits } from './limits.ts';
import { OfficeConverter } from './office-converter.ts';
import { findOffice, officeSandboxWorks } from './office-sandbox.ts';
import type { SandboxKind } from './sandbox.ts';

/** Whether office documents can be converted on this host: LibreOffice is used only where it can be confined. */
export type ConverterState = 'ready' | 'missing' | 'unconfined';

/** A renderer that also takes what LibreOffice can read, where it is installed and bubblewrap confines it. */
export async function withConverter(renderer: Renderer, sandbox: SandboxKind, limits: ChildLimits): Promise<Renderer> {
  const office = findOffice();
  if (office === undefined) return new ConvertingRenderer(renderer, 'missing', undefined);
  const confined = sandbox === 'bubblewrap' && (await officeSandboxWorks(office, limits));
  if (!confined) return new ConvertingRenderer(renderer, 'unconfined', undefined);
  return new ConvertingRenderer(renderer, 'ready', new OfficeConverter(office, limits));
}

/** Passes everything through; documents that their names call office documents go through a converter first. */
class ConvertingRenderer implements Renderer {
  readonly #inner: Renderer;
  readonly #state: ConverterState;
  readonly #converter: OfficeConverter | undefined;

  constructor(inner: Renderer, state: ConverterState, converter: OfficeConverter | undefined) {
    this.#inner = inner;
    this.#state = state;
    this.#converter = converter;
  }

  async *render(job: RenderJob): AsyncGenerator<RenderEvent, RenderSummary> {
    const converted = new Map<number, OfficeType>();
    const documents = job.documents.map((document, index) => this.#source(job, document, index, converted));
    const run = this.#inner.render({ ...job, documents });
    let finished = false;
    try {
      for (;;) {
        const { value, done } = await run.next();
        finished = done === true;
        if (done === true) return value;
        yield value.type === 'inspected' ? withTypes(value, converted) : value;
      }
    } catch (error) {
      finished = true;
      throw error instanceof DocumentRejected ? explained(error, this.#state) : error;
    } finally {
      if (!finished) await run.return({ pages: 0, bytes: 0 });
    }
  }

  /** The document, or the PDF that a converter will make of it when its turn comes. */
  #source(job: RenderJob, document: SealedDocument, index: number, converted: Map<number, OfficeType>): SealedDocument {
    const declared = declaredType(document.mediaType, document.fileName);
    if (this.#converter === undefined || declared === undefined || declared === 'text/plain') return document;
    const output = `pdf/${index}`;
    const found = (type: OfficeType) => void converted.set(index, type);
    const sealed = this.#converter.convert({ job, document, declared, index, output, found });
    return { object: output, sealed };
  }

  convert(job: ConvertJob): AsyncGenerator<Uint8Array> {
    return this.#inner.convert(job);
  }

  async hostFindings(): Promise<readonly HostFinding[]> {
    return [...(await this.#inner.hostFindings()), converterFinding(this.#state)];
  }

  close(): Promise<void> {
    this.#converter?.close();
    return this.#inner.close();
  }
}

/** A document is called what it came as, so that a later rendering converts it again. */
function withTypes(inspected: Inspected, converted: ReadonlyMap<number, OfficeType>): Inspected {
  return { ...inspected, mediaTypes: inspected.mediaTypes.map((type, index) => converted.get(index) ?? type) };
}

/** Says why there was no conversion, which the rendering child does not know. */
function explained(error: DocumentRejected, state: ConverterState): DocumentRejected {
  if (error.cause !== 'converter_missing') return error;
  if (state === 'ready') {
    const message = 'The document needs LibreOffice; send it with its file name or media type.';
    return new DocumentRejected('unsupported_type', message, error.document);
  }
  const why =
    state === 'missing' ? 'is not installed on this gateway' : 'is not used here, because bubblewrap is missing';
  const message = `The document needs LibreOffice, which ${why}; send it as PDF.`;
  return new DocumentRejected('converter_missing', message, error.document);
}

/** What the host report says about `state`. */
export function converterFinding(state: ConverterState): HostFinding {
  const kinds = 'DOCX, DOC, ODT, RTF and HTML';
  switch (state) {
    case 'ready':
      return {
        level: 'green',
        code: 'converter',
        text: `${kinds} are converted by LibreOffice in a bubblewrap sandbox.`,
      };
    case 'missing':
      return { level: 'green', code: 'converter', text: `${kinds} are refused: LibreOffice is not installed.` };
    case 'unconfined':
      return {
        level: 'yellow',
        code: 'converter',
        text: `${kinds} are refused: LibreOffice is installed, but is used only in bubblewrap, which does not work here.`,
      };
  }
}
