import type { Clock } from '../../gateway/ports/clock.ts';
import type { LineTypes } from '../../gateway/ports/line-types.ts';
import { createHttpClient, type HttpClient } from '../http/index.ts';
import type { TwilioLookupConfig } from './config.ts';
import { authorization, lineTypeRequest, readLineType } from './wire.ts';

/** Time for one question, ms; whoever asks waits no longer. */
const TIMEOUT = 5_000;

/** Why nobody answered: an HTTP status, or a fault of the connection; never the number. */
export class LookupFailed extends Error {
  override readonly name = 'LookupFailed';
}

/** Kinds of lines as Twilio Lookup knows them. @param http in place of the one that `config` describes */
export function createTwilioLookup(
  config: TwilioLookupConfig,
  clock: Clock,
  http: HttpClient = clientOf(config, clock),
): LineTypes {
  return {
    name: 'twilio',
    async lookup(number, signal) {
      const result = await http.exchange(lineTypeRequest(number, signal));
      const type = readLineType(result);
      if (type !== undefined) return type;
      throw new LookupFailed(result.ok ? `HTTP ${result.status}` : result.failure);
    },
  };
}

function clientOf({ baseUrl, key, secret }: TwilioLookupConfig, clock: Clock): HttpClient {
  return createHttpClient({ base: baseUrl, clock, headers: authorization(key, secret), timeout: TIMEOUT });
}
