import { type App, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { defined, queryId } from '../fields.ts';
import { masksNumbers, numbersFor, refuseGuess } from '../masking.ts';
import { AccountIdText, CdrList, CdrQueryText, CdrSummaryQuery, CdrSummaryView } from '../schemas/index.ts';
import { cdrView, maskedCdr } from '../views/cdr-view.ts';
import { viewOf } from './account-lookup.ts';
import { cdrFilter, summaryOf } from './cdrs.ts';

const tags = ['admin'];

/** Call detail records of all accounts, or of one, and their sums. */
export function cdrAdministrationRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/cdrs',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Call detail records of all accounts, or of one',
      querystring: CdrQueryText.extend({ account: AccountIdText.optional() }),
      response: { 200: CdrList },
    },
    handler: async (request) => {
      const { query } = request;
      refuseGuess(request, query.prefix);
      const filter = cdrFilter(query, queryId('acc', query.account, '/account'));
      const page = await viewOf(context, request).faxes.cdrs(
        defined({ ...filter, limit: query.limit, cursor: query.cursor }),
      );
      const masked = masksNumbers(principalOf(request).user.role);
      return { items: page.items.map((cdr) => cdrView(masked ? maskedCdr(cdr) : cdr)), next: page.next };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/cdrs/summary',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Sums of calls, pages, billable seconds and costs of all accounts, or of one',
      querystring: CdrSummaryQuery.extend({ account: AccountIdText.optional() }),
      response: { 200: CdrSummaryView },
    },
    handler: async (request) => {
      const account = queryId('acc', request.query.account, '/account');
      refuseGuess(request, request.query.prefix);
      const { clock, budgets } = context.gateway;
      const { cdrs } = viewOf(context, request);
      return summaryOf({ cdrs, clock, budgets }, request.query, 'UTC', account, numbersFor(request));
    },
  });
}
