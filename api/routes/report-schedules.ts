import { z } from 'zod';
import type { UserId } from '../../gateway/fax/ids.ts';
import type { ReportRecipients } from '../../gateway/fax/report-schedule.ts';
import type { ReportOwner } from '../../gateway/ports/cdr-records.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { ReportScheduleBody, ReportScheduleView } from '../schemas/index.ts';
import { reportScheduleView } from '../views/mail-view.ts';
import { actorOf } from './account-lookup.ts';
import { ADMINISTRATORS, CUSTOMERS, ReportParams, type ReportRealm } from './report-realm.ts';

/** When saved reports are mailed, and to whom; of both realms. */
export function reportScheduleRoutes(app: App, context: ApiContext): void {
  scheduleRoutes(app, context, CUSTOMERS, ofCustomers);
  scheduleRoutes(app, context, ADMINISTRATORS, ofAdministrators);
}

type Wish = z.output<typeof ReportScheduleBody>;

/** Who is to get the reports of an owner, as its realm allows. */
type Recipients = (context: ApiContext, wish: Wish, owner: ReportOwner) => Promise<ReportRecipients>;

/** @throws ApiError request_invalid */
const ofCustomers: Recipients = async (_context, { administrators, account = true }) => {
  if (administrators.length === 0 && account) return { administrators: [], account };
  throw new ApiError('request_invalid', "the report of an API user goes to the account's addresses", {
    pointer: administrators.length > 0 ? '/administrators' : '/account',
  });
};

/** @throws ApiError request_invalid, user_unknown */
const ofAdministrators: Recipients = async (context, { administrators, account = false }, owner) => {
  const ids = await Promise.all(administrators.map((id) => readerOf(context, id, owner)));
  if (owner === null && account) {
    throw new ApiError('request_invalid', 'a report over all accounts goes to administrators alone', {
      pointer: '/account',
    });
  }
  if (ids.length > 0 || account) return { administrators: ids, account };
  throw new ApiError('request_invalid', 'nobody would get it', { pointer: '/administrators' });
};

/** Of another account's administrators nothing is known here. @throws ApiError user_unknown */
async function readerOf({ gateway }: ApiContext, text: string, owner: ReportOwner): Promise<UserId> {
  const id = pathId('usr', text, 'user_unknown');
  const user = (await gateway.accounts.accessById(id))?.user;
  const mayRead = user?.realm === 'admin' && (user.scope === null || user.scope === owner);
  if (!mayRead) throw new ApiError('user_unknown', undefined, { pointer: '/administrators' });
  return id;
}

function scheduleRoutes(app: App, context: ApiContext, realm: ReportRealm, recipientsOf: Recipients): void {
  const { mail } = context.gateway;
  const { tags, look, change } = realm;
  const path = `${realm.path}/:name/schedule`;

  const view = async (owner: ReportOwner, name: string): Promise<ReportScheduleView> => {
    const found = await mail.schedule(owner, name);
    if (found === undefined) throw new ApiError('report_schedule_not_found');
    return reportScheduleView(found, await mail.readersOf(found), mail.sends);
  };

  app.route({
    method: 'GET',
    url: path,
    config: look,
    schema: {
      tags,
      summary: 'When a saved report is mailed, and to whom',
      params: ReportParams,
      response: { 200: ReportScheduleView },
    },
    handler: (request) => view(realm.owner(request), request.params.name),
  });

  app.route({
    method: 'PUT',
    url: path,
    config: change,
    schema: {
      tags,
      summary: 'Mail a saved report from now on, each day, week or month',
      params: ReportParams,
      body: ReportScheduleBody,
      response: { 200: ReportScheduleView },
    },
    handler: async (request) => {
      const { every, hour, weekday, day, timeZone = realm.timeZone(request) } = request.body;
      const owner = realm.owner(request);
      const { name } = request.params;
      const recipients = await recipientsOf(context, request.body, owner);
      const schedule = { every, hour, weekday, day, timeZone };
      if (!(await mail.setSchedule(owner, name, { schedule, recipients }, actorOf(request)))) {
        throw new ApiError('report_not_found');
      }
      return view(owner, name);
    },
  });

  app.route({
    method: 'DELETE',
    url: path,
    config: change,
    schema: { tags, summary: 'Mail a saved report no more', params: ReportParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const removed = await mail.removeSchedule(realm.owner(request), request.params.name, actorOf(request));
      if (!removed) throw new ApiError('report_schedule_not_found');
      return reply.status(204).send(null);
    },
  });
}
