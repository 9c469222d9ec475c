import type { z } from 'zod';
import type { Cdr } from '../../gateway/fax/cdr.ts';
import type { AccountId } from '../../gateway/fax/ids.ts';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { commonFilters, defined, queryId, queryNumber } from '../fields.ts';
import { type CdrFilter, CdrList, CdrQueryText, CdrFilter as Filter } from '../schemas/index.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { CSV_HEAD, cdrView, csvLine } from '../views/cdr-view.ts';

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
