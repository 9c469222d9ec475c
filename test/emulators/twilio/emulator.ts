import { type Asked, type EmulatorServer, type Reply, startEmulator } from '../http/server.ts';

/** Kinds of lines by number; every other number is `unknown`. A number in `UNAPPROVED` has an error code instead. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['+15550100001', 'landline'],
  ['+15550100002', 'mobile'],
  ['+15550100003', 'fixedVoip'],
  ['+15550100004', 'nonFixedVoip'],
  ['+15550100005', 'tollFree'],
  ['+15550100006', 'aKindOfNextYear'],
]);
const UNAPPROVED = '+15550100007';

/** Twilio Lookup v2 on a port of this machine. */
export function startTwilioLookup(key: string, secret: string): Promise<EmulatorServer> {
  return startEmulator((asked) => answer(asked, `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`));
}

function answer({ method, path, query, headers }: Asked, basic: string): Reply {
  if (headers.authorization !== basic) return problem(401, 20_003);
  const [, number] = /^\/v2\/PhoneNumbers\/([^/]+)$/.exec(decodeURIComponent(path)) ?? [];
  if (method !== 'GET' || number === undefined) return problem(404, 20_404);
  const fields = (query.get('Fields') ?? '').split(',');
  const intelligence = {
    ...{ mobile_country_code: null, mobile_network_code: null, carrier_name: 'Example' },
    type: number === UNAPPROVED ? null : (TYPES.get(number) ?? 'unknown'),
    error_code: number === UNAPPROVED ? 60_601 : null,
  };
  return {
    status: 200,
    json: {
      calling_country_code: '1',
      country_code: 'US',
      phone_number: number,
      national_format: number,
      valid: true,
      validation_errors: [],
      line_type_intelligence: fields.includes('line_type_intelligence') ? intelligence : null,
      url: `https://lookups.twilio.com${path}`,
    },
  };
}

function problem(status: number, code: number): Reply {
  return { status, json: { code, message: 'refused', more_info: '', status } };
}
