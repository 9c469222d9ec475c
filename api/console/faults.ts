import { ApiProblem, ClientError, SealError } from '../client/browser.ts';

/** A failure in words for the person in front of the page. */
export interface Fault {
  /** One sentence: what is so. */
  readonly text: string;
  /** What to do about it; empty when there is nothing. */
  readonly advice: string;
  /** What is wrong with single fields, by JSON pointer (`/policy/retries`). */
  readonly fields: Readonly<Record<string, string>>;
  /** The session has ended: only a new log-in helps. */
  readonly over: boolean;
}

const ADVICE: Readonly<Record<string, string>> = {
  access_denied:
    'Check user name, password and code. A code works once: wait for the next one. Your address may have to be on the list of the user.',
  busy: 'The gateway has much to do. Try again in a moment.',
  identity_refused:
    'Ask an owner of this gateway. Signing in anew at the provider may help when your groups have changed.',
  provider_silent: 'Try again in a moment, or sign in another way.',
  restore_unconfirmed:
    'This gateway was restored from a backup. Confirm on the page “Host and restore” that it may go on.',
  unreachable: 'Check your network, and whether the gateway runs.',
  timeout: 'Try again in a moment.',
  untrusted_server:
    'Do not enter a password. Ask whoever runs the gateway for its pin again: either it is another gateway, or somebody stands in between.',
  answer_rejected:
    'Try again. If it happens again, somebody may be changing what this page and the gateway say to each other.',
};

/** Any failure of the SDK, or our own, in words. */
export function faultOf(error: unknown): Fault {
  if (error instanceof ApiProblem) return problem(error);
  if (error instanceof ClientError) {
    const over = error.code === 'session_over' || error.code === 'closed';
    const text = error.reason === undefined ? error.message : `${error.message} (${error.reason})`;
    return { text: sentence(text), advice: ADVICE[error.code] ?? '', fields: {}, over };
  }
  if (error instanceof SealError) return { text: sentence(error.message), advice: '', fields: {}, over: false };
  const text = error instanceof Error ? error.message : String(error);
  return { text: sentence(text), advice: 'Load the page again.', fields: {}, over: false };
}

function problem({ code, message, errors }: ApiProblem): Fault {
  const fields = Object.fromEntries(errors.map(({ pointer, detail }) => [pointer, detail]));
  const over = code === 'session_ended' || code === 'login_required';
  return { text: sentence(message), advice: ADVICE[code] ?? '', fields, over };
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
