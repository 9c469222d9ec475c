import type { SinchApi } from './wire.ts';

/** How the fax service stands, and what its settings mean for faxes. */
export interface ServiceKeeping {
  readonly ok: boolean;
  readonly detail: string;
  /** A setting that an operator should change, in a sentence. */
  readonly warning: string | null;
}

/** What the gateway wants of the service. */
export interface Wanted {
  /** Faxes are to come in. */
  readonly receives: boolean;
  /** Callbacks are believed. */
  readonly hears: boolean;
}

const OUTBOUND =
  'the service keeps the documents of sent faxes until each is purged: switch off saveOutboundFaxDocuments';
const LOST = 'the service keeps no received documents, and without callbacks they are lost: set one of the two';

/** Asks what the service keeps. Documents that are not kept need not be purged: `saveOutboundFaxDocuments` should be off. */
export async function keepingOf(api: SinchApi, serviceId: string | undefined, wanted: Wanted): Promise<ServiceKeeping> {
  const told = await api.service(serviceId);
  if (told.is === 'absent') return bad('there is no such fax service');
  if (told.is === 'refused') return bad(`the account is refused: HTTP ${told.status}`);
  if (told.is === 'unknown') return bad(`no answer: ${told.detail}`);
  const { saveOutboundFaxDocuments: outbound, saveInboundFaxDocuments: inbound } = told.value;
  const detail = 'the fax service is there';
  if (wanted.receives && !wanted.hears && inbound === false) return { ok: false, detail, warning: LOST };
  return { ok: true, detail, warning: outbound === false ? null : OUTBOUND };
}

function bad(detail: string): ServiceKeeping {
  return { ok: false, detail, warning: null };
}
