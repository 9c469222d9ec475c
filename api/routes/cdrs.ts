import type { z } from 'zod';
import type { Cdr } from '../../gateway/fax/cdr.ts';
import type { AccountId } from '../../gateway/fax/ids.ts';
import type { CdrSumFilter, CdrSummaryQuery } from '../../gateway/ports/cdr-records.ts';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { commonFilters, defined, queryId, queryNumber, queryPrefix } from '../fields.ts';
import { type Days, dayAfter, dayOf, daysOf } from '../report-days.ts';
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
import { viewOf } from './account-lookup.ts';
import { noteCdrExport } from './audit-entry.ts';

/** Lines are gathered up to this size before they go out. Octets. */
const CHUNK = 32 * 1024;
const tags = ['CDRs'];

/** Call detail records as JSON pages, as one stream of CSV or JSON Lines, and as sums. */
export function cdrRoutes(app: App, context: ApiContext): void {
  const { clock, budgets } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/cdrs',
    config: { access: 'api', needs: 'reports' },
    schema: {
      tags,
      summary: 'Call detail records, newest first',
      querystring: CdrQueryText,
      response: { 200: CdrList },
    },
    handler: async (request) => {
      const { limit, cursor } = request.query;
      const filter = cdrFilter(request.query, customerOf(request).account.id);
      const page = await viewOf(context, request).faxes.cdrs(defined({ ...filter, limit, cursor }));
      return { items: page.items.map(cdrView), next: page.next };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/cdrs/summary',
    config: { access: 'api', needs: 'reports' },
    schema: {
      tags,
      summary: 'Sums of calls, pages, billable seconds and costs by day or month',
      querystring: SummaryQuery,
      response: { 200: CdrSummaryView },
    },
    handler: async (request) => {
      const { account } = customerOf(request);
      const { cdrs } = viewOf(context, request);
      return summaryOf({ cdrs, clock, budgets }, request.query, account.policy.timeZone, account.id);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/cdrs.csv',
    config: { access: 'api', needs: 'reports' },
    schema: { tags, summary: 'All that match, as CSV', querystring: Filter, produces: ['text/csv'] },
    handler: async (request, reply) => {
      const filter = cdrFilter(request.query, customerOf(request).account.id);
      await noteCdrExport(context, request, 'csv', filter);
      await sendBytes(reply, csv(viewOf(context, request).faxes.streamCdrs(filter)), CSV_HEADERS);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/cdrs.jsonl',
    config: { access: 'api', needs: 'reports' },
    schema: {
      tags,
      summary: 'All that match, as JSON Lines with every field',
      querystring: Filter,
      produces: ['application/jsonl'],
    },
    handler: async (request, reply) => {
      const filter = cdrFilter(request.query, customerOf(request).account.id);
      await noteCdrExport(context, request, 'jsonl', filter);
      await sendBytes(reply, jsonLines(viewOf(context, request).faxes.streamCdrs(filter)), JSON_LINES_HEADERS);
    },
  });
}

/** A report as a query or a saved report asks for it. */
type Asked = Omit<z.output<typeof SummaryQuery>, 'account'>;

/** What a report is made with. */
interface ReportParts {
  readonly cdrs: Pick<ApiContext['gateway']['cdrs'], 'summary'>;
  readonly clock: Pick<ApiContext['gateway']['clock'], 'now'>;
  readonly budgets: Pick<ApiContext['gateway']['budgets'], 'currency'>;
}

/**
 * The report that is asked for; without days, this month until today.
 *
 * @param number what numbers go through on their way to the caller
 * @throws ApiError request_invalid, FaxError option_invalid
 */
export async function summaryOf(
  { cdrs, clock, budgets }: ReportParts,
  asked: Asked,
  ownTimeZone: string,
  account: AccountId | undefined,
  number?: (number: string) => string,
): Promise<z.infer<typeof CdrSummaryView>> {
  const { timeZone = ownTimeZone, group, by, percentiles, top } = asked;
  const { from, to } = spanOf(asked, dayOf(clock.now(), timeZone));
  const filter = sumFilter(asked);
  const query = { ...defined({ account, top }), from, to, timeZone, group, by, filter, percentiles };
  const { source, sums } = await cdrs.summary(query satisfies CdrSummaryQuery);
  const items = sums.map((sum) => cdrSumView(sum, number));
  return { from, to, timeZone, currency: budgets.currency, source, items };
}

/** What a report counts, in the records' form. @throws ApiError request_invalid, FaxError number_invalid */
export function sumFilter({ direction, carrier, result, cause, country, user, number, prefix }: Asked): CdrSumFilter {
  const who = { user: queryId('usr', user, '/user'), number: queryNumber(number), prefix: queryPrefix(prefix) };
  return defined({ direction, carrier, result, cause, country, ...who });
}

function spanOf({ from, to, period }: Pick<Asked, 'from' | 'to' | 'period'>, today: string): Days {
  if (period === undefined) return { from: from ?? `${today.slice(0, 7)}-01`, to: to ?? dayAfter(today) };
  if (from === undefined && to === undefined) return daysOf(period, today);
  throw new ApiError('request_invalid', 'either a period, or from and to', { pointer: '/period' });
}

/** The filters of a query in the records' form. */
export function cdrFilter(query: z.output<typeof CdrFilter>, account: AccountId | undefined) {
  return defined({
    account,
    fax: queryId('fax', query.fax, '/fax'),
    direction: query.direction,
    number: queryNumber(query.number),
    prefix: queryPrefix(query.prefix),
    user: queryId('usr', query.user, '/user'),
    result: query.result,
    cause: query.cause,
    carrier: query.carrier,
    country: query.country,
    ...commonFilters(query),
  });
}

/** RFC 4180 with a header line, gathered into chunks. */
export function csv(cdrs: AsyncIterable<Cdr>): AsyncGenerator<Uint8Array> {
  return chunks(`${CSV_HEAD}\r\n`, cdrs, (cdr) => `${csvLine(cdr)}\r\n`);
}

/** One JSON object a line, as the lists have them, gathered into chunks. */
export function jsonLines(cdrs: AsyncIterable<Cdr>): AsyncGenerator<Uint8Array> {
  return chunks('', cdrs, (cdr) => `${JSON.stringify(cdrView(cdr))}\n`);
}

async function* chunks(
  head: string,
  cdrs: AsyncIterable<Cdr>,
  lineOf: (cdr: Cdr) => string,
): AsyncGenerator<Uint8Array> {
  let text = head;
  for await (const cdr of cdrs) {
    text += lineOf(cdr);
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

/** Headers of both forms. */
export const CSV_HEADERS = {
  'content-type': 'text/csv; charset=utf-8; header=present',
  'content-disposition': 'attachment; filename="cdrs.csv"',
};
export const JSON_LINES_HEADERS = {
  'content-type': 'application/jsonl; charset=utf-8',
  'content-disposition': 'attachment; filename="cdrs.jsonl"',
};
