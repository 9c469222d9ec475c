import type { Call, Fax, PageRecord } from '../fax/fax.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import { accept } from './accept.ts';
import { CALL_COLUMNS } from './call-row.ts';
import { claimCall } from './claim-call.ts';
import { counts } from './counts.ts';
import { due, orphanCalls, pastDeadline } from './due.ts';
import { endCall } from './end-call.ts';
import { endUncalled } from './end-uncalled.ts';
import { FAX_COLUMNS } from './fax-row.ts';
import { acknowledge, leaseNext } from './hand-over.ts';
import { beginKey, dropKey } from './idempotency-key.ts';
import { breakLeases, release, renew, takeOver } from './lease.ts';
import { listCdrs, listFaxes, streamCdrs } from './lists.ts';
import { pageConfirmed, pageStarted } from './page-journal.ts';
import { intend, negotiated, passGate2 } from './place-call.ts';
import { inboundEnded, pageReceived, receiving, ring } from './receive.ts';
import { claimRender, rendered } from './render.ts';
import type { Store } from './store.ts';
import { cancel, resend } from './wishes.ts';

/** Faxes, calls and CDRs on PostgreSQL: one function a step, each in the file that its step is named after. */
export function createFaxRecords(store: Store): FaxRecords {
  const { database } = store;
  return {
    beginKey: (...args) => beginKey(database, ...args),
    dropKey: (...args) => dropKey(database, ...args),
    accept: async (...args) => accept(store, ...args),
    claimRender: (...args) => claimRender(store, ...args),
    rendered: (...args) => rendered(store, ...args),
    claimCall: (...args) => claimCall(store, ...args),
    renew: (...args) => renew(database, ...args),
    release: (...args) => release(store, ...args),
    intend: (...args) => intend(store, ...args),
    passGate2: (...args) => passGate2(store, ...args),
    negotiated: (...args) => negotiated(store, ...args),
    pageStarted: (call, fence, page) => pageStarted(store, call, fence, page),
    pageConfirmed: (...args) => pageConfirmed(store, ...args),
    endCall: (...args) => endCall(store, ...args),
    endUncalled: (...args) => endUncalled(store, ...args),
    orphanCalls: (...args) => orphanCalls(database, ...args),
    takeOver: (...args) => takeOver(database, ...args),
    breakLeases: (...args) => breakLeases(database, ...args),
    due: (...args) => due(database, ...args),
    pastDeadline: (...args) => pastDeadline(database, ...args),
    cancel: (...args) => cancel(store, ...args),
    resend: (...args) => resend(store, ...args),
    ring: (...args) => ring(store, ...args),
    receiving: (...args) => receiving(store, ...args),
    pageReceived: (...args) => pageReceived(store, ...args),
    inboundEnded: (...args) => inboundEnded(store, ...args),
    leaseNext: (...args) => leaseNext(database, ...args),
    acknowledge: (...args) => acknowledge(store, ...args),
    fax: (fax, account) =>
      database.row<Fax>(`select ${FAX_COLUMNS} from faxes f where f.id = $1 and ($2::text is null or f.account = $2)`, [
        fax,
        account ?? null,
      ]),
    faxes: (query) => listFaxes(database, query),
    pages: (fax) =>
      database.rows<PageRecord>(
        `select number, width, rows, x_dpi as "xDpi", y_dpi as "yDpi", bytes, mark, warnings
         from pages where fax = $1 order by number`,
        [fax],
      ),
    calls: (fax) => database.rows<Call>(`select ${CALL_COLUMNS} from calls c where c.fax = $1 order by c.fence`, [fax]),
    cdrs: (query) => listCdrs(database, query),
    streamCdrs: (query) => streamCdrs(database, query),
    counts: () => counts(database),
  };
}
