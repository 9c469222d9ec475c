import type { Call, Fax, PageRecord } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import { createAcceptance } from './accept.ts';
import { CALL_COLUMNS } from './call-row.ts';
import { createCallClaims } from './claim-calls.ts';
import { counts } from './counts.ts';
import { type Database, prepared } from './database.ts';
import { dueRenders, orphanCalls, pastDeadline } from './due.ts';
import { endCall } from './end-call.ts';
import { endUncalled } from './end-uncalled.ts';
import { FAX_COLUMNS } from './fax-row.ts';
import { gather } from './gather.ts';
import { acknowledge, leaseNext } from './hand-over.ts';
import { createKeyTaking, dropKey, renewKey } from './idempotency-key.ts';
import { breakLeases, release, renew, takeOver } from './lease.ts';
import { replan } from './line.ts';
import { listCdrs, listFaxes, readCall, readCalls, streamCdrs } from './lists.ts';
import { live } from './live.ts';
import { overview } from './overview.ts';
import { pageConfirmed, pageStarted } from './page-journal.ts';
import { intend, negotiated, passGate2, taken } from './place-call.ts';
import { inboundEnded, knownFax, pageReceived, receiving, ring } from './receive.ts';
import { claimNextRender, claimRender, rendered } from './render.ts';
import type { Store } from './store.ts';
import { cancel, resend } from './wishes.ts';

/** Faxes, calls and CDRs on PostgreSQL: one function a step, each in the file that its step is named after. */
export function createFaxRecords(store: Store): FaxRecords {
  const { database } = store;
  const takeKey = createKeyTaking(database);
  const readFax = createFaxReading(database);
  return {
    beginKey: (account, key, now) => takeKey({ account, key, now }),
    renewKey: (...args) => renewKey(database, ...args),
    dropKey: (...args) => dropKey(database, ...args),
    accept: createAcceptance(store),
    claimRender: (...args) => claimRender(store, ...args),
    claimNextRender: (...args) => claimNextRender(store, ...args),
    rendered: (...args) => rendered(store, ...args),
    claimCalls: createCallClaims(store),
    replan: (configuration) => replan(database, configuration),
    renew: (...args) => renew(database, ...args),
    release: (...args) => release(store, ...args),
    intend: (...args) => intend(store, ...args),
    passGate2: (...args) => passGate2(store, ...args),
    taken: (...args) => taken(store, ...args),
    negotiated: (...args) => negotiated(store, ...args),
    pageStarted: (call, fence, page) => pageStarted(store, call, fence, page),
    pageConfirmed: (...args) => pageConfirmed(store, ...args),
    endCall: (...args) => endCall(store, ...args),
    endUncalled: (...args) => endUncalled(store, ...args),
    orphanCalls: (...args) => orphanCalls(database, ...args),
    takeOver: (...args) => takeOver(database, ...args),
    breakLeases: (...args) => breakLeases(database, ...args),
    dueRenders: (...args) => dueRenders(database, ...args),
    pastDeadline: (...args) => pastDeadline(database, ...args),
    cancel: (...args) => cancel(store, ...args),
    resend: (...args) => resend(store, ...args),
    knownFax: (carrier, reference) => knownFax(database, carrier, reference),
    ring: (...args) => ring(store, ...args),
    receiving: (...args) => receiving(store, ...args),
    pageReceived: (...args) => pageReceived(store, ...args),
    inboundEnded: (...args) => inboundEnded(store, ...args),
    leaseNext: (...args) => leaseNext(database, ...args),
    acknowledge: (...args) => acknowledge(store, ...args),
    fax: async (id, account) => {
      const fax = await readFax(id);
      return account === undefined || fax?.account === account ? fax : undefined;
    },
    faxes: (query) => listFaxes(database, query),
    pages: (fax) =>
      database.rows<PageRecord>(
        `select number, width, rows, x_dpi as "xDpi", y_dpi as "yDpi", bytes, mark, warnings
         from pages where fax = $1 order by number`,
        [fax],
      ),
    calls: (fax) => database.rows<Call>(`select ${CALL_COLUMNS} from calls c where c.fax = $1 order by c.fence`, [fax]),
    cdrs: (query) => listCdrs(database, query),
    callRecord: (call, account) => readCall(database, call, account),
    callRecords: (fax) => readCalls(database, fax),
    streamCdrs: (query) => streamCdrs(database, query),
    counts: () => counts(database),
    overview: (...args) => overview(database, ...args),
    live: (...args) => live(database, ...args),
  };
}

/** Faxes read by one statement. */
const MOST_READ = 64;

const READ_FAXES = prepared('read_faxes', `select ${FAX_COLUMNS} from faxes f where f.id = any($1)`);

/** Reads faxes by their ids, those that are asked for at the same time with one statement. */
function createFaxReading(database: Database): (id: FaxId) => Promise<Fax | undefined> {
  return gather(async (ids) => {
    const rows = await database.rows<Fax>(READ_FAXES, [ids]);
    return ids.map((id) => rows.find((fax) => fax.id === id));
  }, MOST_READ);
}
