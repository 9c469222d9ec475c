import { newKey, randomId, sealObject, wipe } from '../../crypto/index.ts';
import type {
  CoverPage,
  Inspected,
  RenderedPage,
  Renderer,
  RenderJob,
  RenderOptions,
  StoredPage,
} from '../ports/renderer.ts';

/** A form, filled with a sample and drawn in the sandbox as for a fax. */
export interface FormProof {
  /** The fields found in it that a cover knows. */
  readonly fields: readonly string[];
  readonly pages: number;
  /** Its first page, with square pixels. */
  readonly png: Uint8Array;
}

/** A text of usual length in every field, in the scripts that covers are set in. */
const SAMPLE: CoverPage = {
  template: 'letter',
  to: 'Dr A. Lindqvist',
  toNumber: '+12125550100',
  from: 'Ελένη Παπαδοπούλου',
  fromCompany: 'Riverside Clinic',
  fromNumber: '+12125550199',
  subject: 'Findings of 12 March',
  note: 'Sample of a note. Строка кириллицей.\nA second line.',
  confidentiality: 'This fax is for the person named above only.',
};

/** Fax pages that a form of three pages can make at most: each could be one so long that it is cut. */
const MOST_PAGES = 30;

/** Draws every page of `pdf` with the sample. @throws DocumentRejected when it cannot be a cover */
export async function proveForm(
  renderer: Pick<Renderer, 'render' | 'convert'>,
  pdf: Uint8Array,
  now: number,
): Promise<FormProof> {
  const dek = newKey();
  const fax = randomId('cover');
  try {
    const drawn = await draw(renderer, jobOf(fax, dek, pdf, now));
    return { ...drawn.facts, png: await pngOf(renderer, fax, dek, drawn.first) };
  } finally {
    wipe(dek);
  }
}

function jobOf(fax: string, dek: Uint8Array, pdf: Uint8Array, at: number): RenderJob {
  const object = 'cover/1';
  const options: RenderOptions = {
    resolution: 'fine',
    halftone: 'auto',
    contrast: 0,
    paper: 'a4',
    header: null,
    cover: { ...SAMPLE, at },
    maxPages: MOST_PAGES,
  };
  return { fax, dek, documents: [], coverForm: { object, sealed: sealObject(dek, { fax, object }, [pdf]) }, options };
}

async function draw(renderer: Pick<Renderer, 'render'>, job: RenderJob) {
  let inspected: Inspected | undefined;
  let first: RenderedPage | undefined;
  // To the last page: what draws only halfway is no cover.
  for await (const event of renderer.render(job)) {
    if (event.type === 'inspected') inspected = event;
    else first ??= event;
  }
  if (inspected === undefined || first === undefined) throw new Error('the renderer gave no page of a form');
  return { facts: { fields: inspected.coverFields ?? [], pages: inspected.pages }, first };
}

async function pngOf(
  renderer: Pick<Renderer, 'convert'>,
  fax: string,
  dek: Uint8Array,
  { object, width, rows, xDpi, yDpi, sealed }: RenderedPage,
): Promise<Uint8Array> {
  const page: StoredPage = { object, width, rows, xDpi, yDpi, sealed: inTurn(sealed) };
  const parts: Uint8Array[] = [];
  for await (const part of renderer.convert({ fax, dek, pages: [page], format: 'png' })) parts.push(Buffer.from(part));
  return new Uint8Array(Buffer.concat(parts));
}

async function* inTurn(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
