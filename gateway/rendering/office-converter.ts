import type { DeclaredType, OfficeType } from '../imaging/documents/office-type.ts';
import { OFFICE_TYPES } from '../imaging/documents/office-type.ts';
import type { RejectionCause, RenderJob, SealedDocument } from '../ports/renderer.ts';
import { DocumentRejected } from '../ports/renderer.ts';
import { RenderChild } from './child-process.ts';
import { RenderingError } from './error.ts';
import { encodeJson, type Frame } from './frames.ts';
import type { ChildLimits } from './limits.ts';
import type { OfficeOrder } from './office-order.ts';
import { officeCommand } from './office-sandbox.ts';
import { parseInspected, parseRejection } from './replies.ts';

/** Seconds for a whole conversion, on the clock and of CPU: LibreOffice alone takes several to start. */
const PATIENCE = { wall: 90, cpu: 60 };

/** One document of a job on its way through a converter. */
export interface Conversion {
  readonly job: Pick<RenderJob, 'fax' | 'dek' | 'options' | 'signal'>;
  readonly document: SealedDocument;
  readonly declared: DeclaredType;
  /** Index of the document in the job. */
  readonly index: number;
  /** Object name under which the PDF is sealed. */
  readonly output: string;
  /** Called with what the document is before its bytes come; not called when it needs no converter. */
  readonly found: (type: OfficeType) => void;
}

/** Makes sealed PDFs of sealed office documents, each in a converter of its own. */
export class OfficeConverter {
  readonly #office: string;
  readonly #limits: ChildLimits;
  readonly #children = new Set<RenderChild>();

  /** @param office path of LibreOffice, see `findOffice` */
  constructor(office: string, limits: ChildLimits) {
    this.#office = office;
    this.#limits = limits;
  }

  /**
   * The sealed PDF of a document; the document itself, sealed anew, when its bytes are not what its name says.
   * @throws {DocumentRejected}
   */
  async *convert(conversion: Conversion): AsyncGenerator<Uint8Array> {
    const { signal } = conversion.job;
    signal?.throwIfAborted();
    const child = new RenderChild(officeCommand(this.#office, this.#limits), this.#limits.cpuPerDocument);
    const abort = () => child.kill();
    this.#children.add(child);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      yield* this.#run(child, conversion);
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof RenderingError ? rejected('crash', conversion.index) : error;
    } finally {
      signal?.removeEventListener('abort', abort);
      child.kill();
      this.#children.delete(child);
    }
  }

  /** Ends every conversion; their jobs end with `crash`. */
  close(): void {
    for (const child of this.#children) child.kill('crash');
  }

  async *#run(child: RenderChild, conversion: Conversion): AsyncGenerator<Uint8Array> {
    const next = async () => checkFrame(await child.next(PATIENCE), child, conversion.index);
    await expectFrame(next, 'ready');
    await this.#feed(child, conversion);
    const { mediaTypes } = parseInspected((await expectFrame(next, 'inspected')).payload, 1);
    const type = Object.keys(OFFICE_TYPES).find((known) => known === mediaTypes[0]) as OfficeType | undefined;
    if (type !== undefined) conversion.found(type);
    for (let frame = await next(); frame.kind !== 'end'; frame = await next()) {
      if (frame.kind !== 'chunk') throw new RenderingError('protocol', 'a converter sends chunks');
      yield frame.payload;
    }
  }

  /** Sends everything; stops early when the child has heard enough, and its answer says why. */
  async #feed(child: RenderChild, { job, document, declared, output }: Conversion): Promise<void> {
    const { documentBytes } = this.#limits;
    const { object, sealed } = document;
    const { paper } = job.options;
    const order: OfficeOrder = { fax: job.fax, object, output, declared, paper, program: this.#office, documentBytes };
    if (!(await child.send('key', job.dek, PATIENCE)) || !(await child.send('job', encodeJson(order), PATIENCE)))
      return;
    for await (const chunk of sealed) if (!(await child.sendChunks(chunk, PATIENCE))) return;
    await child.send('end', new Uint8Array(0), PATIENCE);
  }
}

async function expectFrame(next: () => Promise<Frame>, kind: Frame['kind']): Promise<Frame> {
  const frame = await next();
  if (frame.kind !== kind) throw new RenderingError('protocol', `${kind} was expected`);
  return frame;
}

/** The frame, or why there is none. */
async function checkFrame(frame: Frame | undefined, child: RenderChild, index: number): Promise<Frame> {
  if (frame?.kind === 'rejected') {
    const { cause, message } = parseRejection(frame.payload);
    throw new DocumentRejected(cause, message, index);
  }
  if (frame === undefined) throw rejected(await child.causeOfEnd(), index);
  return frame;
}

const REASONS: Partial<Record<RejectionCause, string>> = {
  timeout: 'The document takes too long to convert.',
  memory: 'The document needs more memory than a document may use.',
};

function rejected(cause: RejectionCause, index: number): DocumentRejected {
  return new DocumentRejected(cause, REASONS[cause] ?? 'The document made its converter fail.', index);
}
