import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Cdr } from '../../gateway/fax/cdr.ts';
import type { SavedReport } from '../../gateway/ports/cdr-records.ts';
import { type App, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { defined, queryId } from '../fields.ts';
import { maskedNumber, masksNumbers, numbersFor, refuseGuess } from '../masking.ts';
import {
  AccountIdText,
  CdrFilter,
  CdrSummaryView,
  SavedQuery,
  SavedReportBody,
  SavedReportList,
  SavedReportView,
} from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { maskedCdr } from '../views/cdr-view.ts';
import { actorOf, viewOf } from './account-lookup.ts';
import { noteCdrExport } from './audit-entry.ts';
import { CSV_HEADERS, cdrFilter, csv, JSON_LINES_HEADERS, jsonLines, sumFilter, summaryOf } from './cdrs.ts';
import { ADMINISTRATORS, CUSTOMERS, ReportParams, type ReportRealm } from './report-realm.ts';

const StreamQuery = CdrFilter.extend({ account: AccountIdText.optional() });

/** Saved reports of both realms, and all CDRs as streams for administrators. */
export function reportRoutes(app: App, context: ApiContext): void {
  savedReports(app, context, CUSTOMERS);
  savedReports(app, context, ADMINISTRATORS);
  cdrStreams(app, context);
}

function savedReports(app: App, context: ApiContext, realm: ReportRealm): void {
  const { clock, budgets } = context.gateway;
  const { path, tags, look, change } = realm;
  const find = async (request: FastifyRequest, name: string): Promise<SavedReport> => {
    const report = await viewOf(context, request).cdrs.savedReport(realm.owner(request), name);
    if (report === undefined) throw new ApiError('report_not_found');
    return report;
  };

  app.route({
    method: 'GET',
    url: path,
    config: look,
    schema: { tags, summary: 'Saved reports, by name', response: { 200: SavedReportList } },
    handler: async (request) => ({
      items: (await viewOf(context, request).cdrs.savedReports(realm.owner(request))).map((report) =>
        reportView(request, report),
      ),
    }),
  });

  app.route({
    method: 'PUT',
    url: `${path}/:name`,
    config: change,
    schema: {
      tags,
      summary: 'Save a report under a name, in place of the one that has it',
      params: ReportParams,
      body: SavedReportBody,
      response: { 200: SavedReportView },
    },
    handler: async (request) => {
      const { title, query } = request.body;
      const owner = realm.owner(request);
      if (query.account !== undefined && owner !== null && query.account !== owner) {
        throw new ApiError('request_invalid', 'a report of another account', { pointer: '/query/account' });
      }
      // A question that could not be asked is refused here and not at its first run.
      sumFilter(query);
      const actor = actorOf(request);
      const saved = { name: request.params.name, title, query, changedBy: actor.who, changedAt: clock.now() };
      await viewOf(context, request).cdrs.saveReport(owner, saved, actor);
      return reportView(request, saved);
    },
  });

  app.route({
    method: 'GET',
    url: `${path}/:name`,
    config: look,
    schema: { tags, summary: 'One saved report', params: ReportParams, response: { 200: SavedReportView } },
    handler: async (request) => reportView(request, await find(request, request.params.name)),
  });

  app.route({
    method: 'GET',
    url: `${path}/:name/run`,
    config: look,
    schema: { tags, summary: 'What a saved report tells now', params: ReportParams, response: { 200: CdrSummaryView } },
    handler: async (request) => {
      const { account, ...query } = SavedQuery.parse((await find(request, request.params.name)).query);
      refuseGuess(request, query.prefix);
      const whose = realm.owner(request) ?? queryId('acc', account, '/account');
      const { cdrs } = viewOf(context, request);
      return summaryOf({ cdrs, clock, budgets }, query, realm.timeZone(request), whose, numbersFor(request));
    },
  });

  app.route({
    method: 'DELETE',
    url: `${path}/:name`,
    config: change,
    schema: { tags, summary: 'Remove a saved report', params: ReportParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { name } = request.params;
      const { cdrs } = viewOf(context, request);
      const removed = await cdrs.removeReport(realm.owner(request), name, actorOf(request), clock.now());
      if (!removed) throw new ApiError('report_not_found');
      return reply.status(204).send(null);
    },
  });
}

/** A saved report as its reader may see it: the number that it is about may be somebody's. */
function reportView(
  request: FastifyRequest,
  { name, title, query, changedBy, changedAt }: SavedReport,
): SavedReportView {
  const { number, prefix, ...rest } = SavedQuery.parse(query);
  const shown = masksNumbers(principalOf(request).user.role)
    ? { number: number && maskedNumber(number), prefix: prefix?.replaceAll(/\d/g, '•') }
    : { number, prefix };
  return { name, title, query: { ...rest, ...defined(shown) }, changedBy, changedAt: isoTime(changedAt) };
}

function cdrStreams(app: App, context: ApiContext): void {
  const tags = ['admin'];
  const streamOf = async (
    request: FastifyRequest,
    format: 'csv' | 'jsonl',
    query: z.output<typeof StreamQuery>,
  ): Promise<AsyncIterable<Cdr>> => {
    refuseGuess(request, query.prefix);
    const filter = cdrFilter(query, queryId('acc', query.account, '/account'));
    await noteCdrExport(context, request, format, filter);
    const cdrs = viewOf(context, request).faxes.streamCdrs(filter);
    return masksNumbers(principalOf(request).user.role) ? masked(cdrs) : cdrs;
  };

  app.route({
    method: 'GET',
    url: '/v1/admin/cdrs.csv',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Call detail records of all accounts, or of one, as CSV',
      querystring: StreamQuery,
      produces: ['text/csv'],
    },
    handler: async (request, reply) => {
      const cdrs = await streamOf(request, 'csv', request.query);
      await sendBytes(reply, csv(cdrs), CSV_HEADERS);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/cdrs.jsonl',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Call detail records of all accounts, or of one, as JSON Lines with every field',
      querystring: StreamQuery,
      produces: ['application/jsonl'],
    },
    handler: async (request, reply) => {
      const cdrs = await streamOf(request, 'jsonl', request.query);
      await sendBytes(reply, jsonLines(cdrs), JSON_LINES_HEADERS);
    },
  });
}

async function* masked(cdrs: AsyncIterable<Cdr>): AsyncGenerator<Cdr> {
  for await (const cdr of cdrs) yield maskedCdr(cdr);
}
