import type { z } from 'zod';
import type { Cdr } from '../../gateway/fax/cdr.ts';
import type { AccountId } from '../../gateway/fax/ids.ts';
import type { CdrSummaryQuery } from '../../gateway/ports/cdr-records.ts';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { commonFilters, defined, queryId, queryNumber } from '../fields.ts';
import {
  type CdrFilter,
  CdrList,
  CdrQueryText,
  CdrSummaryView,
  CdrFilter as Filter,
  CdrSummaryQuery as SummaryQuery,
} from '../schemas/index.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { CSV_HEAD, cdrSumView, cdrView, csvLine } from '../views/cdr-view.ts';

/** Lines are gathered up to this size before they go out. Octets. */
const CSV_CHUNK = 32 * 1024;
const tags = ['CDRs'];

/** Call detail records as JSON pages and as one streamed CSV. */
export function cdrRoutes(app: App, { gateway }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/cdrs',
    config: { access: 'api' },
    schema: {
      tags,
      summary: 'Call detail records, newest first',
      querystring: CdrQueryText,
      response: { 200: CdrList },
    },
    handler: async (request) => {
      const { limit, cursor } = request.query;
      const filter = cdrFilter(request.query, customerOf(request).account.id);
      const page = await gateway.faxes.cdrs(defined({ ...filter, limit, cursor }));
      return { items: page.items.map(cdrView), next: page.next };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/cdrs/summary',
    config: { access: 'api' },
    schema: {
      tags,
      summary: 'Sums of calls, pages, billable seconds and costs by day or month',
      querystring: SummaryQuery,
      response: { 200: CdrSummaryView },
    },
    handler: async (request) => {
      const { account } = customerOf(request);
      return summaryOf(gateway, request.query, account.policy.timeZone, account.id);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/cdrs.csv',
    config: { access: 'api' },
    schema: { tags, summary: 'All that match, as CSV', querystring: Filter, produces: ['text/csv'] },
    handler: async (request, reply) => {
      const filter = cdrFilter(request.query, customerOf(request).account.id);
      await sendBytes(reply, csv(gateway.faxes.streamCdrs(filter)), {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': 'attachment; filename="cdrs.csv"',
      });
    },
  });
}

/** The report that a query asks for; without days, this month until today. */
export async function summaryOf(
  { cdrs, clock, budgets }: Pick<ApiContext['gateway'], 'cdrs' | 'clock' | 'budgets'>,
  query: z.output<typeof SummaryQuery>,
  ownTimeZone: string,
  account: AccountId | undefined,
): Promise<z.infer<typeof CdrSummaryView>> {
  const { timeZone = ownTimeZone, group, by } = query;
  const today = dayOf(clock.now(), timeZone);
  const { from = `${today.slice(0, 7)}-01`, to = dayAfter(today) } = query;
  const asked: CdrSummaryQuery = { ...defined({ account }), from, to, timeZone, group, by };
  const items = (await cdrs.summary(asked)).map(cdrSumView);
  return { from, to, timeZone, currency: budgets.currency, items };
}

/** The day of a moment on the calendar of `timeZone`, such as `2026-11-21`. */
function dayOf(at: number, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const parts = new Map(day.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

/** The filters of a query in the records' form. */
export function cdrFilter(query: z.output<typeof CdrFilter>, account: AccountId | undefined) {
  return defined({
    account,
    fax: queryId('fax', query.fax, '/fax'),
    direction: query.direction,
    number: queryNumber(query.number),
    user: queryId('usr', query.user, '/user'),
    result: query.result,
    ...commonFilters(query),
  });
}

/** RFC 4180 with a header line, gathered into chunks. */
export async function* csv(cdrs: AsyncIterable<Cdr>): AsyncGenerator<Uint8Array> {
  let text = `${CSV_HEAD}\r\n`;
  for await (const cdr of cdrs) {
    text += `${csvLine(cdr)}\r\n`;
    if (text.length < CSV_CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
