import type { Inquired } from '../sip/agent/inquiry.ts';
import { reasonPhrase, unquote } from '../sip/message/index.ts';
import { quoted } from './finding.ts';

/** `403 Forbidden, “…”`: the standard phrase, and what the trunk itself adds in Warning or in the status line. */
export function statusText({ status, response, detail }: Inquired): string {
  const standard = reasonPhrase(status);
  const text = `${status} ${standard}`;
  if (response === null) return `no answer (${detail})`;
  const words = warningText(response.headers.get('warning')) ?? (response.reason === standard ? '' : response.reason);
  return words === '' ? text : `${text}, ${quoted(words)}`;
}

/** The text of a Warning (RFC 3261 §20.43). */
function warningText(value: string | undefined): string | undefined {
  const [, text] = /^[0-9]{3} \S{1,256} ("(?:[^"\\]|\\.){0,256}")/.exec(value ?? '') ?? [];
  return text === undefined ? undefined : unquote(text);
}

/** What a refusal asks the operator to do. @param seen our address as the trunk has it */
export function refusalAdvice(status: number, hasCredentials: boolean, seen: string | null): string {
  const address = seen === null ? 'our address' : `our address, ${seen},`;
  switch (status) {
    case 401:
    case 407:
      return hasCredentials
        ? 'The user name or the password is wrong. Type the password anew; some providers have a user name for this (username) beside the number (user).'
        : 'The trunk wants to be told who we are: set username and password, or have the provider admit our address.';
    case 403:
      return `The trunk refuses us: ask the provider whether ${address} is on its list, whether the account is blocked, and which host it wants in From (fromDomain).`;
    case 404:
    case 604:
      return 'The trunk does not know the address: check user, fromDomain and server.';
    case 405:
    case 501:
      return 'The trunk does not know this method.';
    case 408:
      return 'The trunk took the request and did not answer in time; ask the provider.';
    case 423:
      return 'Raise register.expires.';
    case 480:
    case 500:
    case 502:
    case 503:
    case 504:
    case 580:
      return 'The trunk has a fault of its own; try again, and ask the provider when it lasts.';
    default:
      return 'Ask the provider what this answer means for this account.';
  }
}
