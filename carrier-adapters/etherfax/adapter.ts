import type { CarrierAdapter, LookupAnswer, PurgeReport } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { clientAt, createHttpClient, type HttpClient } from '../http/index.ts';
import type { EtherfaxConfig } from './config.ts';
import { Inbox } from './inbox.ts';
import { Jobs } from './jobs.ts';
import { ended, isRunning } from './outcome.ts';
import { place, type Sending, statusOf } from './place.ts';
import { accountStatus, authorization, type JobStatus, markReceived } from './wire.ts';

/**
 * An etherFAX account: see the README of this folder.
 *
 * @param client the API; by default as `config` says
 */
export function createEtherfax(
  config: EtherfaxConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  client = clientOf(config, clock, log),
): CarrierAdapter {
  const stop = new AbortController();
  const jobs = new Jobs();
  const statusInterval = config.statusInterval * 1_000;
  const sending: Sending = { client, clock, jobs, statusInterval, stopped: stop.signal };
  /** What belongs to one call goes to one address of the API. */
  const of = (reference: string): Sending => ({ ...sending, client: clientAt(client, reference) });
  let inbox: Inbox | undefined;
  return {
    name: config.name,
    kind: 'etherfax',
    capabilities: {
      idempotencyKey: false,
      lookupByRef: true,
      perPageStatus: false,
      cancellable: false,
      inbound: config.inbound ? 'poll' : 'none',
      mediaDelivery: 'push',
      leaseBound: false,
    },
    limits: { maxCalls: config.channels, callsPerSecond: null },
    async start(reception) {
      if (!config.inbound || stop.signal.aborted) return;
      const { name: carrier, countryCode, maxFile } = config;
      const interval = config.inboxInterval * 1_000;
      inbox = new Inbox({
        carrier,
        client,
        clock,
        log,
        reception,
        interval,
        countryCode,
        maxFile,
        stopped: stop.signal,
      });
    },
    async drain() {
      inbox?.close();
    },
    async stop() {
      inbox?.close();
      stop.abort();
    },
    place: (call) => place(of(call.reference), call),
    lookup: (reference, carrierId) => lookup(of(reference), reference, carrierId),
    purge: (reference, carrierId) => purge(of(reference), config.retention, reference, carrierId),
    health: () => health(client),
  } satisfies CarrierAdapter;
}

function clientOf(config: EtherfaxConfig, clock: Clock, log: Log): HttpClient {
  const { baseUrl: base, otherUrls: others } = config;
  return createHttpClient({ base, others, clock, log, headers: { authorization: authorization(config) } });
}

/** The API deletes nothing; whether there is anything to delete is in the contract. */
const PURGES: Readonly<Record<EtherfaxConfig['retention'], PurgeReport>> = {
  unknown: { outcome: 'kept', detail: 'etherFAX has no request that deletes a document', final: true },
  none: { outcome: 'none', detail: 'etherFAX keeps no documents of this account, by contract' },
};

/**
 * Marks a fax that was received as no longer unread (`reference` is its job), and says whether its document is kept. A
 * reference of ours is no job of theirs, so that asking does no harm.
 */
async function purge(
  { client, stopped }: Sending,
  retention: EtherfaxConfig['retention'],
  reference: string,
  carrierId: string | undefined,
): Promise<PurgeReport> {
  if (carrierId !== undefined) return PURGES[retention];
  const answer = await client.exchange({ ...markReceived(reference), signal: stopped });
  // 400 and 404: it has no such fax in its inbox.
  if (answer.ok && [200, 400, 404].includes(answer.status)) return PURGES[retention];
  const why = answer.ok ? `HTTP ${answer.status}` : answer.failure;
  return { outcome: 'kept', detail: `etherFAX: the fax is still unread there: ${why}` };
}

/**
 * A fax that this process has handed over, or of which the journal has the carrier's id: it finds nothing by our
 * reference. How many pages it had, after a restart, only the carrier's count says.
 */
async function lookup(sending: Sending, reference: string, carrierId?: string): Promise<LookupAnswer> {
  const job = sending.jobs.get(reference);
  if (job?.result !== undefined) return { found: 'ended', result: job.result };
  const id = job?.id ?? carrierId;
  if (id === undefined) return { found: 'unknown' };
  const status = await statusOf(sending, id);
  if (status === 'missing') return { found: 'unknown' };
  if (status === 'unreachable' || isRunning(status.result)) return { found: 'live' };
  const pages = job?.pages ?? pagesOf(status);
  if (pages === null) return { found: 'unknown' };
  const result = ended(status, pages);
  sending.jobs.keep(reference, { id, pages, result });
  return { found: 'ended', result };
}

/**
 * Pages of a fax of which only its status is known. A success without a count does not say how many it speaks for; of a
 * failed fax none is taken for delivered that was not counted.
 */
function pagesOf({ result, pagesDelivered }: JobStatus): number | null {
  const success = 'known' in result && result.known === 'Success';
  if (!success) return Number.POSITIVE_INFINITY;
  return pagesDelivered === 0 ? null : pagesDelivered;
}

async function health(client: HttpClient): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const answer = await client.exchange({ ...accountStatus(), timeout: 10_000 });
  if (!answer.ok) return { ok: false, detail: `the API does not answer: ${answer.failure}` };
  if (answer.status === 200) return { ok: true, detail: 'the account is open' };
  const denied = answer.status === 401 || answer.status === 403;
  return { ok: false, detail: denied ? 'the API refuses the credentials' : `the API answers HTTP ${answer.status}` };
}
