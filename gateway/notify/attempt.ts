import type { LedgerEvent } from '../fax/event.ts';
import { deliveryBody } from './payload.ts';
import type { PostFailure } from './post.ts';
import { sendPost } from './post.ts';
import { parseRetryAfter } from './schedule.ts';
import { signDelivery, type WebhookKey } from './signature.ts';
import type { Resolve, TargetRefusal } from './target.ts';
import { parseEndpointUrl, resolveTarget } from './target.ts';

/** Why an attempt failed; stands in the delivery as `lastError`. */
export type AttemptError = PostFailure | TargetRefusal | 'url_refused' | 'redirect_refused' | 'gone' | 'status';

/** What one attempt came to. */
export interface AttemptResult {
  /** HTTP status; null when none came. */
  readonly status: number | null;
  /** Null when it was delivered. */
  readonly error: AttemptError | null;
  /** Milliseconds that the receiver asked to wait. */
  readonly retryAfter: number | null;
}

/** How attempts are made. */
export interface AttemptSettings {
  readonly allowPrivate: boolean;
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  readonly resolve: Resolve;
  readonly ca: readonly string[] | undefined;
  readonly signingKey: WebhookKey;
}

/** Posts `event` to `url` once. Never throws for anything that the receiver or its name server does. */
export async function attempt(
  target: { readonly url: string; readonly secrets: readonly string[] },
  event: LedgerEvent,
  now: number,
  settings: AttemptSettings,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const url = checkedUrl(target.url, settings.allowPrivate);
  if (url === undefined) return failure('url_refused');
  const address = await resolveTarget(url, settings.resolve, settings.allowPrivate);
  if (typeof address === 'string') return failure(address);
  const body = deliveryBody(event);
  const signed = await signDelivery(event.id, now, body, target.secrets, settings.signingKey);
  const headers = { ...signed, 'content-type': 'application/json', 'user-agent': 'Sealfax-Webhook/1' };
  const { timeout, ca } = settings;
  const posted = await sendPost({ url, address, headers, body, timeout, ca, signal });
  if (posted.status === null) return failure(posted.failure);
  return judge(posted.status, parseRetryAfter(posted.retryAfter, now));
}

/** The rule for stored URLs may have become stricter since they were stored. */
function checkedUrl(text: string, allowPrivate: boolean): URL | undefined {
  try {
    return parseEndpointUrl(text, allowPrivate);
  } catch {
    return undefined;
  }
}

function failure(error: AttemptError): AttemptResult {
  return { status: null, error, retryAfter: null };
}

/** Standard Webhooks: 2xx is success; 410 means never again; a redirect is a failure like any other status. */
function judge(status: number, retryAfter: number | null): AttemptResult {
  if (status >= 200 && status < 300) return { status, error: null, retryAfter: null };
  if (status === 410) return { status, error: 'gone', retryAfter: null };
  if (status >= 300 && status < 400) return { status, error: 'redirect_refused', retryAfter: null };
  return { status, error: 'status', retryAfter };
}
