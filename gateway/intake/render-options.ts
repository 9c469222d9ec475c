import { isShippedCover } from '../fax/cover.ts';
import type { CoverText, PageOptions, PaperWidth } from '../fax/fax.ts';
import type { E164 } from '../fax/number.ts';
import type { CoverPage, RenderOptions } from '../ports/renderer.ts';

/** What the renderer has to know of a fax. */
export interface RenderSubject {
  readonly from: E164 | null;
  readonly to: E164;
  readonly options: PageOptions;
  /** Moment that the header line shows, milliseconds since 1970. */
  readonly at: number;
  readonly maxPages: number;
}

/** Pels of the recording widths at 204 dpi (T.4 table 1). */
const WIDTHS = { a4: 1728, b4: 2048, a3: 2432 } as const satisfies Record<PaperWidth, number>;

/** The renderer's options for a fax. */
export function renderOptions({ from, to, options, at, maxPages }: RenderSubject): RenderOptions {
  const { header, senderName: name, csid, timeZone } = options;
  const template = header === null || header === '' ? {} : { template: header };
  return {
    resolution: options.resolution,
    halftone: options.halftone,
    contrast: options.contrast,
    paper: options.paper,
    maxWidth: WIDTHS[options.width ?? 'a4'],
    trimBlank: options.length !== 'full',
    maxPages,
    header: header === null ? null : { ...template, name, csid, to, at, timeZone },
    cover: options.cover === null ? null : { ...coverPage(options.cover, from, to), at, timeZone },
  };
}

function coverPage(cover: CoverText, from: E164 | null, to: E164): CoverPage {
  return {
    template: isShippedCover(cover.template) ? cover.template : 'letter',
    to: cover.to,
    toNumber: to,
    from: cover.from,
    fromCompany: cover.company,
    ...(from === null ? {} : { fromNumber: from }),
    subject: cover.subject,
    note: cover.note,
    confidentiality: cover.confidentiality,
  };
}
