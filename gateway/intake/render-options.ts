import type { CoverText, PageOptions } from '../fax/fax.ts';
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

/** The renderer's options for a fax. */
export function renderOptions({ from, to, options, at, maxPages }: RenderSubject): RenderOptions {
  const { header, senderName: name, csid, timeZone } = options;
  const template = header === null || header === '' ? {} : { template: header };
  return {
    resolution: options.resolution,
    halftone: options.halftone,
    contrast: options.contrast,
    paper: options.paper,
    maxPages,
    header: header === null ? null : { ...template, name, csid, to, at, timeZone },
    cover: options.cover === null ? null : coverPage(options.cover, from, to),
  };
}

function coverPage(cover: CoverText, from: E164 | null, to: E164): CoverPage {
  return {
    template: cover.template === 'form' ? 'form' : 'letter',
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
