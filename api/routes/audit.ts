import type { AuditLine } from '../../crypto/index.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { defined, momentOf, queryId } from '../fields.ts';
import { AuditList, AuditQuery, AuditSpanQuery } from '../schemas/index.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { auditView } from '../views/account-view.ts';
import { viewOf } from './account-lookup.ts';
import { noteAct } from './audit-entry.ts';

/** Lines are gathered up to this size before they go out. Octets. */
const CHUNK = 32 * 1024;
const tags = ['admin'];

/** The audit log: a look at it, and all of it as a file that can be verified. */
export function auditRoutes(app: App, context: ApiContext): void {
  const { audit } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/audit',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: { tags, summary: 'The audit log, newest first', querystring: AuditQuery, response: { 200: AuditList } },
    handler: async (request) => {
      const { account, before, limit, cursor } = request.query;
      const query = defined({
        account: queryId('acc', account, '/account'),
        before: before === undefined ? undefined : momentOf(before),
        limit,
        cursor,
      });
      const { items, next } = await viewOf(context, request).accounts.auditPage(query);
      return { items: items.map(auditView), next };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/audit.jsonl',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'The audit log with its chain and signed heads, as JSON Lines for `sealfax verify audit`',
      querystring: AuditSpanQuery,
      produces: ['application/jsonl'],
    },
    handler: async (request, reply) => {
      const { since, until } = request.query;
      const span = defined({
        since: since === undefined ? undefined : momentOf(since),
        until: until === undefined ? undefined : momentOf(until),
      });
      const whole = { action: 'audit.export', account: null, object: null };
      await noteAct(context, request, { ...whole, detail: { since: since ?? null, until: until ?? null } });
      await sendBytes(reply, jsonLines(audit.export(span)), {
        'content-type': 'application/jsonl',
        'content-disposition': 'attachment; filename="audit.jsonl"',
      });
    },
  });
}

async function* jsonLines(lines: AsyncIterable<AuditLine>): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const line of lines) {
    text += `${JSON.stringify(line)}\n`;
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
