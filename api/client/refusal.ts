import { ClientError } from './errors.ts';

/**
 * An unsealed answer is a matter of transport, never an answer of the application: nobody signed it. Those of ours say
 * only whether another attempt may help.
 */
export function refusalOf(status: number, retryAfter: string | undefined, body: Uint8Array): ClientError {
  const reason = codeOf(body);
  const wait =
    retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? { retryAfter: Number(retryAfter) * 1_000 } : {};
  const detail = { ...wait, ...(reason === undefined ? {} : { reason }) };
  if (status === 429 || status === 503) return new ClientError('busy', 'the gateway is busy; try again later', detail);
  return new ClientError('transport_rejected', `HTTP status ${status} came instead of a sealed answer`, detail);
}

/** `code` of a problem document; unauthenticated, so only for display. */
function codeOf(body: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : undefined;
    return typeof code === 'string' && /^[a-z_]{1,64}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
